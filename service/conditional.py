"""Entity tags from versions: whoever has the answer already gets 304 before any work is done."""

import hashlib

from fastapi import Request, Response

from service.version import sitmap_version

__all__ = ["IMMUTABLE", "REVALIDATE", "NotModified", "fresh_headers", "not_modified_answer"]

REVALIDATE = "public, no-cache"  # keep it, and ask each time whether it is still current
IMMUTABLE = "public, max-age=31536000, immutable"


class NotModified(Exception):
    """The reader has the current answer."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers
        super().__init__("not modified")


def fresh_headers(request: Request, *versions: str, cache: str = REVALIDATE) -> dict[str, str]:
    """Return the caching headers of an answer; raises `NotModified` where the reader has it.

    ``versions`` name everything the answer is made from besides its address (an edition's id, a
    vintage's content). The content coding is part of the tag, because a strong tag stands for
    exact bytes.
    """
    coding = "gzip" if "gzip" in request.headers.get("accept-encoding", "") else "identity"
    query = sorted(request.query_params.multi_items())
    facts = (sitmap_version(), coding, request.url.path, repr(query), *versions)
    tag = f'"{hashlib.sha256(chr(0).join(facts).encode()).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Cache-Control": cache, "Vary": "Accept-Encoding"}
    known = {each.strip() for each in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        raise NotModified(headers)
    return headers


def not_modified_answer(_request: Request, known: Exception) -> Response:
    """Answer 304 with the headers the full answer would have."""
    assert isinstance(known, NotModified)  # noqa: S101 - registered for this class only
    return Response(status_code=304, headers=known.headers)
