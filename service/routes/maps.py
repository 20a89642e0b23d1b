"""Maps as files and as values: one page, picture or document per address."""

import hashlib
import re
from base64 import b64encode
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from maps.scene import Scene
from maps.spec import MapSpec
from service.answers import ValuesOut
from service.catalogue import Catalogue
from service.conditional import fresh_headers
from service.counts_files import json_bytes
from service.documents import columns_document, places_within, values_document
from service.drawing import MEDIA_TYPES, spec_document
from service.narrowing import narrowed
from service.problems import PROBLEM_RESPONSES
from service.published import Published
from service.queries import FormName, ImageQuery, MapId, NarrowedQuery, Situation, ValuesQuery
from service.routes.dependencies import CatalogueDep, SettingsDep

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
    scene = catalogue.scene(catalogue.published(sid), map_id, query.lang, query.narrowing())
    document = style_json(scene, tiles_url=_tiles_url(settings.base_url, sid, map_id, query))
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
    scene = catalogue.scene(catalogue.published(sid), map_id, query.lang, query.narrowing())
    document = tilejson(scene, tiles_url=_tiles_url(settings.base_url, sid, map_id, query))
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
    "/api/situations/{sid}/values/{map_id}",
    operation_id="getValues",
    response_model=ValuesOut,
    responses={
        200: {
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            }
        }
    },
)
def values(
    *,
    request: Request,
    sid: Situation,
    map_id: MapId,
    catalogue: CatalogueDep,
    query: Annotated[ValuesQuery, Query()],
) -> Response:
    """The values of a map alone, to join to its geometry in the browser by `pcode`.

    As `columns` they come in the order of the situation's units of the level, without codes and
    names, with the legend, the words and the tables of the map. As `binary` they are `SMV1`, the
    number of units and flags (uint32), with flag 1 the units' places (uint32), then values
    (float64, NaN: no figure), with flag 2 the persons behind the rates (float64), classes (int8)
    and states (uint8: figure, not reported, not assessed, suppressed, out of scope); little-endian.
    """
    headers = fresh_headers(request, catalogue.edition(sid).id)
    published, asked = catalogue.published(sid), query.narrowing()
    scene = catalogue.scene(published, map_id, query.lang, asked)
    spec = narrowed(published, map_id, asked)
    if query.form == "binary":
        key = ("binary", published.edition.id, map_id, asked, query.parent)
        content = catalogue.files.get(key, lambda: _binary(published, scene, spec, query.parent))
        return Response(content, media_type="application/octet-stream", headers=headers)
    make = columns_document if query.form == "columns" else values_document
    document = make(published, scene, spec)
    return Response(json_bytes(document), media_type="application/json", headers=headers)


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
    """What a map places rather than counts: names, and its flows as bands for each zoom."""
    from maps.web_columns import scene_marks

    headers = fresh_headers(request, catalogue.edition(sid).id)
    asked = query.narrowing()
    published = catalogue.published(sid)
    key = ("marks", published.edition.id, map_id, query.lang, asked)
    content = catalogue.files.get(
        key,
        lambda: json_bytes(scene_marks(catalogue.scene(published, map_id, query.lang, asked))),
    )
    return Response(content, media_type="application/json", headers=headers)


def _binary(published: Published, scene: Scene, spec: MapSpec, parent: str | None) -> bytes:
    from service.value_bytes import value_bytes

    level = max(layer.level for layer in spec.layers)
    codes = sorted(published.boundaries.codes(level))
    if parent is None:
        return value_bytes(scene, codes)
    places = places_within(published, level, parent)
    return value_bytes(scene, [codes[place] for place in places], places)


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
