"""oEmbed 1.0: a portal that is given a map's address asks here what to put into its page."""

import re
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from maps.spec import text_in
from service.conditional import fresh_headers
from service.counts_files import json_bytes
from service.embedding import embed_snippet
from service.errors import NoPublicAddress, NotOurAddress
from service.explorer_page import read_address
from service.narrowing import AS_PUBLISHED
from service.problems import PROBLEM_RESPONSES
from service.queries import NoQuery
from service.routes.dependencies import CatalogueDep, SettingsDep

__all__ = ["router"]

router = APIRouter(tags=["maps"], responses=PROBLEM_RESPONSES)

_OURS = re.compile(
    r"/(?:(?:view|embed)/([a-z0-9-]{1,64})/([a-z0-9-]{1,64})"
    r"|maps/([a-z0-9-]{1,64})/([a-z0-9-]{1,64})\.html)"
)
_WIDTH, _HEIGHT = 960, 640
_SMALLEST = 200
_PICTURE = 1.414  # of a printed page: width by height


class OEmbedQuery(NoQuery):
    """What a consumer of oEmbed sends."""

    url: Annotated[str, Field(max_length=2000, description="A map's address, as one copies it.")]
    maxwidth: int = Field(default=_WIDTH, ge=1, le=10_000, description="Pixels.")
    maxheight: int = Field(default=_HEIGHT, ge=1, le=10_000, description="Pixels.")
    format: Literal["json"] = "json"


@router.get("/oembed", operation_id="getOEmbed", response_class=Response)
def oembed(
    request: Request,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    query: Annotated[OEmbedQuery, Query()],
) -> Response:
    """What to put into a page for a map's address: an iframe, and a picture of it as a fallback."""
    if not settings.base_url:
        raise NoPublicAddress
    sid, map_id, words = _ours(query.url, settings.base_url)
    edition = catalogue.edition(sid)
    headers = fresh_headers(request, edition.id)
    published = catalogue.published(sid)
    spec = published.map(map_id)
    asked = read_address(published, map_id, dict(words))
    kept = urlencode([(key, value) for key, value in words if not asked.missed])
    narrowing = asked.narrowing
    scene = catalogue.scene(published, map_id, asked.lang, narrowing)
    title = f"{text_in(spec.title, asked.lang) if narrowing == AS_PUBLISHED else scene.title}"
    width = min(max(query.maxwidth, _SMALLEST), _WIDTH)
    height = min(max(query.maxheight, _SMALLEST), _HEIGHT)
    shown = min(width, 720)
    picture = {
        key: value for key, value in words if key not in ("place", "inside", "compare", "at")
    }
    picture_words = urlencode({**(picture if not asked.missed else {}), "width": shown})
    document: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": f"{title} ({scene.as_of})",
        "provider_name": text_in(published.released.title, asked.lang),
        "provider_url": f"{settings.base_url}/",
        "cache_age": 3600,
        "width": width,
        "height": height,
        "html": embed_snippet(
            settings.base_url, f"{sid}/{map_id}", f"?{kept}" if kept else "", scene.title, height
        ),
        "thumbnail_url": f"{settings.base_url}/maps/{sid}/{map_id}.png?{picture_words}",
        "thumbnail_width": shown,
        "thumbnail_height": round(shown / _PICTURE),
    }
    return Response(json_bytes(document), media_type="application/json", headers=headers)


def _ours(url: str, base: str) -> tuple[str, str, list[tuple[str, str]]]:
    """Return situation, map and query of an address of ours; raises `NotOurAddress`."""
    try:
        parts, own = urlsplit(url), urlsplit(base)
    except ValueError:
        raise NotOurAddress from None
    found = _OURS.fullmatch(parts.path.removeprefix(own.path))
    if found is None or (parts.scheme, parts.netloc) not in {
        (own.scheme, own.netloc),
        ("https", own.netloc),
    }:
        raise NotOurAddress
    sid, map_id = [part for part in found.groups() if part]
    return sid, map_id, parse_qsl(parts.query, max_num_fields=20)
