"""Which header of a table holds which of our columns. A profile renames; it never changes a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["MISSING", "Profile"]

MISSING = ("", "-", "N/A", "n/a", "..", "RAS")
"""Cells that mean "nothing stands here". ``NA`` is not among them: it is Namibia."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How one table is written.

    ``columns`` maps our column to the table's header; a column that is not mapped is looked up
    under our own name. ``defaults`` maps our column to the text that fills an absent column and
    blank cells. ``missing`` are the cells that count as blank, compared without outer spaces.

    >>> Profile({"place": "Region"}, {"group": "IDP"}).header("place")
    'Region'
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = MISSING

    def header(self, column: str) -> str:
        """Return the header that holds ``column``."""
        return self.columns.get(column, column)

    def blank(self, cell: str) -> bool:
        """Whether a cell counts as empty."""
        return cell.strip() in self.missing
