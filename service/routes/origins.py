"""Where the people in each unit come from, over all time: `GET …/origins?level=1&group=REF`."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geo.terms import Measure
from service.conditional import fresh_headers
from service.counts_files import json_bytes
from service.documents import name_of
from service.paging import link_header, page_of
from service.problems import PROBLEM_RESPONSES
from service.queries import Code, Group, PagedQuery, Situation
from service.routes.dependencies import CatalogueDep, SettingsDep, WorkDep
from service.row_texts import json_rows, number_cell, plain_cell

__all__ = ["router"]

router = APIRouter(prefix="/api/situations", tags=["situations"], responses=PROBLEM_RESPONSES)


class OriginsQuery(PagedQuery):
    """Whose origins, and where."""

    level: int = Field(default=1, ge=0, le=3, description="0 country, 1 region, 2, 3.")
    group: Group = Field(description="Population group, as `REF`.")
    measure: Measure | None = Field(
        default=None, description="Stock where there is one, else the one there is."
    )
    origin: Code | None = Field(default=None, description="Country of origin, or `unknown`.")


class OriginOut(BaseModel):
    """People of one origin in one unit, over all days with figures."""

    model_config = ConfigDict(extra="forbid")

    origin: str
    origin_name: str
    pcode: str
    name: str
    days: int = Field(description="Days with a figure.")
    first: dt.date
    last: dt.date
    latest: int | float = Field(description="The figure of the last day.")
    peak: int | float = Field(description="The highest figure.")
    total: int | float | None = Field(
        description="Sum over all periods where measure is `new`; null else: stocks are not added."
    )


def _day(day: dt.date) -> str:
    return plain_cell(day.isoformat())


_ROWS: dict[str, Callable[[Any], str]] = {
    "origin": plain_cell,
    "origin_name": plain_cell,
    "pcode": plain_cell,
    "name": plain_cell,
    "days": plain_cell,
    "first": _day,
    "last": _day,
    "latest": number_cell,
    "peak": number_cell,
    "total": number_cell,
}
"""How each column is written; names are those of the codes, in the language asked for."""


class OriginsOut(BaseModel):
    """Origins by unit."""

    model_config = ConfigDict(extra="forbid")

    situation: str
    edition: str
    vintage: str
    level: int
    group: str
    measure: str
    unit: str
    rows: list[OriginOut]


@router.get("/{sid}/origins", operation_id="getOrigins", response_model=OriginsOut)
async def origins(
    *,
    request: Request,
    sid: Situation,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    work: WorkDep,
    query: Annotated[OriginsQuery, Query()],
) -> Response:
    """Where the people in each unit come from: first, last, latest and highest figure of all days.

    A stock says where people present come from. It is no movement, and stocks of different days
    are never added.
    """
    edition = catalogue.edition(sid, query.edition).id
    headers = fresh_headers(request, edition)
    page = page_of(query)
    path = f"{settings.base_url}/api/situations/{sid}/origins"

    def answer() -> tuple[bytes, str]:
        from geo.origin_totals import origin_totals

        published = catalogue.published(sid, edition)
        measure = query.measure.value if query.measure else None
        found = origin_totals(
            published.released,
            level=query.level,
            group=query.group,
            measure=measure,
            origin=query.origin,
            first=page.first,
            size=page.size,
        )
        document = {
            "situation": sid,
            "edition": edition,
            "vintage": published.vintage.id,
            "level": found.level,
            "group": found.group,
            "measure": found.measure,
            "unit": found.unit,
        }
        named = {"origin_name": found.columns["origin"], "name": found.columns["pcode"]}

        def name(code: str) -> str:
            return plain_cell(name_of(published, code, query.lang))

        rows = json_rows(found.columns | named, _ROWS | {"origin_name": name, "name": name})
        content = json_bytes(document)[:-1] + b',"rows":[' + rows.encode() + b"]}"
        return content, link_header(path, query, page, found.rows)

    content, links = await work.get(("origins", edition, query.model_dump_json()), answer)
    if links:
        headers["Link"] = links
    return Response(content, media_type="application/json", headers=headers)
