"""Answers packed as their reader likes best: brotli, gzip, or as they are. Pictures are packed already.

The coding is chosen by the function that entity tags ask (`service.weights.coding_of`), because a
strong tag stands for exact bytes.
"""

import zlib
from importlib import import_module

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.weights import coding_of

__all__ = ["PACKED_FROM", "Packed", "packed"]

PACKED_FROM = 600
"""Bytes below which packing costs more than it saves."""
_BROTLI_QUALITY = 5  # as fast as gzip at 6, and smaller
_TEXTS = ("text/", "application/json", "application/geo+json", "application/problem+json",
          "application/vnd.oai.openapi", "application/schema+json", "application/javascript",
          "application/octet-stream", "image/svg+xml")  # fmt: skip


def packed(content: bytes, coding: str) -> bytes:
    """Return ``content`` in a coding ("br", "gzip"); the same content gives the same bytes."""
    if coding == "br":
        brotli = import_module("brotli")  # of brotli-asgi
        small: bytes = brotli.compress(content, quality=_BROTLI_QUALITY)
        return small
    packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packer.compress(content) + packer.flush()


class Packed:
    """Pack answers that come in one piece; whatever is streamed or packed already passes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, holding the start of an answer back until its body is there."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        coding = coding_of(Headers(scope=scope).get("accept-encoding", ""))
        start: Message | None = None

        async def in_coding(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                if not message.get("more_body") and _is_worth_it(start, message):
                    message = {**message, "body": packed(message["body"], coding)}
                    headers = MutableHeaders(raw=start["headers"])
                    headers["Content-Encoding"] = coding
                    headers["Content-Length"] = str(len(message["body"]))
                    headers.add_vary_header("Accept-Encoding")
                await send(start)
                start = None
            await send(message)

        await self.app(scope, receive, send if coding == "identity" else in_coding)


def _is_worth_it(start: Message, message: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return (
        len(message.get("body", b"")) >= PACKED_FROM
        and "content-encoding" not in headers
        and headers.get("content-type", "").startswith(_TEXTS)
    )
