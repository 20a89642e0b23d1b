"""Whether a place is still called the same. To be asked of places known to be one, not to find places."""

from typing import Any, Literal

from boundaries.names import normalise_name
from boundaries.units import LANGUAGES

__all__ = ["Naming", "name_keys", "same_name"]

Naming = Literal["same", "respelled", "renamed"]

_SPELLING_RATIO = 80.0  # of two keys of one place, 0 to 100 as `rapidfuzz` counts


def name_keys(unit: Any) -> frozenset[str]:
    """Return the keys of all names of a unit (a row of ``UNIT_COLUMNS``), in any language."""
    written = [unit["name"], *(unit[f"name_{lang}"] for lang in LANGUAGES)]
    written += str(unit["aliases"]).split("|")
    return frozenset(filter(None, (normalise_name(str(name)) for name in written)))


def same_name(one: frozenset[str], other: frozenset[str]) -> Naming:
    """Return whether two sets of name keys hold one name, one in two spellings, or two names.

    A spelling is taken for another one of the same name where the place is known to be the same;
    it is no ground for matching names at large.

    >>> same_name(frozenset({"baroueli"}), frozenset({"baraoueli"}))
    'respelled'
    >>> same_name(frozenset({"kita commune"}), frozenset({"kita"}))
    'respelled'
    """
    if one & other or not one or not other:
        return "same"
    for mine in one:
        for theirs in other:
            contained = set(mine.split()) <= set(theirs.split()) or set(theirs.split()) <= set(
                mine.split()
            )
            if contained or _likeness(mine, theirs) >= _SPELLING_RATIO:
                return "respelled"
    return "renamed"


def _likeness(one: str, other: str) -> float:
    from rapidfuzz import fuzz

    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))
