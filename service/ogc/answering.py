"""What every route under /ogc shares: the collections of the app it runs in, and the two forms."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from service.counts_files import json_bytes
from service.ogc.collections import Collections
from service.ogc.links import HTML, JSON, Site
from service.ogc.negotiation import PAGES, chosen_form, form_headers, parameters
from service.page_templates import PAGE_POLICY
from service.settings import Settings

__all__ = ["CollectionsDep", "SiteDep", "html_answer", "page_or_json"]


def _collections(request: Request) -> Collections:
    """Return the app's collections; made with its first request, then kept with it."""
    state = request.app.state
    if not hasattr(state, "ogc_collections"):
        state.ogc_collections = Collections(state.catalogue)
    found: Collections = state.ogc_collections
    return found


def _site(request: Request) -> Site:
    settings: Settings = request.app.state.settings
    return Site(settings.base_url)


CollectionsDep = Annotated[Collections, Depends(_collections)]
SiteDep = Annotated[Site, Depends(_site)]


def page_or_json(
    request: Request,
    versions: Sequence[str],
    document: Callable[[], dict[str, Any]],
    page: Callable[[], str],
    *,
    media_type: str = JSON,
) -> Response:
    """Answer a resource that takes no parameter but ``f``, as JSON or as a page."""
    given = parameters(request, ("f",))
    forms = PAGES if media_type == JSON else {"json": (media_type, JSON), "html": (HTML,)}
    form = chosen_form(request, given.get("f"), forms)
    headers = form_headers(request, form, *versions)
    if form == "html":
        return html_answer(page(), headers)
    # set as a header, so that no charset is added to types that have none
    return Response(json_bytes(document()), headers={**headers, "Content-Type": media_type})


def html_answer(page: str, headers: dict[str, str]) -> Response:
    """Answer a page with the policy of pages without scripts."""
    return HTMLResponse(page, headers={**headers, "Content-Security-Policy": PAGE_POLICY})
