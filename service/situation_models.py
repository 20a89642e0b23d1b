"""The keys of ``situation.toml``. An unknown key is an error: a misspelt one must not be ignored."""

import datetime as dt
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from geo.sources import Sensitivity
from geo.terms import Measure, PopulationGroup
from maps.classes import SCHEMES
from maps.palettes import BIVARIATE, DIVERGING, RAMPS
from maps.sectors import SECTORS, known_sector
from maps.spec import PAPERS, Per
from service.errors import closest
from service.table_models import BoundaryColumns, CrosswalkEntry, WeightsEntry

__all__ = ["ProfileFile", "SituationFile"]

_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Slug = Annotated[str, Field(pattern=_SLUG, max_length=64)]
Iso3 = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


def _by_language(value: object) -> object:
    return {"en": value} if isinstance(value, str) else value


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


Language = Literal["en", "fr", "es", "ar"]
Text = Annotated[
    dict[Language, Annotated[str, Field(min_length=1)]],
    BeforeValidator(_by_language),
    Field(min_length=1),
]


def _listed_dates(value: object) -> object:
    """Take ``dates = "all"`` for None: every date there is."""
    if isinstance(value, str):
        if value != "all":
            raise ValueError(
                f'{value!r} is no list of dates; write [2016-12-31, 2017-12-31] or "all"'
            )
        return None
    return value


