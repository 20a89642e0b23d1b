"""What a table turned out to be. Columns are named by their number on the sheet, as users see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from geo.emptiness import blank_words
from geo.headers import Header
from geo.profiles import Profile

__all__ = ["Level", "Shape", "TableKind", "Value"]

TableKind = Literal["figures", "flows", "presence", "population", "unknown"]


@dataclass(frozen=True, slots=True)
class Level:
    """The columns that name a place at one level. ``level`` None is "the table does not say".

    ``codes`` says what the code column holds: P-codes or ISO3 as written, or UNHCR's own country
    codes, which look like ISO3 and are not (MAU is Mauritania, NIG Nigeria). With ``coded`` a
    row is known to be of the level only where it has a code.
    """

    level: int | None
    name: int | None = None
    code: int | None = None
    codes: Literal["as-written", "unhcr"] = "as-written"
    coded: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """One column of counts, and what it counts. "" is "another column or the default says"."""

    at: int
    group: str = ""
    measure: str = ""
    unit: str = ""
    rounded_to: int = 0
    """Counts up to this are rounded by the source; 0 where it rounds none."""


@dataclass(frozen=True)
class Shape:
    """How a table is to be read.

    ``place`` and ``origin`` list levels from the country down; of several, the deepest that a row
    fills is its place and the next one up its parent. ``values`` has one entry for a long table
    and several for a wide one, of which each cell becomes a figure of its own.

    ``columns`` maps a column of ours to the number of the column whose text goes into it.
    ``defaults`` fill what no column says. ``whole`` names the columns that split the same people
    (sex, age…): only rows whose words there mean "all" are figures, the others are their parts.

    ``sparse`` tables write 0 wherever a pair of countries has nobody of a group: such zeros are
    no figures. ``returns`` tables count returnees against the country they came back *from*.
    ``year`` is the year of months that stand alone, as the file's or the sheet's name says it.
    """

    id: str
    title: str
    kind: TableKind
    place: tuple[Level, ...] = ()
    origin: tuple[Level, ...] = ()
    values: tuple[Value, ...] = ()
    columns: Mapping[str, int] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    whole: Mapping[int, frozenset[str]] = field(default_factory=dict)
    sparse: bool = False
    returns: bool = False
    year: int | None = None
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def wide(self) -> bool:
        """Whether a row holds several figures."""
        return len(self.values) > 1

    def used(self) -> frozenset[int]:
        """Return the numbers of the columns that are read."""
        levels = [at for one in (*self.place, *self.origin) for at in (one.name, one.code) if at]
        values = [value.at for value in self.values]
        return frozenset([*levels, *values, *self.columns.values(), *self.whole])

    def unused(self, header: Header) -> tuple[str, ...]:
        """Return the names of the columns that are not read."""
        used = self.used()
        return tuple(column.name for column in header.columns if column.at not in used)

    def profile(self, header: Header) -> Profile:
        """Return the profile to propose: which header holds which of our columns.

        A profile names one place, one origin and one value column; of a wide table, or one with
        several levels, it holds the deepest level and the first value.
        """
        names = {column.at: column.name for column in header.columns}
        found = dict(self.columns)
        ends = (
            (("origin", self.origin), ("destination", self.place))
            if self.kind == "flows"
            else (("place", self.place), ("origin", self.origin))
        )
        for end, levels in ends:
            if not levels:
                continue
            deepest = levels[-1]
            name = deepest.name or (deepest.code if end == "origin" else None)
            code = {"place": "pcode"}.get(end, f"{end}_pcode")
            if name:
                found[end] = name
            if deepest.code and (end != "origin" or self.kind == "flows"):
                found[code] = deepest.code
            parent = {"place": "parent"}.get(end, f"{end}_parent")
            above = next((one.name or one.code for one in reversed(levels[:-1])), None)
            if above and (end != "origin" or self.kind == "flows"):
                found[parent] = above
        defaults = dict(self.defaults)
        if self.values:
            first = self.values[0]
            found["value"] = first.at
            said = {"group": first.group, "measure": first.measure, "unit": first.unit}
            defaults |= {key: text for key, text in said.items() if text and key not in found}
        columns = {ours: names[at] for ours, at in found.items() if at in names}
        return Profile(columns, defaults, blank_words())
