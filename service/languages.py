"""The language of an answer: `lang` in the address, else what the reader's program prefers, else English.

A reader's preference counts for documents of `/api/` alone. Maps, tiles and the values of maps are
in English unless their address says otherwise, so that one address is one picture for everybody.
"""

from contextvars import ContextVar
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from maps.spec import LANGUAGES
from service.weights import weighted

__all__ = ["Spoken", "is_negotiated", "preferred_language", "spoken_language"]

_spoken: ContextVar[str] = ContextVar("spoken", default="en")


def spoken_language() -> str:
    """Return the language of answers whose address names none."""
    return _spoken.get()


def is_negotiated(path: str) -> bool:
    """Whether the answers of an address follow the reader's preference."""
    return path.startswith("/api/") and "/values/" not in path


@lru_cache(maxsize=256)
def preferred_language(accepted: str) -> str:
    """Return the first of our languages in an ``Accept-Language``; English where there is none.

    >>> preferred_language("fr-CH, fr;q=0.9, en;q=0.8"), preferred_language("de, *;q=0.1")
    ('fr', 'en')
    """
    for tag, weight in weighted(accepted):
        language = tag.partition("-")[0]
        if weight > 0 and language in LANGUAGES:
            return language
    return "en"


class Spoken:
    """Set the language of every answer that follows the reader's preference."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""
        if scope["type"] != "http" or not is_negotiated(scope["path"]):
            await self.app(scope, receive, send)
            return
        token = _spoken.set(preferred_language(Headers(scope=scope).get("accept-language", "")))
        try:
            await self.app(scope, receive, send)
        finally:
            _spoken.reset(token)
