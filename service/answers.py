"""What the API answers, as documented types. Routes send plain JSON; a test holds it against these.

``null`` is "not reported" and ``state`` says which kind of emptiness it is; 0 is a figure.
"""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "CountRowOut",
    "CountsOut",
    "FlowOut",
    "FlowsOut",
    "MapOut",
    "PresenceOut",
    "PresencesOut",
    "SituationOut",
    "SituationsOut",
    "SourceOut",
    "SourcesOut",
    "UnitOut",
    "UnitsOut",
    "ValuesOut",
]


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False)


class CountRowOut(_Out):
    """One unit."""

    pcode: str
    name: str
    value: int | float | None = Field(description="null: not reported. 0 is a figure.")
    low: int | float | None = Field(
        default=None,
        description="Lower bound, 90 % sure, of a figure shared out from other boundaries; "
        "absent where the figure is no range.",
    )
    high: int | float | None = Field(default=None, description="Upper bound, where low is there.")
    state: str = Field(description="figure, not_reported, not_assessed, suppressed or out_of_scope")
    carried: list[str] = Field(description="Units of other boundaries that are inside.")
    sources: list[str]


class CountsOut(_Out):
    """Persons per unit of one level, for one group, measure and date."""

    situation: str
    edition: str
    vintage: str
    level: int
    group: str
    measure: str
    date: dt.date
    unit: str
    total: int | float | None
    unplaced: int | float | None = Field(description="Counted in the total, but in no unit here.")
    stated_total: int | float | None = Field(description="The total a source states, if one does.")
    rows: list[CountRowOut]
    notes: list[str]

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "situation": "mali-2017",
                "edition": "5f0c2a9d41b7",
                "vintage": "natural-earth-5.1",
                "level": 1,
                "group": "IDP",
                "measure": "stock",
                "date": "2016-12-31",
                "unit": "persons",
                "total": 36690,
                "unplaced": 0,
                "stated_total": 36690,
                "rows": [
                    {
                        "pcode": "ML07",
                        "name": "Gao",
                        "value": 13215,
                        "state": "figure",
                        "carried": ["ML10"],
                        "sources": ["unhcr-2016"],
                    }
                ],
                "notes": ["Ménaka is shown within Gao …"],
            }
        },
    )


class AvailableOut(_Out):
    """Figures that can be asked for."""

    group: str
    name: str
    measure: str
    unit: str
    level: int
    dates: list[dt.date]
    origins: list[str]


class MapOut(_Out):
    """A map and its addresses."""

    id: str
    title: dict[str, str]
    as_of: dt.date
    languages: list[str]
    paper: str
    links: dict[str, str]


class SourceOut(_Out):
    """Who said it, and what it feeds."""

    id: str
    title: str
    publisher: str
    date: dt.date
    licence: str
    sensitivity: str | None
    address: str
    note: str
    feeds: list[str]


class EditionOut(_Out):
    """A published version of the figures."""

    id: str
    number: int
    published: dt.datetime
    vintage: str
    status: str


class VintageOut(_Out):
    """A version of the boundaries."""

    id: str
    label: str
    source: str
    licence: str
    content: str
    valid_on: dt.date | None
    valid_to: dt.date | None


class FindingOut(_Out):
    """Something that does not add up; ``why`` is its explanation, if there is one."""

    id: str
    state: str
    what: str
    where: str
    todo: str
    facts: dict[str, float | str]
    why: str


class SituationOut(_Out):
    """What a situation has."""

    id: str
    title: dict[str, str]
    as_of: dt.date
    created: dt.date
    countries: list[str]
    focus: str
    edition: EditionOut
    vintage: VintageOut
    levels: list[int]
    available: list[AvailableOut]
    maps: list[MapOut]
    sources: list[SourceOut]
    notes: list[str]
    findings: list[FindingOut]
    links: dict[str, str]
    editions: list[EditionOut] = Field(description="All that can be asked for, the latest first.")


class SituationBriefOut(_Out):
    """A situation, in short."""

    id: str
    title: dict[str, str]
    as_of: dt.date
    edition: str
    link: str


class SituationsOut(_Out):
    """The situations there are."""

    situations: list[SituationBriefOut]


class FlowOut(_Out):
    """Persons from a place to a place; ``measure`` stock means origin of people present."""

    origin: str
    origin_name: str
    destination: str
    destination_name: str
    group: str
    measure: str
    kind: str
    unit: str
    start: dt.date | None
    date: dt.date
    value: int | float | None
    state: str
    qualifier: str
    basis: str
    sources: list[str]
    note: str


