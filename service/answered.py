"""A finished answer with its headers, in the two ways servers want them. Made once, sent many times.

Both lists hold the same: what an answer says of itself, and what every answer of this service says.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from service.middleware import ANYONE, EVERYWHERE

__all__ = ["Answered"]

_ALWAYS = [
    (name.lower().encode(), value.encode()) for name, value in {**EVERYWHERE, **ANYONE}.items()
]
_STATUS = {200: b"HTTP/1.1 200 OK\r\n", 304: b"HTTP/1.1 304 Not Modified\r\n"}
_OVERHEAD = 1500  # bytes of an answer that are not its body: objects, and headers written twice


@dataclass(frozen=True, eq=False)
class Answered:
    """An answer; ``status`` is 200 or 304. ``at_hand`` is False where it had to be made first.

    ``language``, ``link`` (RFC 8288) and ``file_name`` are "" where nothing is said of them.
    """

    status: int
    tag: str
    cache: str
    media_type: str
    coding: str = "identity"
    body: bytes = b""
    at_hand: bool = True
    vary: str = "Accept-Encoding"
    language: str = ""
    link: str = ""
    file_name: str = ""

    @property
    def size(self) -> int:
        """About how many bytes it takes to keep."""
        return len(self.body) + _OVERHEAD

    @cached_property
    def own_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of this answer alone."""
        headers = [(b"etag", self.tag.encode()), (b"cache-control", self.cache.encode())]
        if self.language:
            headers.append((b"content-language", self.language.encode()))
        if self.status == 200:
            headers += [
                (b"content-type", self.media_type.encode()),
                (b"content-length", b"%d" % len(self.body)),
            ]
            if self.coding != "identity":
                headers.append((b"content-encoding", self.coding.encode()))
            if self.link:
                headers.append((b"link", self.link.encode("latin-1")))
            if self.file_name:
                named = f'attachment; filename="{self.file_name}"'
                headers.append((b"content-disposition", named.encode("latin-1")))
        return headers

    @cached_property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """All headers."""
        return [*self.own_headers, (b"vary", self.vary.encode()), *_ALWAYS]

    @cached_property
    def head(self) -> bytes:
        """The status line and all headers as HTTP/1.1 writes them, without the empty line after."""
        return _STATUS[self.status] + b"".join(
            [name + b": " + value + b"\r\n" for name, value in self.headers]
        )

    @cached_property
    def unchanged(self) -> "Answered":
        """What is answered to a reader who has this already."""
        return replace(self, status=304, coding="identity", body=b"", at_hand=True)
