"""The words of the pages round a map, in all languages; the map's own words come from ``maps``."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

__all__ = ["LANGUAGE_NAMES", "page_words"]

LANGUAGE_NAMES = {"en": "English", "fr": "Français", "es": "Español", "ar": "العربية"}
"""Each language by its own name."""


@cache
def page_words(lang: str) -> Mapping[str, str]:
    """Return the words of one language.

    >>> page_words("en")["legend"], page_words("fr")["legend"]
    ('Legend', 'Légende')
    """
    text = files("service").joinpath("locales", f"{lang}.json").read_text(encoding="utf-8")
    words: dict[str, str] = json.loads(text)
    return words
