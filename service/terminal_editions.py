"""What changed between two editions, on a terminal: the largest changes first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.counting import exact

if TYPE_CHECKING:
    from geo.edition_changes import EditionChanges, FigureChange, FlowChange
    from service.published import Published

__all__ = ["changes_document", "show_changes"]

_SHOWN = 40  # changes; --json has all


def changes_document(
    changes: "EditionChanges", before: "Published", after: "Published"
) -> dict[str, Any]:
    """Return the changes as JSON values, with the names of places beside their codes."""
    from service.documents import name_of

    def plain(change: "FigureChange | FlowChange", *places: str) -> dict[str, Any]:
        facts = {name: getattr(change, name) for name in change.__slots__}
        names = {f"{key}_name": name_of(after, facts[key], "en") for key in places}
        return {
            **facts,
            **names,
            "date": facts["date"].isoformat(),
            "before": exact(facts["before"]),
            "after": exact(facts["after"]),
        }

    return {
        "before": before.edition.id,
        "after": after.edition.id,
        "figures": [plain(change, "pcode") for change in changes.figures],
        "flows": [plain(change, "origin", "destination") for change in changes.flows],
        "presence_added": changes.presence_added,
        "presence_removed": changes.presence_removed,
        "also_changed": list(changes.said),
    }


def show_changes(document: dict[str, Any]) -> None:
    """Print what `changes_document` returned."""
    out = Console(highlight=False)
    figures, flows = document["figures"], document["flows"]
    head = f"{document['before']} → {document['after']}: "
    parts = [
        _counted(len(figures), "figure"),
        _counted(len(flows), "flow"),
        *(
            f"{_counted(document[f'presence_{word}'], 'row')} of presence {word}"
            for word in ("added", "removed")
            if document[f"presence_{word}"]
        ),
    ]
    out.print(
        Text(head + ", ".join(parts) + " differ" + ("" if figures or flows else " in nothing"))
    )
    for title, rows in (("place", figures), ("from → to", flows)):
        if rows:
            out.print(_table(title, rows))
        if len(rows) > _SHOWN:
            out.print(f"and {len(rows) - _SHOWN} more: add --json for all of them")
    if document["also_changed"]:
        out.print(f"also changed: {', '.join(document['also_changed'])}")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _table(title: str, rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in (title, "what", "date"):
        table.add_column(name)
    for name in ("before", "after", "change"):
        table.add_column(name, justify="right")
    for row in sorted(rows, key=lambda row: -abs(_change(row) or 0))[:_SHOWN]:
        place = (
            f"{row['pcode']} {row['pcode_name']}"
            if "pcode" in row
            else f"{row['origin_name']} → {row['destination_name']}"
        )
        what = f"{row['group']} {row['measure']}"
        if row.get("unplaced"):
            what += ", not placed"
        if "pcode" in row and row["origin"]:
            what += f", from {row['origin']}"
        cells = (_cell(row, "before"), _cell(row, "after"))
        change = _change(row)
        told = f"{change:+,}" if change is not None else row["what"]
        table.add_row(Text(place), Text(what), row["date"], *cells, told)
    return table


def _change(row: dict[str, Any]) -> float | int | None:
    if row["before"] is None or row["after"] is None:
        return None
    difference: float | int = row["after"] - row["before"]
    return difference


def _cell(row: dict[str, Any], side: str) -> str:
    if row[side] is not None:
        return f"{row[side]:,}"
    return str(row[f"state_{side}"]).replace("_", " ") or "–"
