"""The query parameters routes take. An unknown one is refused: ignored, it would answer another question."""

import datetime as dt
import math
from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from geo.terms import Measure
from maps.mvt import LAND, TILE_LAYERS
from service.languages import spoken_language
from service.map_values import SLICE, Part
from service.narrowing import Narrowing

__all__ = [
    "BoundaryTileQuery",
    "CountsQuery",
    "FlowsQuery",
    "FormName",
    "ImageQuery",
    "LanguageQuery",
    "MapId",
    "NarrowedQuery",
    "NoQuery",
    "PagedQuery",
    "PictureTileQuery",
    "PresenceQuery",
    "Situation",
    "TileQuery",
    "UnitsQuery",
    "ValuesQuery",
    "box_of",
]

Language = Literal["en", "fr", "es", "ar"]
Show = Literal["choropleth", "symbols", "flows", "presence"]
PaperName = Literal["A5", "A4", "A3", "A5-portrait", "A4-portrait", "A3-portrait"]
FormName = Annotated[
    Literal["html", "svg", "png", "pdf", "json", "txt"],
    Path(description="Page, picture, print, specification, or words."),
]


def box_of(text: str) -> tuple[float, float, float, float]:
    """Return the box; raises ValueError where the text is none.

    >>> box_of("-6,12,2,20")
    (-6.0, 12.0, 2.0, 20.0)
    """
    parts = text.split(",")
    if len(parts) != 4 or len(text) > 100:
        raise ValueError("expected west,south,east,north")
    west, south, east, north = (float(part) for part in parts)
    if not all(map(math.isfinite, (west, south, east, north))):
        raise ValueError("expected finite degrees")
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError("expected west < east and south < north, in degrees")
    return west, south, east, north


def _is_a_box(text: str) -> str:
    box_of(text)
    return text


_BOX = "The box `west,south,east,north` in degrees"
Box = Annotated[
    str,
    AfterValidator(_is_a_box),
    Field(
        examples=["-6,12,2,20"],
        # that west is less than east no pattern can say
        json_schema_extra={"pattern": r"^-?[0-9.]{1,20}(,-?[0-9.]{1,20}){3}$"},
    ),
]

_CODE = r"^[A-Za-z0-9.-]{1,32}$"
Code = Annotated[str, Field(pattern=_CODE)]
Group = Annotated[str, Field(pattern=r"^[A-Z]{2,4}$", description="Population group, as `IDP`.")]

Situation = Annotated[
    str, Path(pattern=r"^[a-z0-9-]{1,64}$", description="A situation's id.", examples=["mali-2017"])
]
MapId = Annotated[
    str, Path(pattern=r"^[a-z0-9-]{1,64}$", description="A map's id.", examples=["situation"])
]


class NoQuery(BaseModel):
    """No parameters."""

    model_config = ConfigDict(extra="forbid")


class LanguageQuery(NoQuery):
    """The language of names and texts."""

    lang: Language = Field(
        default_factory=spoken_language,  # type: ignore[arg-type]
        description="Language of names and texts; without it what `Accept-Language` prefers, where "
        "the address begins with `/api/` and is none of a map's values, else English.",
        json_schema_extra={"default": "en"},
    )


class NarrowedQuery(LanguageQuery):
    """Which of a map's figures. What is left out stays as the map was published."""

    show: Show | None = Field(default=None, description="Only layers of this kind.")
    group: Group | None = None
    date: dt.date | None = Field(
        default=None, description="As-of date; without it each layer's own, or its latest."
    )
    measure: Measure | None = None
    origin: Code | None = Field(default=None, description="Country of origin, or `unknown`.")
    level: int | None = Field(default=None, ge=0, le=3, description="0 country, 1 region, 2, 3.")

    def narrowing(self) -> Narrowing:
        """Return what is asked of the map."""
        return Narrowing(
            show=self.show,
            group=self.group,
            measure=self.measure.value if self.measure else None,
            date=self.date,
            level=self.level,
            origin=self.origin,
        )


class PagedQuery(LanguageQuery):
    """Which page of the rows, and of which edition."""

    limit: Annotated[int, Field(ge=1, json_schema_extra={"maximum": 10_000})] | None = Field(
        default=None,
        description="Rows of one answer: 10,000 at most, and without it. The header `Link` has the "
        "next page.",
    )
    offset: int = Field(default=0, ge=0, le=1_000_000_000, description="Rows to leave out before.")
    edition: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{12}$",
        description="An earlier edition; the current one without it.",
    )


