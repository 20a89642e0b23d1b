"""The keys of ``situation.toml``. An unknown key is an error: a misspelt one must not be ignored."""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from geo.sources import Sensitivity
from geo.terms import Measure, PopulationGroup
from maps.spec import PAPERS

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
Words = Annotated[tuple[str, ...], BeforeValidator(_one_or_more)]
Groups = Annotated[tuple[PopulationGroup, ...], BeforeValidator(_one_or_more)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Boundaries(_Strict):
    """``[boundaries]``. The last six keys say which columns a file of one's own uses."""

    vintage: str = "natural-earth-5.1"
    countries: Annotated[tuple[Iso3, ...], Field(min_length=1)]
    focus: Iso3
    code: str | None = None
    name: str | None = None
    parent: str | None = None
    level: str | Annotated[int, Field(ge=0, le=3)] | None = None
    iso3: str | None = None
    label: str | None = None

    @model_validator(mode="after")
    def _focus_is_a_country(self) -> Self:
        if self.focus not in self.countries:
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
    columns: dict[str, str] = {}
    defaults: dict[str, str] = {}
    missing: tuple[str, ...] | None = None

    @field_validator("defaults", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        """Accept ``date = 2016-12-31`` and ``level = 1`` beside quoted words."""
        if isinstance(value, dict):
            return {k: str(v) if isinstance(v, int | dt.date) else v for k, v in value.items()}
        return value


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


class LayerEntry(_Strict):
    """``[[map.layer]]``."""

    kind: Literal["choropleth", "symbols", "flows", "presence"]
    group: Groups = ()
    measure: Measure | None = None
    date: dt.date | None = None
    level: int = Field(default=1, ge=0, le=3)
    per: Literal["population"] | None = None
    per_unit: int = Field(default=1000, gt=0)
    origin: str | None = None
    classes: int = Field(default=5, ge=2, le=9)
    scheme: str = "fisher_jenks"
    palette: str = "red-yellow"
    minimum: float = Field(default=0, ge=0, allow_inf_nan=False)
    title: Text = {}

    @model_validator(mode="after")
    def _has_its_groups(self) -> Self:
        if self.kind == "choropleth" and len(self.group) != 1:
            raise ValueError('a choropleth shows one group; write group = "IDP"')
        if self.kind in {"symbols", "flows"} and not self.group:
            raise ValueError(f'{self.kind} need a group; write group = "IDP" or ["IDP", "RET"]')
        return self


class MapEntry(_Strict):
    """``[[map]]``."""

    id: Slug
    title: Text
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
    carry: tuple[CarryEntry, ...] = ()
    map: tuple[MapEntry, ...] = ()
    note: tuple[NoteEntry, ...] = ()
    acknowledge: tuple[AcknowledgeEntry, ...] = ()
