"""Entity tags from versions: whoever has the answer already gets 304 before any work is done."""

import hashlib
import re
from functools import lru_cache

from fastapi import Request, Response

from service.errors import BadMatchHeader
from service.languages import is_negotiated, spoken_language
from service.version import sitmap_version
from service.weights import coding_of

__all__ = [
    "IMMUTABLE",
    "REVALIDATE",
    "NotModified",
    "entity_tag",
    "fresh_headers",
    "is_known",
    "not_modified_answer",
]

REVALIDATE = "public, no-cache"  # keep it, and ask each time whether it is still current
IMMUTABLE = "public, max-age=31536000, immutable"

# RFC 9110, 8.8.3 and 13.1.2: * or a list of tags, weak ones too; empty elements are allowed
_ONE_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"[ \t]*(?:\*|(?:,[ \t]*)*{_ONE_TAG}(?:[ \t]*,[ \t]*(?:{_ONE_TAG})?)*)[ \t]*")
_TAG = re.compile(r'"[^"]*"')


class NotModified(Exception):
    """The reader has the current answer."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers
        super().__init__("not modified")


def entity_tag(*facts: str) -> str:
    """Return a strong tag of everything an answer's bytes depend on."""
    digest = hashlib.sha256("\0".join((_program(), *facts)).encode())
    return f'"{digest.hexdigest()[:24]}"'


@lru_cache(maxsize=1)
def _program() -> str:
    return sitmap_version()


def is_known(if_none_match: str, tag: str) -> bool:
    """Whether a reader says that it has what ``tag`` stands for; raises `BadMatchHeader`.

    Weak tags match too (RFC 9110, 13.1.2): proxies that pack answers make ours weak.
    """
    if not if_none_match:
        return False
    if not _TAGS.fullmatch(if_none_match):
        raise BadMatchHeader()
    return if_none_match.strip() == "*" or tag in _TAG.findall(if_none_match)


def fresh_headers(request: Request, *versions: str, cache: str = REVALIDATE) -> dict[str, str]:
    """Return the caching headers of an answer; raises `NotModified` where the reader has it.

    ``versions`` name everything the answer is made from besides its address (an edition's id, a
    vintage's content). The content coding and the language are part of the tag, because a strong
    tag stands for exact bytes. Raises `BadMatchHeader`.
    """
    coding = coding_of(request.headers.get("accept-encoding", ""))
    path, vary = request.url.path, "Accept-Encoding"
    facts = [coding, path, repr(sorted(request.query_params.multi_items())), *versions]
    headers = {}
    if is_negotiated(path):
        language = request.query_params.get("lang", spoken_language())
        facts += [language, request.headers.get("accept", "")]
        vary = "Accept, Accept-Encoding, Accept-Language"
        headers["Content-Language"] = language
    tag = entity_tag(*facts)
    headers |= {"ETag": tag, "Cache-Control": cache, "Vary": vary}
    if is_known(request.headers.get("if-none-match", ""), tag):
        raise NotModified(headers)
    return headers


def not_modified_answer(_request: Request, known: Exception) -> Response:
    """Answer 304 with the headers the full answer would have."""
    assert isinstance(known, NotModified)  # noqa: S101 - registered for this class only
    return Response(status_code=304, headers=known.headers)
