"""What the less common layers decide: two variables at once, dots, sectors, and who does what where.

As in ``maps.scene``: all texts are final, exact numbers stand beside them, nothing is drawn.
"""

from dataclasses import dataclass

__all__ = [
    "BivariateAxis",
    "BivariateLegend",
    "DotLegend",
    "DotMark",
    "GroupKey",
    "MatrixRow",
    "PresenceMatrix",
    "SectorCount",
    "SectorKey",
]


@dataclass(frozen=True, slots=True)
class GroupKey:
    """One colour's meaning, with the as-of date of its figures."""

    group: str
    colour: str
    label: str


@dataclass(frozen=True, slots=True)
class BivariateAxis:
    """One of two variables: ``labels`` and ``upper`` bounds of its classes, lowest first.

    ``ends`` are the bounds written, from the lower end of the first class: one more than classes.
    """

    title: str
    subtitle: str
    upper: tuple[float, ...]
    labels: tuple[str, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BivariateLegend:
    """A square of classes: ``colours[j][i]`` is class i of ``first`` and class j of ``second``.

    ``title`` is the layer's own, "" without one: the axes have theirs.
    ``empty`` lists the kinds of emptiness that occur, as (state, colour, label).
    """

    title: str
    note: str
    first: BivariateAxis
    second: BivariateAxis
    colours: tuple[tuple[str, ...], ...]
    empty: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class DotMark:
    """The dots of one group in one unit: ``value`` persons, one (lon, lat) for each dot.

    A dot stands for so many people anywhere in the unit; where it lies says nothing more.
    """

    pcode: str
    name: str
    group: str
    value: float
    colour: str
    points: tuple[tuple[float, float], ...]
    text: str


@dataclass(frozen=True, slots=True)
class DotLegend:
    """``label`` says what one dot is ("1 dot = 500 people"); ``note`` that dots are no places."""

    title: str
    label: str
    note: str
    per_dot: int
    keys: tuple[GroupKey, ...]


@dataclass(frozen=True, slots=True)
class SectorKey:
    """A sector of the Global Coordination Groups, or "OTHER", and its name."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class SectorCount:
    """Organisations active in one sector at one place.

    ``inferred``: no source states any of them for this very place.
    """

    code: str
    count: int
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One organisation: ``cells[i]`` are its sectors in place i, each with count 1; empty is
    "not reported". ``short`` is what stands in the row, ``name`` the full name."""

    short: str
    name: str
    cells: tuple[tuple[SectorCount, ...], ...]


@dataclass(frozen=True, slots=True)
class PresenceMatrix:
    """Who does what where: organisations down, ``places`` (pcode, name) across, sectors inside.

    ``totals[i]`` counts the organisations of place i; ``inferred`` says what a sign in outline is,
    "" where there is none.
    """

    title: str
    subtitle: str
    note: str
    inferred: str
    organisations: str
    total: str
    places: tuple[tuple[str, str], ...]
    rows: tuple[MatrixRow, ...]
    totals: tuple[int, ...]
    sectors: tuple[SectorKey, ...]