class BoundaryTileQuery(NoQuery):
    """Which units are in a tile."""

    countries: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{3}(,[A-Z]{3}){0,249}$",
        description="Only the units of these: all countries of one situation, by ISO 3166-1 code.",
        examples=["MLI,NER,BFA,MRT"],
    )

    def codes(self) -> tuple[str, ...]:
        """Return the countries asked for; none where all are."""
        return tuple(self.countries.split(",")) if self.countries else ()


_LAYER = "|".join((LAND, *TILE_LAYERS))


class TileQuery(NarrowedQuery):
    """What is in a tile."""

    layers: str | None = Field(
        default=None,
        pattern=rf"^({_LAYER})(,({_LAYER})){{0,6}}$",
        description="Only these of `land,units,boundaries,flows,dots,symbols,labels`; all but `land` "
        "without it.",
        examples=["boundaries"],
    )

    def layer_names(self) -> tuple[str, ...]:
        """Return the layers asked for, in the order of the tile."""
        asked = TILE_LAYERS if self.layers is None else self.layers.split(",")
        return tuple(name for name in (LAND, *TILE_LAYERS) if name in asked)


class PictureTileQuery(NarrowedQuery):
    """How a tile is drawn."""

    size: Literal["256", "512"] = Field(default="256", description="Pixels, across and down.")


class ValuesQuery(NarrowedQuery):
    """How a map's values are written."""

    form: Literal["rows", "columns", "head", "binary"] = Field(
        default="rows",
        description="One object per place; or columns in the order of `/units?level=`: smaller, "
        "with legend, tables and words; or that without the columns, which are then asked for in "
        "parts; or bytes in that order, for tens of thousands of units.",
    )
    bases: Literal["sent", "known"] = Field(
        default="sent",
        description="`known` leaves out what rates relate their persons to, for readers who have it "
        "from an answer before; for `form=binary`.",
    )
    parent: Code | None = Field(
        default=None, description="Only units within this P-code; not as `head`."
    )
    bbox: Box | None = Field(
        default=None, description=f"{_BOX}: only units that touch it; not as `head`."
    )
    first: int | None = Field(
        default=None,
        ge=0,
        le=10_000_000,
        description=f"Only {SLICE:,} units of the order of `/units?level=`, from this place on; "
        "not as `head`.",
    )

    def part(self) -> Part:
        """Return which units are asked for."""
        box = None if self.bbox is None else box_of(self.bbox)
        return Part(self.parent, box, self.first)


class UnitsQuery(LanguageQuery):
    """Which units."""

    level: int = Field(default=1, ge=0, le=3, description="0 country, 1 region, 2, 3.")
    parent: Code | None = Field(default=None, description="Only units within this P-code.")


class ImageQuery(NarrowedQuery):
    """How a map is drawn."""

    paper: PaperName | None = Field(default=None, description="Sheet; the map's own without it.")
    width: int | None = Field(
        default=None, ge=64, le=4000, description="Pixels; PNG only. 200 dpi without it."
    )


class CountsQuery(PagedQuery):
    """Which figures."""

    level: int = Field(default=1, ge=0, le=3, description="0 country, 1 region, 2, 3.")
    group: Group | None = Field(
        default=None,
        description="Population group, as `IDP`; may be left out if there is one only.",
    )
    date: dt.date | None = Field(
        default=None, description="As-of date; without it the latest that has figures."
    )
    measure: Measure | None = Field(
        default=None, description="Stock where there is one, else the one there is."
    )
    origin: Code | None = Field(default=None, description="Country of origin, or `unknown`.")
    parent: Code | None = Field(default=None, description="Only units within this P-code.")
    bbox: Box | None = Field(
        default=None, description=f"{_BOX}: only units that touch it, and the total of those."
    )
    format: str | None = Field(
        default=None,
        max_length=100,
        description="How the counts are written; without it what `Accept` prefers, else JSON. "
        "`limit` and `offset` hold for all of them; without `limit` only JSON and GeoJSON are cut.",
        json_schema_extra={"enum": ["json", "csv", "geojson", "gpkg", "parquet", "xlsx"]},
    )


class FlowsQuery(PagedQuery):
    """Which flows."""

    group: Group | None = None
    date: dt.date | None = Field(default=None, description="As-of date; every date without it.")
    measure: Measure | None = None
    origin: Code | None = Field(default=None, description="P-code of the origin, or `unknown`.")
    destination: Code | None = Field(default=None, description="P-code of the destination.")


class PresenceQuery(PagedQuery):
    """Which presence."""

    pcode: Code | None = Field(default=None, description="Only this unit.")
    sector: Code | None = Field(default=None, description="Sector code, as `PRO`.")
