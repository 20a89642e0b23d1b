"""What holds for every answer: HEAD works like GET, nothing is sniffed, nothing runs by default."""

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import UnknownHost
from service.problems import problem_answer

__all__ = [
    "ANYONE",
    "EVERYWHERE",
    "HeadAsGet",
    "OpenToAnyone",
    "SafeHeaders",
    "TrustedHosts",
    "is_named",
    "is_trusted",
]

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",  # portals may show our pictures
    "X-Permitted-Cross-Domain-Policies": "none",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}
"""Headers of every answer that does not bring its own."""


class SafeHeaders:
    """Add safe headers to every answer that does not bring its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, adding headers as the answer starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in EVERYWHERE.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


ANYONE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Content-Language, Retry-After",
}
"""What lets every page read our answers; the same whoever asks, so that caches may share them."""

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class OpenToAnyone:
    """Let every page read every answer, and answer browsers that ask first."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, adding headers as the answer starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and "access-control-request-method" in Headers(scope=scope):
            await Response(status_code=204, headers=ANYONE | _PREFLIGHT)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(ANYONE)
            await send(message)

        await self.app(scope, receive, with_headers)


class TrustedHosts:
    """Refuse requests that were sent to another name than the service's own, before any work."""

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str]) -> None:
        self.app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is meant for us. Without hosts, everything is."""
        if scope["type"] == "http" and not is_trusted(scope, self._hosts):
            await problem_answer(UnknownHost())(scope, receive, send)
            return
        await self.app(scope, receive, send)


def is_trusted(scope: Scope, hosts: frozenset[str]) -> bool:
    """Whether a request was sent to one of the names in ``hosts`` (lower case); to any if there are none."""
    return not hosts or is_named(Headers(scope=scope).get("host", ""), hosts)


def is_named(host: str, hosts: frozenset[str]) -> bool:
    """Whether the ``Host`` of a request, with or without a port, is one of ``hosts``."""
    if not hosts:
        return True
    named = host.rpartition(":")
    return (named[0] if named[1] and named[2].isdigit() else "".join(named)).lower() in hosts


class HeadAsGet:
    """Answer HEAD as GET would be answered, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; for HEAD the body is dropped, its headers stay."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, without_body)
