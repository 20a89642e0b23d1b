"""Pages for people: what there is, and how to use it. Nothing is loaded from another host."""

from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from maps.messages import messages
from service.conditional import fresh_headers
from service.counts_files import json_bytes
from service.documents import notes_of, situation_document
from service.page_templates import PAGE_POLICY, render
from service.queries import LanguageQuery, NoQuery
from service.reference import operations_of
from service.routes.dependencies import CatalogueDep, SettingsDep
from service.words import LANGUAGE_NAMES, page_words

__all__ = ["router"]

router = APIRouter(tags=["operations"])


@router.get("/", operation_id="getHome", response_class=HTMLResponse)
def home(
    request: Request,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    query: Annotated[LanguageQuery, Query()],
) -> Response:
    """The situations, their maps, how to embed and query them."""
    lang = query.lang
    editions = [catalogue.edition(sid).id for sid in catalogue.situations()]
    headers = {**fresh_headers(request, *editions), "Content-Security-Policy": PAGE_POLICY}
    shown = [catalogue.published(sid) for sid in catalogue.situations()]
    page = render(
        "home.html",
        situations=[
            {**situation_document(each, ""), "notes": notes_of(each, lang)} for each in shown
        ],
        base=settings.base_url,
        lang=lang,
        direction=messages(lang).direction,
        languages=LANGUAGE_NAMES,
        words=page_words(lang),
    )
    return HTMLResponse(page, headers=headers)


@router.get("/docs", operation_id="getDocs", response_class=HTMLResponse)
def docs(request: Request, _query: Annotated[NoQuery, Query()]) -> Response:
    """Every route with its parameters and an example, as a page without scripts."""
    headers = {**fresh_headers(request), "Content-Security-Policy": PAGE_POLICY}
    document = request.app.openapi()
    page = render(
        "docs.html",
        title=document["info"]["title"],
        rules=_bullets(document["info"]["description"]),
        tags=document["tags"],
        operations=operations_of(document),
    )
    return HTMLResponse(page, headers=headers)


@router.get("/openapi.json", operation_id="getOpenApi", response_class=Response)
def openapi(request: Request, _query: Annotated[NoQuery, Query()]) -> Response:
    """The description of this service for programs (OpenAPI 3.1)."""
    headers = fresh_headers(request)
    return Response(
        json_bytes(request.app.openapi()), media_type="application/json", headers=headers
    )


@router.get("/assets/site.css", include_in_schema=False)
def stylesheet(request: Request, _query: Annotated[NoQuery, Query()]) -> Response:
    """The pages' one stylesheet."""
    headers = fresh_headers(request)
    content = files("service").joinpath("assets", "site.css").read_bytes()
    return Response(content, media_type="text/css", headers=headers)


def _bullets(description: str) -> list[str]:
    return [line.removeprefix("* ") for line in description.splitlines() if line.startswith("* ")]
