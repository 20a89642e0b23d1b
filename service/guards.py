"""What every request passes on its way to the routes: limits first, and a count of what was answered."""

import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from boundaries.errors import SitmapError
from service.errors import AddressTooLong, Busy, TooLarge
from service.metrics import Metrics
from service.problems import problem_answer

__all__ = ["MOST_AT_ONCE", "MOST_BYTES", "MOST_IN_ADDRESS", "Counted", "Limited"]

MOST_IN_ADDRESS = 8_000  # bytes of path and query
MOST_BYTES = 64_000  # of a body that nothing here reads
MOST_AT_ONCE = 512  # requests begun and not answered, tiles not counted
_ALWAYS = ("/healthz", "/readyz", "/metrics")  # answered however busy the service is


class Limited:
    """Refuse what is too large or too much, before any work is done."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within the limits."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refused = self._refused(scope)
        if refused is not None:
            await problem_answer(refused)(scope, receive, send)
            return
        self._now += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._now -= 1

    def _refused(self, scope: Scope) -> SitmapError | None:
        if len(scope["path"]) + len(scope.get("query_string", b"")) > MOST_IN_ADDRESS:
            return AddressTooLong(limit=MOST_IN_ADDRESS)
        length = Headers(scope=scope).get("content-length", "0")
        if not (length.isascii() and length.isdigit() and int(length[:12]) <= MOST_BYTES):
            return TooLarge(limit=MOST_BYTES)
        if self._now >= MOST_AT_ONCE and scope["path"] not in _ALWAYS:
            return Busy(waiting=MOST_AT_ONCE)
        return None


class Counted:
    """Count every answer under the template of its route."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, noting status and time."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.answered(route, status, time.perf_counter() - begun)
