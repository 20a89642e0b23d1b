"""Maps as files and as values: one page, picture or document per address."""

import hashlib
import re
from base64 import b64encode
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from service.answers import ValuesOut
from service.catalogue import Catalogue
from service.conditional import fresh_headers
from service.counts_files import json_bytes
from service.drawing import MEDIA_TYPES, spec_document
from service.problems import PROBLEM_RESPONSES
from service.queries import FormName, ImageQuery, MapId, NarrowedQuery, Situation, ValuesQuery
from service.routes.dependencies import CatalogueDep, DeskDep, SettingsDep, desk_answer
from service.short_way import VALUES, values_asked
from service.tile_desk import BYTES

__all__ = ["router"]

router = APIRouter(tags=["maps"], responses=PROBLEM_RESPONSES)

_SVG_POLICY = "default-src 'none'; img-src data:; sandbox"  # a publisher's logo is such an image
_INLINE_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
_INLINE_SCRIPT = re.compile(rb"<script(?:\s[^>]*)?>(.*?)</script>", re.DOTALL | re.IGNORECASE)


@router.get("/maps/{sid}/{map_id}/legend.svg", operation_id="getLegendSvg", response_class=Response)
def legend_picture(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    catalogue: CatalogueDep,
    query: Annotated[NarrowedQuery, Query()],
) -> Response:
    """The legend alone, as a picture."""
    from maps.legend import legend_svg

    headers = fresh_headers(request, catalogue.edition(sid).id)
    scene = catalogue.scene(catalogue.published(sid), map_id, query.lang, query.narrowing())
    headers["Content-Security-Policy"] = _SVG_POLICY
    return Response(legend_svg(scene), media_type="image/svg+xml", headers=headers)


@router.get("/maps/{sid}/{map_id}/legend.json", operation_id="getLegend", response_class=Response)
def legend(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    catalogue: CatalogueDep,
    query: Annotated[NarrowedQuery, Query()],
) -> Response:
    """The legend alone: classes, colours, sizes and what they mean."""
    from maps.legend import legend_json

    headers = fresh_headers(request, catalogue.edition(sid).id)
    scene = catalogue.scene(catalogue.published(sid), map_id, query.lang, query.narrowing())
    return Response(json_bytes(legend_json(scene)), media_type="application/json", headers=headers)


@router.get("/maps/{sid}/{map_id}/style.json", operation_id="getStyle", response_class=Response)
def style(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    query: Annotated[NarrowedQuery, Query()],
) -> Response:
    """A MapLibre style with the map's own classes and colours, over its tiles."""
    from maps.style import style_json

    headers = fresh_headers(request, catalogue.edition(sid).id)
    published, asked = catalogue.published(sid), query.narrowing()
    scene = catalogue.scene(published, map_id, query.lang, asked)
    document = style_json(
        scene,
        tiles_url=_tiles_url(settings.base_url, sid, map_id, query),
        seen=catalogue.levels(published, map_id, query.lang, asked),
    )
    return Response(json_bytes(document), media_type="application/json", headers=headers)


@router.get(
    "/maps/{sid}/{map_id}/tilejson.json", operation_id="getTileJson", response_class=Response
)
def tile_json(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    query: Annotated[NarrowedQuery, Query()],
) -> Response:
    """TileJSON 3.0: where the map's tiles are, and which attributes they have."""
    from maps.style import tilejson

    headers = fresh_headers(request, catalogue.edition(sid).id)
    published, asked = catalogue.published(sid), query.narrowing()
    scene = catalogue.scene(published, map_id, query.lang, asked)
    document = tilejson(
        scene,
        tiles_url=_tiles_url(settings.base_url, sid, map_id, query),
        seen=catalogue.levels(published, map_id, query.lang, asked),
    )
    return Response(json_bytes(document), media_type="application/json", headers=headers)


