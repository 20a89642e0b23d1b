"""What was found and done when boundaries were read. Every feature is a unit, or it is listed here."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

__all__ = ["Check", "Listed", "ReadRecord", "Repair"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check and its number. ``count`` 0 is sound.

    ``id`` is its stable name; ``what`` says what is counted; ``first`` names the first five units
    concerned (P-code and name); ``km2`` is the ground concerned, None where it has none.
    """

    id: str
    what: str
    count: int
    first: tuple[str, ...] = ()
    km2: float | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """Something that was mended: by which check, which units, how much ground moved (km²), in words."""

    check: str
    units: tuple[str, ...]
    km2: float
    what: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A feature of the file that is no unit of its own: its row (from 1, over all layers), and why."""

    row: int
    unit: str
    why: str


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """How a file became units.

    ``features`` rows of the file made ``units`` units and are ``listed`` where they did not:
    ``features == units + len(listed)``. Units of levels above that were dissolved from them count
    in neither. ``checks`` are those of the file as it came, before mending; ``recognised`` are the
    columns, as rows of layer, what, column, why, example.
    """

    file: str
    features: int
    units: int
    listed: tuple[Listed, ...] = ()
    checks: tuple[Check, ...] = ()
    repairs: tuple[Repair, ...] = ()
    recognised: tuple[tuple[str, str, str, str, str], ...] = ()

    @property
    def moved_km2(self) -> float:
        """Ground that mending moved, gave away, closed or took off."""
        return sum(repair.km2 for repair in self.repairs)

    def document(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the record that `document` gave."""
        return cls(
            file=document["file"],
            features=document["features"],
            units=document["units"],
            listed=tuple(Listed(**one) for one in document["listed"]),
            checks=tuple(
                Check(**{**one, "first": tuple(one["first"])}) for one in document["checks"]
            ),
            repairs=tuple(
                Repair(**{**one, "units": tuple(one["units"])}) for one in document["repairs"]
            ),
            recognised=tuple(tuple(row) for row in document["recognised"]),
        )
