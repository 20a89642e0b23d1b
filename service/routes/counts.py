"""Counts per region: `GET …/counts?level=1&group=IDP` answers what `sitmap counts` prints."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service.answers import CountsOut
from service.conditional import fresh_headers
from service.counting import CountsAsked, ask, part_of
from service.counts_files import (
    BINARY,
    COUNTS_FORMATS,
    CountsPage,
    counts_file,
    counts_form,
)
from service.paging import MOST_ROWS, Page, link_header, page_of
from service.problems import PROBLEM_RESPONSES
from service.published import Published
from service.queries import CountsQuery, Situation, box_of
from service.routes.dependencies import CatalogueDep, SettingsDep, WorkDep

__all__ = ["router"]

router = APIRouter(prefix="/api/situations", tags=["counts"], responses=PROBLEM_RESPONSES)

_CUT = ("json", "geojson")  # what a browser would have to take in whole
_ALL_ROWS = 1_000_000
_FORMS = {
    200: {
        "description": "Counts, as JSON or in the format asked for.",
        "content": {
            media.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for form, media in COUNTS_FORMATS.items()
            if form != "json"
        },
    }
}


@router.get(
    "/{sid}/counts",
    operation_id="getCounts",
    response_model=CountsOut,
    responses={200: _FORMS[200]},
)
async def counts(
    *,
    request: Request,
    sid: Situation,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    work: WorkDep,
    query: Annotated[CountsQuery, Query()],
) -> Response:
    """Persons per unit of one level, for one group, measure and date.

    Without `date`, the latest date that has figures at that level for that group; the answer says
    which. `null` is "not reported" and `state` says which kind of emptiness it is; 0 is a figure.
    """
    edition = catalogue.edition(sid, query.edition).id
    headers = fresh_headers(request, edition)
    form = counts_form(query.format, request.headers.get("accept", ""))
    page = page_of(query, most=MOST_ROWS if form in _CUT else _ALL_ROWS)
    asked = _asked(query)
    key = (edition, asked, form, page)
    answer = catalogue.answers.ready(key)
    if answer is None:
        answer = await work.get(
            ("counts", key),
            lambda: catalogue.answers.get(
                key, lambda: _page(catalogue.published(sid, edition), asked, form, page)
            ),
        )
    if form in {*BINARY, "csv"}:
        headers["Content-Disposition"] = f'attachment; filename="{answer.name}"'
    links = link_header(
        f"{settings.base_url}/api/situations/{sid}/counts", query, page, answer.rows
    )
    if links:
        headers["Link"] = links
    # set as a header, so that no charset is added to types that have none
    return Response(answer.content, headers={**headers, "Content-Type": COUNTS_FORMATS[form]})


def _asked(query: CountsQuery) -> CountsAsked:
    return CountsAsked(
        level=query.level,
        group=query.group,
        date=query.date,
        measure=query.measure.value if query.measure else None,
        origin=query.origin,
        parent=query.parent,
        bbox=box_of(query.bbox) if query.bbox else None,
        lang=query.lang,
    )


def _page(published: Published, asked: CountsAsked, form: str, page: Page) -> CountsPage:
    answer = ask(published, asked)
    name = f"{answer.counts.situation}-{answer.counts.group.lower()}-{answer.counts.date}.{form}"
    part = part_of(answer, page.first, page.size)
    return CountsPage(counts_file(part, form, published), name, len(answer.counts.rows))