@router.get("/maps/{sid}/{map_id}.{form}", operation_id="getMap", response_class=Response)
def map_file(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    form: FormName,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    query: Annotated[ImageQuery, Query()],
) -> Response:
    """A map as one offline page (html), print (pdf), picture (svg, png), spec (json) or alt text (txt)."""
    headers = fresh_headers(request, catalogue.edition(sid).id)
    content = _content(catalogue, sid, map_id, form, query)
    if form == "html":
        headers["Content-Security-Policy"] = _page_policy(content, settings.ancestors)
    elif form == "svg":
        headers["Content-Security-Policy"] = _SVG_POLICY
    name = map_id if query.lang == "en" else f"{map_id}.{query.lang}"
    headers["Content-Disposition"] = f'inline; filename="{name}.{form}"'
    return Response(content, headers={**headers, "Content-Type": MEDIA_TYPES[form]})


@router.get(
    VALUES,
    operation_id="getValues",
    response_model=ValuesOut,
    responses={200: {"content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def values(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    desk: DeskDep,
    query: Annotated[ValuesQuery, Query()],
) -> Response:
    """The values of a map alone, to join to its geometry in the browser by `pcode`.

    As `columns` they come in the order of the situation's units of the level, without codes and
    names, with the legend, the words and the tables of the map; a part of them (`parent`, `bbox`,
    `first`) has its places, and the rest is said once by `head`. As `binary` they are `SMV2`, exact
    and small: the number of units (uint32), four letters that say how places, values, counts and
    bases are written (`B` `H` `I` unsigned and `b` `h` `i` signed whole numbers of 1, 2, 4 bytes,
    `d` float64, `-` left out, `*` not sent), `per` (uint32), a name of the bases (8 bytes), the
    states as text with its length (uint16) before it, then column after column, of each the lowest
    bytes of all units first: 16 * state + class + 1 (uint8), the places as differences, values,
    counts and bases. Values left out are count / base * per; counts left out are the values.
    Little-endian. `docs/values.md` has a reader.
    """
    asked = values_asked(sid, map_id, query)
    return await desk_answer(desk, request, asked)


@router.get(
    "/api/situations/{sid}/values/{map_id}/marks",
    operation_id="getMarks",
    response_class=Response,
)
def marks(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    catalogue: CatalogueDep,
    query: Annotated[NarrowedQuery, Query()],
) -> Response:
    """What a map places rather than counts: names, and its flows as bands for each zoom.

    `wider` has what stands for it below some zooms: circles and bands of wider units.
    """
    from maps.web_columns import scene_marks
    from maps.web_wider import wider_marks

    headers = fresh_headers(request, catalogue.edition(sid).id)
    asked = query.narrowing()
    published = catalogue.published(sid)
    key = ("marks", published.edition.id, map_id, query.lang, asked)

    def made() -> bytes:
        scene = catalogue.scene(published, map_id, query.lang, asked)
        seen = catalogue.levels(published, map_id, query.lang, asked)
        return json_bytes({**scene_marks(scene), "wider": wider_marks(scene, seen)})

    content = catalogue.files.get(key, made)
    return Response(content, media_type="application/json", headers=headers)


def _content(catalogue: Catalogue, sid: str, map_id: str, form: str, query: ImageQuery) -> bytes:
    published = catalogue.published(sid)
    if form == "json":
        return json_bytes(spec_document(published.map(map_id)))
    return catalogue.drawn(
        published,
        map_id,
        form,
        lang=query.lang,
        paper=query.paper,
        width=query.width if form == "png" else None,
        asked=query.narrowing(),
    )


def _page_policy(page: bytes, ancestors: str) -> str:
    """Return a policy that lets the page's own scripts and styles work, and no others, by hash."""

    def hashes(inline: re.Pattern[bytes]) -> str:
        found = {
            f"'sha256-{b64encode(hashlib.sha256(text).digest()).decode()}'"
            for text in inline.findall(page)
        }
        return " ".join(sorted(found)) or "'none'"

    return (
        f"default-src 'none'; script-src {hashes(_INLINE_SCRIPT)}; "
        f"style-src {hashes(_INLINE_STYLE)}; img-src data:; font-src data:; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors {ancestors}"
    )


def _tiles_url(base: str, sid: str, map_id: str, query: NarrowedQuery) -> str:
    """Return the address of the map's tiles, with what was asked of this document."""
    asked = query.model_dump(mode="json", exclude_defaults=True)
    words = f"?{urlencode(asked)}" if asked else ""
    return f"{base}/tiles/maps/{sid}/{map_id}/{{z}}/{{x}}/{{y}}.mvt{words}"
