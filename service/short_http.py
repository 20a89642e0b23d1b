"""HTTP for uvicorn that sends what is at hand as it comes in: no task, no thread, nothing parsed twice.

A request that arrives whole, on its own, and says nothing unusual is looked up and answered where
its bytes come in. Every other goes to uvicorn's own reading of HTTP and so to the application;
who asks cannot tell the two apart. The rules by which a request is taken are narrow on purpose: what
two programs might read differently is never taken.

uvicorn waits for a request's end as long as it takes, and reads as much as comes. Here a request has
`SLOWEST` seconds and `MOST_OF_HEAD` bytes of headers.
"""

import asyncio
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from service.counts_desk import Said
from service.middleware import is_named
from service.short_way import ShortWay

__all__ = ["MOST_OF_HEAD", "SLOWEST", "ShortHttp"]

SLOWEST = 30.0
"""Seconds a request may take to come in."""
MOST_OF_HEAD = 32_000
"""Bytes of a request before its body."""

_LONGEST = 4000  # bytes of a request that is taken
_FIRST_LINE = re.compile(rb"GET (/(?:tiles|api)/[\x21\x22\x24-\x7e]*) HTTP/1\.1")
_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\t\x80-\xff]*)")
_CHANGE_THE_MESSAGE = frozenset(
    (b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"te", b"trailer", b"range")
)  # a body, or another answer than the plain one
_SAID_ONCE = frozenset(
    (b"host", b"accept", b"accept-encoding", b"accept-language", b"if-none-match", b"connection")
)


@dataclass(frozen=True, slots=True)
class _Reader:
    """What the headers of a request say that its answer depends on."""

    host: str
    said: Said


class ShortHttp(HttpToolsProtocol):
    """One connection. Serves an application that has a `ShortWay` at ``state.short_way``."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._short: ShortWay = config.loaded_app.state.short_way
        self._hosts = self._short.hosts
        self._between = True  # no request has begun to come in
        self._in_head = False
        self._taken = 0  # bytes of it
        self._begun = self._heard = 0.0
        self._dated: tuple[object, bytes] = (None, b"")

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a first request, but not for ever."""
        super().connection_made(transport)
        self._begun = self._heard = self.loop.time()
        self._wait(SLOWEST)

    def data_received(self, data: bytes) -> None:
        """Answer a request at once, or read it as uvicorn does."""
        if self._between and data.startswith(b"GET /") and self._answered(data):
            return
        super().data_received(data)
        if self._between or self.transport.is_closing():
            return
        self._taken += len(data)
        if self._in_head and self._taken > MOST_OF_HEAD:
            self.send_400_response("The request's headers are too long.")
        else:
            self._wait(self._begun + SLOWEST - self.loop.time())

    def _answered(self, data: bytes) -> bool:
        cycle = self.cycle
        if (cycle is not None and not cycle.response_complete) or self.flow.write_paused:
            return False  # answers leave in the order of their requests
        first, _, rest = data.partition(b"\r\n")
        if len(data) > _LONGEST or not rest.endswith(b"\r\n\r\n"):
            return False
        target, reader = _target(first), _reader(rest)
        if target is None or reader is None or not is_named(reader.host, self._hosts):
            return False
        answered = self._short.at_hand(target, reader.said)
        if answered is None:
            return False
        self._heard = self.loop.time()
        self.server_state.total_requests += 1
        self.transport.writelines((answered.head, self._default_headers(), answered.body))
        return True

    def _default_headers(self) -> bytes:
        """Return what uvicorn puts into every answer (the date), and the empty line after it."""
        headers = self.server_state.default_headers  # another list every second
        if self._dated[0] is not headers:
            lines = [name + b": " + value + b"\r\n" for name, value in headers]
            self._dated = headers, b"".join(lines) + b"\r\n"
        return self._dated[1]

    # -- where uvicorn's own reading is -------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Note that a request is coming in."""
        super().on_message_begin()
        self._between, self._in_head, self._taken = False, True, 0
        self._begun = self.loop.time()

    def on_headers_complete(self) -> None:
        """Note that what comes now is a body."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the request is there."""
        super().on_message_complete()
        self._between = True

    def _wait(self, seconds: float) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            max(seconds, 0.0), self.timeout_keep_alive_handler
        )

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing was asked for long, or that asks too slowly."""
        left = self._heard + self.timeout_keep_alive - self.loop.time()
        if self._between and left > 0:
            self._wait(left)
        else:
            super().timeout_keep_alive_handler()


@lru_cache(maxsize=8192)
def _target(line: bytes) -> bytes | None:
    found = _FIRST_LINE.fullmatch(line)
    return found and found[1]


@lru_cache(maxsize=8192)
def _reader(lines: bytes) -> _Reader | None:
    """Return what headers say; None where they are anything but plain ones of a GET."""
    said: dict[bytes, str] = {}
    for line in lines[:-4].split(b"\r\n"):
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        name = found[1].lower()
        if name in _CHANGE_THE_MESSAGE or (name in _SAID_ONCE and name in said):
            return None
        said[name] = found[2].strip(b" \t").decode("latin-1")
    if b"host" not in said or said.get(b"connection", "keep-alive").lower() != "keep-alive":
        return None
    names = (b"accept", b"accept-encoding", b"accept-language", b"if-none-match")
    return _Reader(said[b"host"], Said(*(said.get(name, "") for name in names)))
