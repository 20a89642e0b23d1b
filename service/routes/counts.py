"""Counts per region: `GET …/counts?level=1&group=IDP` answers what `sitmap counts` prints."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service.answers import CountsOut
from service.counts_desk import Said, counts_request
from service.counts_files import COUNTS_FORMATS
from service.problems import PROBLEM_RESPONSES
from service.queries import CountsQuery, Situation
from service.routes.dependencies import CountsDeskDep, answered_response

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
async def counts(
    request: Request,
    sid: Situation,
    desk: CountsDeskDep,
    query: Annotated[CountsQuery, Query()],
) -> Response:
    """Persons per unit of one level, for one group, measure and date.

    Without `date`, the latest date that has figures at that level for that group; the answer says
    which. `null` is "not reported" and `state` says which kind of emptiness it is; 0 is a figure.
    """
    asked = counts_request(sid, query, request.query_params.multi_items())
    return answered_response(await desk.answer(asked, Said.of(request.headers.raw)))
