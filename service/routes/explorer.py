"""The explorer page. Its form works without scripts, its picture and tables are there without WebGL."""

from importlib.resources import files
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from service.catalogue import Catalogue
from service.conditional import REVALIDATE
from service.embedding import embed_snippet
from service.explorer_page import Asked, explorer_document, read_address
from service.page_templates import PagePolicy, data_block, page_answer
from service.queries import MapId, NoQuery, Situation
from service.routes.dependencies import CatalogueDep, SettingsDep
from service.settings import Settings
from service.words import page_words

__all__ = ["map_page", "router"]

router = APIRouter(tags=["maps"])

_FIRST_ROWS = 500  # of a table, before a link to all: scripts make their own, and a page of 60,000 rows is no page


@router.get("/view/offline.js", include_in_schema=False)
def offline(_query: Annotated[NoQuery, Query()]) -> Response:
    """The worker that keeps what the explorer fetched, for when the server does not answer."""
    content = files("service").joinpath("assets", "offline.js").read_bytes()
    headers = {
        "Cache-Control": REVALIDATE,
        "Content-Type": "text/javascript; charset=utf-8",
        "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
    }
    return Response(content, headers=headers)


@router.get("/view/{sid}/{map_id}", operation_id="getExplorer", response_class=HTMLResponse)
def explorer(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    catalogue: CatalogueDep,
    settings: SettingsDep,
) -> Response:
    """A map to explore: other groups, days and levels, places one by one, two days side by side.

    Takes the filters of the API (`show, group, measure, date, level, origin, lang`) and `place`,
    `inside`, `compare`, `at`. What the map does not have falls back to what it has, and says so.
    """
    return map_page(request, catalogue, settings, sid, map_id, embedded=False)


def map_page(
    request: Request,
    catalogue: Catalogue,
    settings: Settings,
    sid: str,
    map_id: str,
    *,
    embedded: bool,
) -> Response:
    """Answer the page of a map, for a window of its own or for a frame."""
    published = catalogue.published(sid)
    asked = read_address(published, map_id, request.query_params)
    scene = catalogue.scene(published, map_id, asked.lang, asked.narrowing)
    document = explorer_document(published, map_id, asked, embedded=embedded)
    policy = PagePolicy.fresh(settings.ancestors if embedded else "'none'")
    return page_answer(
        "map.html",
        policy,
        scene=scene,
        document=document,
        data=data_block(document),
        asked=asked,
        words=page_words(asked.lang),
        snippet=embed_snippet(settings.base_url, f"{sid}/{map_id}", "__QUERY__", scene.title, 560),
        base=settings.base_url,
        query=_query(asked),
        address=f"{sid}/{map_id}",
        embedded=embedded,
        first_rows=_FIRST_ROWS,
    )


def _query(asked: Asked) -> str:
    """Return the part of an address that asks the API for the same map."""
    narrowing = asked.narrowing
    parts: dict[str, Any] = {
        "show": narrowing.show,
        "group": narrowing.group,
        "measure": narrowing.measure,
        "date": narrowing.date and narrowing.date.isoformat(),
        "level": narrowing.level,
        "origin": narrowing.origin,
        "lang": asked.lang if asked.lang != "en" else None,
    }
    words = urlencode({key: value for key, value in parts.items() if value is not None})
    return f"?{words}" if words else ""
