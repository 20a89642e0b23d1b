"""OGC API Features over HTTP: find the form, find the collection, answer. Unknown parameters are refused."""

from importlib.resources import files

from fastapi import APIRouter, Request, Response

from service.conditional import fresh_headers
from service.ogc import tile_routes
from service.ogc.answering import CollectionsDep, SiteDep, html_answer, page_or_json
from service.ogc.collection_documents import collection_document, collections_document
from service.ogc.conformance import conformance_document
from service.ogc.errors import UnknownFeature
from service.ogc.items import (
    feature_page,
    feature_text,
    item_parameters,
    page_links,
    page_text,
    read_items_query,
)
from service.ogc.landing import landing_document
from service.ogc.links import GEOJSON, HTML, JSON, OPENAPI, link_header
from service.ogc.negotiation import chosen_form, form_headers, parameters
from service.ogc.openapi import openapi_document
from service.ogc.pages import (
    collection_page,
    collections_page,
    conformance_page,
    definition_page,
    feature_page_html,
    items_page,
    landing_page,
)
from service.reference import operations_of

__all__ = ["router"]

# /ogc/api describes these routes; the service's own description would tell them twice
router = APIRouter(prefix="/ogc", include_in_schema=False)
router.include_router(tile_routes.router)

_FEATURES = {"json": (GEOJSON, JSON), "html": (HTML,)}


@router.get("")
@router.get("/")
def landing(request: Request, collections: CollectionsDep, site: SiteDep) -> Response:
    """The way in."""
    return page_or_json(
        request,
        collections.versions(),
        lambda: landing_document(site),
        lambda: landing_page(site, collections.all()),
    )


@router.get("/conformance")
def conformance(request: Request) -> Response:
    """What the service holds to."""
    return page_or_json(request, (), conformance_document, conformance_page)


@router.get("/api")
def definition(request: Request, collections: CollectionsDep, site: SiteDep) -> Response:
    """The API definition, OpenAPI 3.0."""

    def page() -> str:
        document = openapi_document(site, collections.all())
        return definition_page(document, operations_of(document))

    return page_or_json(
        request,
        collections.versions(),
        lambda: openapi_document(site, collections.all()),
        page,
        media_type=OPENAPI,
    )


@router.get("/collections")
def collection_list(request: Request, collections: CollectionsDep, site: SiteDep) -> Response:
    """The collections there are."""
    return page_or_json(
        request,
        collections.versions(),
        lambda: collections_document(collections.all(), site),
        lambda: collections_page(collections.all(), site),
    )


@router.get("/collections/{collection_id}")
def collection(
    request: Request, collection_id: str, collections: CollectionsDep, site: SiteDep
) -> Response:
    """One collection."""
    found = collections.one(collection_id)
    return page_or_json(
        request,
        found.versions,
        lambda: collection_document(found, site),
        lambda: collection_page(found, site),
    )


@router.get("/collections/{collection_id}/items")
def items(
    request: Request, collection_id: str, collections: CollectionsDep, site: SiteDep
) -> Response:
    """Features of a collection, a page of them."""
    found = collections.one(collection_id)
    given = parameters(request, item_parameters(found))
    form = chosen_form(request, given.get("f"), _FEATURES)
    asked = read_items_query(found, given)
    headers = form_headers(request, form, *found.versions)
    page = feature_page(collections, found, asked)
    neighbours = link_header(
        page_links(found, asked, page, site, GEOJSON if form == "json" else HTML), ("next", "prev")
    )
    if neighbours:
        headers["Link"] = neighbours
    if form == "html":
        return html_answer(items_page(found, asked, page, site), headers)
    text = page_text(found, asked, page, site)
    return Response(text.encode(), headers={**headers, "Content-Type": GEOJSON})


@router.get("/collections/{collection_id}/items/{feature_id}")
def item(
    request: Request,
    collection_id: str,
    feature_id: str,
    collections: CollectionsDep,
    site: SiteDep,
) -> Response:
    """One feature."""
    found = collections.one(collection_id)
    given = parameters(request, ("f", "lang"))
    form = chosen_form(request, given.get("f"), _FEATURES)
    asked = read_items_query(found, given)
    headers = form_headers(request, form, *found.versions)
    table = collections.features(found, asked.lang)
    place = table.place(feature_id)
    if place is None:
        raise UnknownFeature(collection=found.id)
    if form == "html":
        return html_answer(feature_page_html(found, table, place, asked.lang, site), headers)
    text = feature_text(found, table, place, asked.lang, site)
    return Response(text.encode(), headers={**headers, "Content-Type": GEOJSON})


@router.get("/page.css")
def stylesheet(request: Request) -> Response:
    """What these pages need beside the site's own stylesheet."""
    parameters(request, ())
    headers = fresh_headers(request)
    content = files("service").joinpath("assets", "ogc.css").read_bytes()
    return Response(content, media_type="text/css", headers=headers)
