"""Counts per region: `GET …/counts?level=1&group=IDP` answers what `sitmap counts` prints."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service.answers import CountsOut
from service.conditional import fresh_headers
from service.counting import CountsAsked, ask
from service.counts_files import BINARY, COUNTS_FORMATS, counts_file
from service.problems import PROBLEM_RESPONSES
from service.queries import CountsQuery, Situation, box_of
from service.routes.dependencies import CatalogueDep

__all__ = ["router"]

router = APIRouter(prefix="/api/situations", tags=["counts"], responses=PROBLEM_RESPONSES)

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
def counts(
    request: Request,
    sid: Situation,
    catalogue: CatalogueDep,
    query: Annotated[CountsQuery, Query()],
) -> Response:
    """Persons per unit of one level, for one group, measure and date.

    Without `date`, the latest date that has figures at that level for that group; the answer says
    which. `null` is "not reported" and `state` says which kind of emptiness; 0 is a figure.
    """
    headers = fresh_headers(request, catalogue.edition(sid).id)
    published = catalogue.published(sid)
    answer = ask(
        published,
        CountsAsked(
            level=query.level,
            group=query.group,
            date=query.date,
            measure=query.measure.value if query.measure else None,
            origin=query.origin,
            parent=query.parent,
            bbox=box_of(query.bbox) if query.bbox else None,
            lang=query.lang,
        ),
    )
    if query.format in {*BINARY, "csv"}:
        name = f"{sid}-{answer.counts.group.lower()}-{answer.counts.date}.{query.format}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    content = counts_file(answer, query.format, published)
    # set as a header, so that no charset is added to types that have none
    return Response(content, headers={**headers, "Content-Type": COUNTS_FORMATS[query.format]})