class FlowsOut(_Out):
    """Origin–destination rows."""

    situation: str
    edition: str
    vintage: str
    rows: list[FlowOut]
    notes: list[str]

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "situation": "mali-2017",
                "edition": "5f0c2a9d41b7",
                "vintage": "natural-earth-5.1",
                "rows": [
                    {
                        "origin": "site:tenenkou-macina-niono",
                        "origin_name": "Ténenkou, Macina and Niono",
                        "destination": "ML04",
                        "destination_name": "Segou",
                        "group": "IDP",
                        "measure": "new",
                        "kind": "government",
                        "unit": "persons",
                        "start": "2017-02-01",
                        "date": "2017-02-28",
                        "value": 10116,
                        "state": "figure",
                        "qualifier": "approx",
                        "basis": "stated",
                        "sources": ["unhcr-update-2017-03"],
                        "note": "as recorded by the Government",
                    }
                ],
                "notes": [],
            }
        },
    )


class PresenceOut(_Out):
    """Who does what in one unit. No row means "not reported", never "nobody is there"."""

    pcode: str
    name: str
    level: int
    org: str
    acronym: str
    org_type: str
    role: str
    sector: str
    sector_code: str
    activity: str
    basis: str
    start: dt.date | None
    date: dt.date | None
    carried: list[str]
    sources: list[str]


class PresencesOut(_Out):
    """Who does what where."""

    situation: str
    edition: str
    vintage: str
    rows: list[PresenceOut]
    notes: list[str]


class SourcesOut(_Out):
    """Every source."""

    situation: str
    edition: str
    sources: list[SourceOut]


class UnitFigureOut(_Out):
    """A figure of one unit; ``origin`` is "" for all origins together."""

    group: str
    measure: str
    kind: str
    unit: str
    start: dt.date | None
    date: dt.date
    origin: str
    value: int | float | None
    low: int | float | None = None
    high: int | float | None = None
    state: str
    qualifier: str
    basis: str
    carried: list[str]
    sources: list[str]


class UnitsOut(_Out):
    """The units of one level as columns; a unit's place in them is its feature's id in tiles."""

    situation: str
    vintage: str
    level: int
    pcode: list[str]
    name: list[str]
    parent: list[str]
    iso3: list[str]
    lon: list[float]
    lat: list[float]
    place: list[int] | None = Field(
        default=None, description="With `parent`: each unit's place among all of the level."
    )


class UnitBriefOut(_Out):
    """A unit by code and name."""

    pcode: str
    name: str
    level: int


class UnitFlowOut(_Out):
    """A flow into or out of one unit."""

    origin: str
    origin_name: str
    destination: str
    destination_name: str
    group: str
    measure: str
    start: dt.date | None
    date: dt.date
    value: int | float | None
    state: str
    qualifier: str
    basis: str
    sources: list[str]


class PartnerOut(_Out):
    """One organisation at work in the unit."""

    org: str
    acronym: str
    sectors: list[str]
    basis: str


class UnitOut(_Out):
    """One unit with everything known about it."""

    situation: str
    edition: str
    vintage: str
    pcode: str
    name: str
    level: int
    iso3: str
    bbox: list[float] = Field(description="west, south, east, north; degrees")
    parents: list[UnitBriefOut]
    children: list[UnitBriefOut]
    counts: list[UnitFigureOut]
    flows_in: list[UnitFlowOut]
    flows_out: list[UnitFlowOut]
    partners: list[PartnerOut]
    notes: list[str]


class ValueOut(_Out):
    """What a map shows at one unit; join it by ``pcode``."""

    pcode: str
    name: str
    value: float | int | None
    count: int | float | None
    state: str | None
    klass: int | None
    colour: str | None
    figures: dict[str, int | float | None]
    partners: int | None


class ValueLayerOut(_Out):
    """A series a map shows; ``date`` null is the latest there is."""

    kind: str
    groups: list[str]
    measure: str | None
    date: dt.date | None
    level: int
    origin: str | None


class ValueFlowOut(_Out):
    """A flow a map shows."""

    origin: str
    destination: str
    group: str
    measure: str
    value: int | float


class ValuesOut(_Out):
    """The values of a map alone, to join to its geometry in the browser."""

    situation: str
    edition: str
    vintage: str
    map: str
    title: str
    as_of: str
    layers: list[ValueLayerOut]
    rows: list[ValueOut]
    flows: list[ValueFlowOut]
