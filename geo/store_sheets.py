"""Sheets in the tables of a store. The SQL is the same for every store; ``?`` marks a value."""

# ruff: noqa: S608 - the names put into statements are constants of this module; values never are

from collections.abc import Iterator
from dataclasses import dataclass

from geo.edition_rows import Ask

__all__ = ["StoreSheets", "sealed"]

_TOGETHER = 200  # sheets read at once: a few megabytes


@dataclass(frozen=True, slots=True)
class StoreSheets:
    """A `geo.stored_figures.SheetReader` over the tables of a store.

    ``at_hand``: the store is a file of this machine.
    """

    ask: Ask
    edition: str
    at_hand: bool

    def content(self, kind: str, key: str) -> bytes | None:
        """Return a sheet as it was written, None where there is none; raises a `StoreError`."""
        rows = self.ask(
            "SELECT content FROM sheets WHERE edition = ? AND kind = ? AND key = ?",
            [self.edition, kind, key],
        )
        return bytes(rows[0][0]) if rows else None

    def contents(self, kind: str) -> Iterator[tuple[str, bytes]]:
        """Give key and content of all sheets of a kind in order; raises a `StoreError`."""
        after, first = "", True
        while True:
            rows = self.ask(
                "SELECT key, content FROM sheets WHERE edition = ? AND kind = ? "
                f"AND key {'>=' if first else '>'} ? ORDER BY key LIMIT {_TOGETHER}",
                [self.edition, kind, after],
            )
            yield from ((key, bytes(content)) for key, content in rows)
            if len(rows) < _TOGETHER:
                return
            after, first = rows[-1][0], False


def sealed(ask: Ask, edition: str) -> str | None:
    """Return the seal of an edition that has sheets, None where it has none."""
    rows = ask("SELECT sha256 FROM seals WHERE edition = ?", [edition])
    return str(rows[0][0]) if rows else None
