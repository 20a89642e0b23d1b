"""Everything decided, nothing drawn: what every renderer draws from, and all it may draw from.

Positions are degrees (WGS 84, lon/lat); ``projection`` says how paper projects them. Sizes on the
medium (flow curves, symbol radii, label places) are solved per view by the same functions for
paper and screen. All texts are final, in the scene's language, with numbers already formatted;
values stay beside them as exact numbers, so that no renderer parses or rounds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from shapely.geometry.base import BaseGeometry

from maps.imprint import Logo
from maps.scene_layers import (
    BivariateLegend,
    DotLegend,
    DotMark,
    GroupKey,
    PresenceMatrix,
    SectorCount,
    SectorKey,
)

__all__ = [
    "AreaFill",
    "ChoroplethLegend",
    "ContextArea",
    "FlowLegend",
    "FlowMark",
    "GroupKey",
    "KeyFigure",
    "MapLine",
    "Node",
    "Panel",
    "PlaceLabel",
    "PresenceLegend",
    "PresenceMark",
    "Scene",
    "SymbolLegend",
    "SymbolMark",
    "SymbolPart",
    "TableTwin",
    "WaterShape",
]


@dataclass(frozen=True, slots=True)
class ContextArea:
    """Land without figures: the focus country's silhouette, or a neighbour."""

    pcode: str
    role: Literal["focus", "neighbour"]
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class MapLine:
    """A boundary or coast, each drawn once. ``rank`` 0 international, 1 admin 1…; -1 coast."""

    rank: int
    status: Literal["agreed", "disputed", "undetermined", "line_of_control", "coast"]
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class WaterShape:
    """A lake (polygon) or a river (line). ``rank`` 0 is the most important."""

    kind: Literal["lake", "river"]
    name: str
    rank: int
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class AreaFill:
    """One unit of the choropleth.

    ``value`` is what is mapped (a rate), ``count`` the persons behind it; both None where
    ``state`` is not "figure". ``klass`` is the class's index, -1 for a unit without a figure.
    ``colour`` is '#rrggbb'; ``text`` is what a tooltip or screen reader says.
    """

    pcode: str
    name: str
    geometry: BaseGeometry
    value: float | None
    count: float | None
    state: str
    klass: int
    colour: str
    text: str


@dataclass(frozen=True, slots=True)
class SymbolPart:
    """One group's share of a symbol. ``value`` persons; ``label`` the formatted number."""

    group: str
    value: float
    colour: str
    label: str