Dates = Annotated[tuple[dt.date, ...] | None, BeforeValidator(_listed_dates)]
Breaks = tuple[Annotated[float, Field(allow_inf_nan=False)], ...]
Words = Annotated[tuple[str, ...], BeforeValidator(_one_or_more)]
Groups = Annotated[tuple[PopulationGroup, ...], BeforeValidator(_one_or_more)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _one_of(word: str, known: list[str], *, what: str) -> str:
    if word in known:
        return word
    hint = closest(word, known)
    raise ValueError(
        f"{word!r} is not {what}"
        + (f"; did you mean {hint!r}? Known are " if hint else "; expected one of ")
        + ", ".join(known)
    )


class Boundaries(_Strict):
    """``[boundaries]``. The last six keys say which columns a file of one's own uses."""

    vintage: str = "natural-earth-5.1"
    countries: Annotated[tuple[Iso3, ...], Field(min_length=1)]
    focus: Iso3 | None = None
    code: str | None = None
    name: str | None = None
    parent: str | None = None
    level: str | Annotated[int, Field(ge=0, le=3)] | None = None
    iso3: str | None = None
    label: str | None = None

    @model_validator(mode="after")
    def _focus_is_a_country(self) -> Self:
        if self.focus is not None and self.focus not in self.countries:
            raise ValueError(f"focus {self.focus!r} is not one of the countries; add it there")
        return self


class SourceEntry(_Strict):
    """``[[source]]``. Sensitivity may be absent here; `release` then refuses the figures."""

    id: Slug
    title: str
    publisher: str
    date: dt.date
    licence: str = ""
    sensitivity: Sensitivity | None = None
    address: str = ""
    note: str = ""


class PlaceEntry(_Strict):
    """``[[place]]``: a camp, site, town or area that is no admin unit.

    Without a position it is drawn in the middle of the units it lies in.
    """

    id: Slug
    name: Text
    lon: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    lat: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    within: Annotated[Words, Field(min_length=1)]
    kind: Literal["camp", "site", "town", "area"] = "site"
    aliases: Words = ()

    @model_validator(mode="after")
    def _has_both_or_neither(self) -> Self:
        if (self.lon is None) != (self.lat is None):
            raise ValueError("a position needs both lon and lat; give both, or neither")
        return self


class ProfileFile(_Strict):
    """A profile in a file of its own: which header holds which of our columns."""

    columns: dict[str, str] = {}
    defaults: dict[str, str] = {}
    missing: tuple[str, ...] | None = None


class TableEntry(_Strict):
    """``[[table]]``."""

    file: str
    kind: Literal["figures", "flows", "presence", "population"]
    source: Slug
    profile: str = "plain"
    sheet: str | None = None
    columns: dict[str, str] = {}
    defaults: dict[str, str] = {}
    missing: tuple[str, ...] | None = None
    vintage: str | None = None
    boundary_columns: BoundaryColumns | None = None
    weights: WeightsEntry | None = None
    tolerance: float = Field(default=100.0, gt=0, le=50_000, allow_inf_nan=False)

    @model_validator(mode="after")
    def _weighs_what_is_carried(self) -> Self:
        told = {"boundary_columns", "weights", "tolerance"} & self.model_fields_set
        if told and self.vintage is None:
            raise ValueError(
                f"the key {min(told)!r} says how to carry a table from its own boundaries; "
                "name them in vintage"
            )
        return self

    @field_validator("defaults", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        """Accept ``date = 2016-12-31`` and ``level = 1`` beside quoted words."""
        if isinstance(value, dict):
            return {k: str(v) if isinstance(v, int | dt.date) else v for k, v in value.items()}
        return value


class RasterEntry(_Strict):
    """``[[raster]]``: a population grid. Its day, publisher, licence and sensitivity are its source's."""

    id: Slug
    file: str
    source: Slug
    level: int | None = Field(default=None, ge=0, le=4)
    per_km2: bool = False
    underlay: bool = False

    @model_validator(mode="after")
    def _is_for_something(self) -> Self:
        if self.level is None and not self.underlay:
            raise ValueError(
                "a raster is for something: write level = 1 for the inhabitants of the units of that "
                "level, underlay = true to show it under the maps, or both"
            )
        return self


class CarryFrom(_Strict):
    """The unit of another vintage."""

    pcode: str
    name: Words = ()


class CarryInto(_Strict):
    """A unit of ours and the share of persons it takes."""

    pcode: str
    weight: float = Field(default=1.0, gt=0, le=1)


class CarryEntry(_Strict):
    """``[[carry]]``: a unit of another vintage carried into ours."""

    from_: CarryFrom = Field(alias="from")
    into: Annotated[tuple[CarryInto, ...], Field(min_length=1)]
    note: Text = {}

    @field_validator("into")
    @classmethod
    def _everybody_arrives(cls, into: tuple[CarryInto, ...]) -> tuple[CarryInto, ...]:
        total = sum(part.weight for part in into)
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the weights sum to {total:g}; they must sum to 1, or persons vanish")
        return into


_KINDS_WITH = {
    "against": ("bivariate",),
    "against_breaks": ("bivariate",),
    "balance": ("flows",),
    "breaks": ("choropleth", "bivariate", "difference"),
    "comparable": ("difference",),
    "dates": ("choropleth", "symbols", "difference"),
    "ends": ("flows",),
    "layout": ("flows",),
    "most": ("flows",),
    "per_dot": ("dots",),
    "sector": ("presence", "bivariate"),
    "show": ("presence",),
    "small_base": ("difference",),
    "totals": ("flows",),
}
"""Keys that only some kinds of layer have."""


class LayerEntry(_Strict):
    """``[[map.layer]]``."""

    kind: Literal["choropleth", "symbols", "flows", "presence", "bivariate", "difference", "dots"]
    group: Groups = ()
    measure: Measure | None = None
    date: dt.date | None = None
    level: int = Field(default=1, ge=0, le=3)
    per: Per | None = None
    per_unit: int = Field(default=1000, gt=0)
    origin: str | None = None
    classes: int = Field(default=5, ge=2, le=9)
    scheme: str = "fisher_jenks"
    palette: str = "red-yellow"
    minimum: float = Field(default=0, ge=0, allow_inf_nan=False)
    title: Text = {}
    breaks: Breaks = ()
    dates: Dates = ()
    against: str | None = None
    against_breaks: Breaks = ()
    small_base: int = Field(default=100, ge=1)
    comparable: Text = {}
    per_dot: int | None = Field(default=None, ge=1)
    show: Literal["counts", "sectors", "matrix"] = "counts"
    sector: Words = ()
    balance: Literal["two-way", "gross", "net"] = "two-way"
    most: int = Field(default=80, ge=1, le=300)
    ends: int | None = Field(default=None, ge=0, le=3)
    totals: bool = False
    layout: Literal["bands", "tree"] = "bands"

    @field_validator("scheme")
    @classmethod
    def _is_a_scheme(cls, scheme: str) -> str:
        return _one_of(scheme, sorted(SCHEMES), what="a classification scheme")

    @field_validator("palette")
    @classmethod
    def _is_a_palette(cls, palette: str) -> str:
        return _one_of(palette, [*RAMPS, *DIVERGING, *BIVARIATE], what="a palette")

    @field_validator("against")
    @classmethod
    def _is_something_to_relate_to(cls, against: str | None) -> str | None:
        known = ["presence", *(group.value for group in PopulationGroup)]
        return against and _one_of(against, known, what="anything to relate a rate to")

    @field_validator("sector")
    @classmethod
    def _are_sectors(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        for code in codes:
            if not known_sector(code):
                _one_of(code, list(SECTORS), what="a sector")
        return codes

    @field_validator("breaks", "against_breaks")
    @classmethod
    def _ascend(cls, breaks: tuple[float, ...]) -> tuple[float, ...]:
        for low, high in pairwise(breaks):
            if low >= high:
                raise ValueError(f"{high:g} does not lie above {low:g}; breaks must ascend")
        return breaks

    @model_validator(mode="after")
    def _has_its_groups(self) -> Self:
        if self.kind == "choropleth" and len(self.group) != 1:
            raise ValueError('a choropleth shows one group; write group = "IDP"')
        if self.kind in {"bivariate", "difference"} and len(self.group) != 1:
            raise ValueError(f'a {self.kind} layer shows one group; write group = "IDP"')
        if self.kind in {"symbols", "flows", "dots"} and not self.group:
            raise ValueError(f'{self.kind} need a group; write group = "IDP" or ["IDP", "RET"]')
        return self

    @model_validator(mode="after")
    def _is_related_to_what_it_can_be(self) -> Self:
        if self.per in ("area", "displaced"):
            if self.kind != "choropleth":
                raise ValueError(
                    f'per = "{self.per}" is for a choropleth; a {self.kind} layer knows '
                    'per = "population"'
                )
            if "per_unit" in self.model_fields_set:
                unit = "km²" if self.per == "area" else "person displaced"
                raise ValueError(f'per = "{self.per}" is always for one {unit}; leave per_unit out')
        return self

    @model_validator(mode="after")
    def _has_only_its_keys(self) -> Self:
        for key in sorted(self.model_fields_set & _KINDS_WITH.keys()):
            kinds = _KINDS_WITH[key]
            if self.kind not in kinds:
                raise ValueError(
                    f"the key {key!r} says nothing for kind {self.kind!r}; "
                    f"it belongs to {' and '.join(kinds)}"
                )
        if self.kind == "bivariate" and not self.against:
            raise ValueError(
                'a bivariate layer relates two things; write against = "presence", or a group'
            )
        if self.kind == "difference" and self.dates and len(self.dates) != 2:
            raise ValueError(
                f"a difference is between two dates, not {len(self.dates)}; write "
                "dates = [2016-12-31, 2017-12-31], or leave it out for the latest two"
            )
        return self


class ImprintEntry(_Strict):
    """``[imprint]``: what the publisher puts on every map. Logos are the publisher's own files."""

    glide: Annotated[str, Field(pattern=r"^[A-Z]{2}-\d{4}-\d{6}-[A-Z]{3}$")] | None = None
    contact: Text = {}
    logos: Annotated[Words, Field(max_length=4)] = ()
    file_names: Literal["plain", "ocha"] = "plain"


class OverrideEntry(_Strict):
    """``[[map.override]]``: a rule of `sitmap lint` that the map departs from; the map prints why."""

    rule: Slug
    why: Text


class MapEntry(_Strict):
    """``[[map]]``."""

    id: Slug
    title: Text
    number: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./-]*$", max_length=24)] = ""
    override: tuple[OverrideEntry, ...] = ()
    as_of: dt.date | None = None
    paper: str = "A4"
    extent: tuple[float, float, float, float] | None = None
    languages: tuple[Language, ...] = ("en", "fr", "es", "ar")
    notes: Text = {}
    layer: Annotated[tuple[LayerEntry, ...], Field(min_length=1)]

    @field_validator("paper")
    @classmethod
    def _is_a_sheet(cls, paper: str) -> str:
        if paper not in PAPERS:
            raise ValueError(f"{paper!r} is not a paper; expected one of {', '.join(PAPERS)}")
        return paper

    @field_validator("extent")
    @classmethod
    def _lies_in_the_world(
        cls, extent: tuple[float, float, float, float] | None
    ) -> tuple[float, float, float, float] | None:
        if extent is not None:
            west, south, east, north = extent
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise ValueError("expected [west, south, east, north] in degrees, in this order")
        return extent


class NoteEntry(_Strict):
    """``[[note]]``: what every output about these P-codes (none: every output) must say."""

    kind: str = "note"
    text: Text
    about: Words = ()


class AcknowledgeEntry(_Strict):
    """``[[acknowledge]]``: a finding a person has explained."""

    finding: str
    why: Annotated[str, Field(min_length=1)]


class SituationFile(_Strict):
    """The whole file."""

    id: Slug | None = None
    title: Text
    as_of: dt.date
    created: dt.date | None = None
    boundaries: Boundaries
    source: Annotated[tuple[SourceEntry, ...], Field(min_length=1)]
    place: tuple[PlaceEntry, ...] = ()
    table: Annotated[tuple[TableEntry, ...], Field(min_length=1)]
    raster: tuple[RasterEntry, ...] = ()
    carry: tuple[CarryEntry, ...] = ()
    crosswalk: tuple[CrosswalkEntry, ...] = ()
    imprint: ImprintEntry = ImprintEntry()
    map: tuple[MapEntry, ...] = ()
    note: tuple[NoteEntry, ...] = ()
    acknowledge: tuple[AcknowledgeEntry, ...] = ()
