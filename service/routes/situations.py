"""What there is, and everything that is no map: units, flows, presence, sources."""

from typing import Annotated, Any

import numpy as np
import pandas as pd
from fastapi import APIRouter, Path, Query, Request, Response

from service.answers import (
    FlowsOut,
    PresencesOut,
    SituationOut,
    SituationsOut,
    SourcesOut,
    UnitOut,
    UnitsOut,
)
from service.conditional import fresh_headers
from service.counts_files import json_bytes
from service.documents import (
    flow_rows,
    notes_of,
    presence_rows,
    situation_document,
    source_documents,
    units_document,
)
from service.paging import link_header, page_of
from service.problems import PROBLEM_RESPONSES
from service.published import Published
from service.queries import (
    FlowsQuery,
    LanguageQuery,
    NoQuery,
    PagedQuery,
    PresenceQuery,
    Situation,
    UnitsQuery,
)
from service.report import edition_document
from service.routes.dependencies import CatalogueDep, SettingsDep
from service.settings import Settings
from service.unit_documents import unit_bytes

__all__ = ["router"]

router = APIRouter(prefix="/api/situations", tags=["situations"], responses=PROBLEM_RESPONSES)


def _json(document: Any, headers: dict[str, str]) -> Response:
    return Response(json_bytes(document), media_type="application/json", headers=headers)


@router.get("", operation_id="getSituations", response_model=SituationsOut)
def situations(
    request: Request,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """The situations there are."""
    editions = {sid: catalogue.edition(sid) for sid in catalogue.situations()}
    headers = fresh_headers(request, *(edition.id for edition in editions.values()))
    briefs = []
    for sid, edition in editions.items():
        released = catalogue.published(sid).released
        briefs.append(
            {
                "id": sid,
                "title": dict(released.title),
                "as_of": released.as_of.isoformat(),
                "edition": edition.id,
                "link": f"{settings.base_url}/api/situations/{sid}",
            }
        )
    return _json({"situations": briefs}, headers)


@router.get("/{sid}", operation_id="getSituation", response_model=SituationOut)
def situation(
    request: Request,
    sid: Situation,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """What a situation has: groups, dates, levels, vintage, edition, sources, maps."""
    headers = fresh_headers(request, catalogue.edition(sid).id)
    published = catalogue.published(sid)
    document = catalogue.files.get(  # tells all days of all figures there are
        ("situation", published.edition.id, settings.base_url),
        lambda: json_bytes(situation_document(published, settings.base_url)),
    )
    # other editions come and go
    editions = json_bytes([edition_document(each) for each in catalogue.editions(sid)])
    content = document[:-1] + b',"editions":' + editions + b"}"
    return Response(content, media_type="application/json", headers=headers)


@router.get("/{sid}/units", operation_id="getUnits", response_model=UnitsOut)
def units(
    request: Request,
    sid: Situation,
    catalogue: CatalogueDep,
    query: Annotated[UnitsQuery, Query()],
) -> Response:
    """The units of one level as columns: codes, names, parents, and where their labels stand."""
    headers = fresh_headers(request, catalogue.edition(sid).id)
    document = units_document(catalogue.published(sid), query.level, query.lang, query.parent)
    return _json(document, headers)


@router.get("/{sid}/units/{pcode}", operation_id="getUnit", response_model=UnitOut)
def unit(
    request: Request,
    sid: Situation,
    pcode: Annotated[
        str, Path(pattern=r"^[A-Za-z0-9.-]{1,32}$", description="A P-code.", examples=["ML07"])
    ],
    catalogue: CatalogueDep,
    query: Annotated[LanguageQuery, Query()],
) -> Response:
    """One unit: counts by group and date, flows in and out, partners, parents and children."""
    headers = fresh_headers(request, catalogue.edition(sid).id)
    content = unit_bytes(catalogue.published(sid), pcode, query.lang)
    return Response(content, media_type="application/json", headers=headers)


@router.get("/{sid}/flows", operation_id="getFlows", response_model=FlowsOut)
def flows(
    request: Request,
    sid: Situation,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    query: Annotated[FlowsQuery, Query()],
) -> Response:
    """Origin–destination rows. A stock by origin says where people present come from.

    It is no movement, and is never added to one.
    """
    published = catalogue.published(sid, query.edition)
    wanted: dict[str, object] = {
        "group": query.group,
        "date": query.date,
        "measure": query.measure and query.measure.value,
        "origin": query.origin,
        "destination": query.destination,
    }
    return _rows(request, settings, published, query, wanted)


@router.get("/{sid}/presence", operation_id="getPresence", response_model=PresencesOut)
def presence(
    request: Request,
    sid: Situation,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    query: Annotated[PresenceQuery, Query()],
) -> Response:
    """Who does what where. No row means "not reported", never "nobody is there"."""
    published = catalogue.published(sid, query.edition)
    wanted: dict[str, object] = {"pcode": query.pcode, "sector_code": query.sector}
    return _rows(request, settings, published, query, wanted)


@router.get("/{sid}/sources", operation_id="getSources", response_model=SourcesOut)
def sources(
    request: Request,
    sid: Situation,
    catalogue: CatalogueDep,
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """Every source with its date, its licence and what it feeds."""
    headers = fresh_headers(request, catalogue.edition(sid).id)
    published = catalogue.published(sid)
    edition = published.edition.id

    def document() -> bytes:
        said = {"situation": sid, "edition": edition, "sources": source_documents(published)}
        return json_bytes(said)

    # tells each day that rests on a source
    content = catalogue.files.get(("sources", edition), document)
    return Response(content, media_type="application/json", headers=headers)


def _rows(
    request: Request,
    settings: Settings,
    published: Published,
    query: PagedQuery,
    wanted: dict[str, object],
) -> Response:
    """Answer a page of an edition's flows or presence: of the rows that say what is wanted."""
    what = "flows" if isinstance(query, FlowsQuery) else "presence"
    headers = fresh_headers(request, published.edition.id)
    page = page_of(query)
    frame: pd.DataFrame = getattr(published.released, what)
    for column, value in wanted.items():
        if value is not None:
            frame = frame.loc[np.array([cell == value for cell in frame[column]], dtype=np.bool_)]
    part = frame.iloc[page.first : page.first + page.size]
    rows = (flow_rows if what == "flows" else presence_rows)(published, query.lang, part)
    sid = published.released.situation
    path = f"{settings.base_url}/api/situations/{sid}/{what}"
    if links := link_header(path, query, page, len(frame)):
        headers["Link"] = links
    return _json(
        {
            "situation": sid,
            "edition": published.edition.id,
            "vintage": published.vintage.id,
            "rows": rows,
            "notes": notes_of(published, query.lang),
        },
        headers,
    )