@dataclass(frozen=True, slots=True)
class SymbolMark:
    """Counts at one place; the area of each part's circle is proportional to its value."""

    place: str
    name: str
    lon: float
    lat: float
    parts: tuple[SymbolPart, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Node:
    """An end of flows: a unit, a site, or a country seen whole."""

    id: str
    name: str
    lon: float
    lat: float
    kind: Literal["unit", "site", "area", "country"]


@dataclass(frozen=True, slots=True)
class FlowMark:
    """Persons from a place to a place. ``measure`` stock means origin of people present, no movement."""

    origin: str
    destination: str
    group: str
    measure: str
    value: float
    colour: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class PresenceMark:
    """Organisations active in one unit. No mark means "not reported", never "nobody is there"."""

    pcode: str
    name: str
    lon: float
    lat: float
    count: int
    orgs: tuple[str, ...]
    sectors: tuple[str, ...]
    colour: str
    text: str
    by_sector: tuple[SectorCount, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceLabel:
    """A name to be placed. ``rank`` 0 is dropped last. ``geometry`` None: label beside the point."""

    text: str
    kind: Literal[
        "country", "focus", "nation", "unit", "capital", "town", "settlement", "site", "water"
    ]
    lon: float
    lat: float
    rank: int
    geometry: BaseGeometry | None = None


@dataclass(frozen=True, slots=True)
class ChoroplethLegend:
    """Classes, lowest first: ``labels[i]`` belongs to ``colours[i]``; a value equal to an upper
    bound belongs to the class below it. ``empty`` lists the kinds of emptiness that occur, as
    (state, colour, label). ``zero`` likewise for an isolated zero, None where none occurs."""

    title: str
    subtitle: str
    upper: tuple[float, ...]
    colours: tuple[str, ...]
    labels: tuple[str, ...]
    empty: tuple[tuple[str, str, str], ...]
    zero: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SymbolLegend:
    """Nested circles: ``sizes`` are round values, ``labels`` their texts; ``maximum`` the largest drawn.

    ``widest`` is the most that a whole country comes to, which one circle stands for where a screen
    shows the map from farther away; 0 where countries are what is drawn.
    """

    title: str
    subtitle: str
    sizes: tuple[float, ...]
    labels: tuple[str, ...]
    maximum: float
    keys: tuple[GroupKey, ...]
    widest: float = 0.0


@dataclass(frozen=True, slots=True)
class FlowLegend:
    """Reference bands. ``subtitle`` says whether bands are movements or stocks by origin.

    ``widest`` is the most that all bands between two countries come to.
    """

    title: str
    subtitle: str
    sizes: tuple[float, ...]
    labels: tuple[str, ...]
    maximum: float
    keys: tuple[GroupKey, ...]
    tree: bool = False
    """Whether bands are the branches of one tree."""
    widest: float = 0.0


@dataclass(frozen=True, slots=True)
class PresenceLegend:
    """What a presence mark says, and that silence is not absence."""

    title: str
    subtitle: str
    colours: tuple[str, ...]
    labels: tuple[str, ...]
    sectors: tuple[SectorKey, ...] = ()
    """Where there are any, a mark is a grid of their signs with the organisations of each."""
    inferred: str = ""
    """What a sign drawn in outline says; "" where there is none."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One of several small maps under one legend: a date, what it adds up to, and its marks."""

    title: str
    subtitle: str
    date: date
    fills: tuple[AreaFill, ...]
    symbols: tuple[SymbolMark, ...]


@dataclass(frozen=True, slots=True)
class TableTwin:
    """The map's figures as a table: same numbers, same words. Rows of formatted cells."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A national total in the margin: ``value`` the formatted number, ``label`` what it counts.

    ``note`` holds its own date and, where it has one, its caveat.
    """

    group: str
    colour: str
    value: str
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One map, decided. ``bbox`` is (west, south, east, north) of what must be in the frame."""

    situation: str
    map_id: str
    edition: str
    vintage: str
    lang: str
    direction: Literal["ltr", "rtl"]
    paper: str
    projection: str
    bbox: tuple[float, float, float, float]
    created: date
    # texts, final
    heading: str
    title: str
    as_of: str
    disclaimers: tuple[str, ...]
    sources: tuple[str, ...]
    footnotes: tuple[str, ...]
    created_text: str
    alt_text: str
    # what is drawn, lowest first
    context: tuple[ContextArea, ...]
    lines: tuple[MapLine, ...]
    fills: tuple[AreaFill, ...]
    symbols: tuple[SymbolMark, ...]
    nodes: tuple[Node, ...]
    flows: tuple[FlowMark, ...]
    presence: tuple[PresenceMark, ...]
    labels: tuple[PlaceLabel, ...]
    # what explains it
    choropleth_legend: ChoroplethLegend | None
    symbol_legend: SymbolLegend | None
    flow_legend: FlowLegend | None
    presence_legend: PresenceLegend | None
    line_keys: tuple[tuple[str, str], ...]
    """(status, label) of the boundary classes that occur in the frame."""
    twins: tuple[TableTwin, ...]
    focus: str
    """P-code of the focus country: what the locator globe marks."""
    world: tuple[ContextArea, ...]
    """All countries, coarsely, for the locator globe."""
    metadata: Mapping[str, Any]
    """Lineage: package version, data hashes, vintage, edition."""
    key_figures: tuple[KeyFigure, ...] = ()
    """National figures of the map's date; shown in a box of their own, never on the map body."""
    place_keys: tuple[tuple[str, str], ...] = ()
    """(kind, label) of the place symbols in the frame, for the legend: capital, town, site."""
    water: tuple[WaterShape, ...] = ()
    """Lakes and rivers as context, lakes first."""
    highlight: BaseGeometry | None = None
    """The outline of the unit that a page of an atlas is about."""
    reference: str = ""
    """Map number, GLIDE number, page of an atlas; final, "" where the publisher has none."""
    contact: str = ""
    """Whom to write to about the map."""
    logos: tuple[Logo, ...] = ()
    """The publisher's own, from the left."""
    overrides: tuple[tuple[str, str], ...] = ()
    """(rule, why) of the checklist's rules that the map departs from on purpose."""
    dots: tuple[DotMark, ...] = ()
    dot_legend: DotLegend | None = None
    bivariate_legend: BivariateLegend | None = None
    """Then ``fills`` are of nine colours, ``klass`` counting along the first variable."""
    panels: tuple[Panel, ...] = ()
    """Small multiples, oldest first; then ``fills`` and ``symbols`` are those of the last."""
    matrix: PresenceMatrix | None = None
    """Then the page is this table; the map's own marks stand beside it for screens."""

    def _repr_html_(self) -> str:
        """Show the map in a notebook."""
        from maps.notebook import scene_image  # it draws, and so it is imported when asked

        return scene_image(self)
