"""Rows in pages: so many from so far on, and the addresses of the pages beside it (RFC 8288).

Addresses are written anew from the parameters that were understood, on the public address of the
settings: nothing of a request is repeated as it came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from service.errors import LimitExceeded
from service.queries import PagedQuery

__all__ = ["MOST_ROWS", "Page", "link_header", "page_of"]

MOST_ROWS = 10_000
"""Rows of one answer at most."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows ``first`` to ``first + size`` (exclusive) of what there is."""

    first: int
    size: int

    def of(self, rows: Sequence[R]) -> Sequence[R]:
        """Return the page's rows."""
        return rows[self.first : self.first + self.size]


def page_of(query: PagedQuery, *, most: int = MOST_ROWS) -> Page:
    """Return the page asked for; raises `LimitExceeded` where it is larger than ``most`` rows."""
    if query.limit is not None and query.limit > most:
        raise LimitExceeded(
            "rows", limit=most, todo="Ask for fewer, and for the next page.", known=[str(most)]
        )
    return Page(query.offset, query.limit or most)


def link_header(path: str, query: PagedQuery, page: Page, rows: int) -> str:
    """Return the header ``Link`` to the pages before and after; "" where one page holds all.

    ``rows`` counts what there is. ``path`` starts with the public address, or with "/".
    """
    links = []
    if page.first > 0:
        links.append((max(0, page.first - page.size), "prev"))
    if page.first + page.size < rows:
        links.append((page.first + page.size, "next"))
    if not links:
        return ""
    asked = query.model_dump(mode="json", exclude_unset=True, exclude={"limit", "offset"})
    words = {name: value for name, value in asked.items() if value is not None}
    return ", ".join(
        f'<{path}?{urlencode({**words, "limit": page.size, "offset": first})}>; rel="{relation}"'
        for first, relation in links
    )
