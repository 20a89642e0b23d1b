"""How boundaries look on a terminal: what was recognised, every check with its number, every repair."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

__all__ = ["show_checks", "show_comparison", "show_reading"]

_SHOWN = 12  # repairs and features: the rest is in --json


def show_reading(notes: Console, record: Mapping[str, Any]) -> None:
    """Show, for confirmation, which column was taken for what."""
    several = len({row[0] for row in record["recognised"]}) > 1
    table = _table(*(["layer"] if several else []), "what", "column", "recognised", "for example")
    for layer, *row in record["recognised"]:
        cells = [Text(str(cell)) for cell in ([layer] if several else []) + row]
        cells[-2].stylize("dim")
        table.add_row(*cells)
    _show(notes, f"{record['file']}: {record['features']:,} features, read as", table)


def show_checks(
    notes: Console, checks: Sequence[Mapping[str, Any]], record: Mapping[str, Any] | None
) -> None:
    """Show every check: in the file as it came, and in the units as they are now.

    What found nothing is named in one line.
    """
    before = {check["id"]: check for check in (record or {}).get("checks", ())}
    now = {check["id"]: check for check in checks}
    columns = ["in the file", "now", "km²"] if record else ["now", "km²"]
    table = _table(
        "check", *columns, "what, and the first concerned", right=tuple(range(1, len(columns) + 1))
    )
    quiet = []
    for name in dict.fromkeys([*before, *now]):
        was, left = before.get(name), now.get(name)
        found = [check for check in (left, was) if check and check["count"]]
        if not found:
            quiet.append(name)
            continue
        km2 = _km2(found[0]["km2"])
        what = Text(found[0]["what"])
        what.append("\n" + ", ".join(found[0]["first"]), style="dim")
        numbers = [_number(was), _number(left)] if record else [_number(left)]
        table.add_row(name, *numbers, km2, what)
    if table.row_count:
        _show(notes, "Checks", table)
        notes.print(Padding(Text(f"0: {', '.join(quiet)}", style="green"), (0, 0, 0, 2)))
    else:
        notes.print()
        notes.print(Text("Checks", style="bold"))
        sound = f"all {len(quiet)} found nothing: {', '.join(quiet)}"
        notes.print(Padding(Text(sound, style="green"), (0, 0, 0, 2)))
    if record:
        _repairs(notes, record)


def _km2(area: float | None) -> str:
    if not area:
        return ""
    return f"{area:,.0f}" if area >= 10 else f"{area:.4f}"


def _number(check: Mapping[str, Any] | None) -> Text:
    if check is None:
        return Text("")
    return Text(f"{check['count']:,}", style="yellow" if check["count"] else "green")


def _repairs(notes: Console, record: Mapping[str, Any]) -> None:
    repairs = sorted(record["repairs"], key=lambda repair: -repair["km2"])
    if repairs:
        table = _table("repair", "km²", "what", right=(1,))
        for repair in repairs[:_SHOWN]:
            table.add_row(repair["check"], _km2(repair["km2"]), Text(repair["what"]))
        if len(repairs) > _SHOWN:
            rest = sum(repair["km2"] for repair in repairs[_SHOWN:])
            table.add_row(
                f"{len(repairs) - _SHOWN:,} more", _km2(rest), "--json lists all", style="dim"
            )
        _show(notes, "Mended", table)
    if record["listed"]:
        table = _table("row", "feature", "is no unit of its own:", right=(0,))
        for one in record["listed"][:_SHOWN]:
            table.add_row(str(one["row"]), Text(one["unit"]), Text(one["why"]))
        if len(record["listed"]) > _SHOWN:
            table.add_row(
                "", f"{len(record['listed']) - _SHOWN:,} more", "--json lists all", style="dim"
            )
        _show(notes, "Features that are no unit of their own", table)


def show_comparison(
    out: Console, notes: Console, rows: Sequence[Mapping[str, object]], sentences: Sequence[str]
) -> None:
    """Print what changed, a row for each change; what follows from it goes to the notes."""
    table = _table("change", "old", "new", "km² moved", right=(3,))
    for row in rows:
        what = str(row["kind"]) + (
            ", recoded" if row["recoded"] and row["kind"] != "recoded" else ""
        )
        moved = f"{row['moved_km2']:,.1f}" if row["moved_km2"] else ""
        table.add_row(what, _units(row, "old"), _units(row, "new"), moved)
    if rows:
        out.print(table)
    for sentence in sentences:
        notes.print(Text(sentence))


def _units(row: Mapping[str, object], which: str) -> Text:
    codes, names = str(row[which]).split("|"), str(row[f"{which}_name"]).split("|")
    shown = [f"{code} {name}".strip() for code, name in zip(codes, names, strict=False)]
    return Text("\n".join(shown[:6] + ([f"and {len(shown) - 6} more"] if len(shown) > 6 else [])))


def _table(*headers: str, right: Sequence[int] = ()) -> Table:
    table = Table(box=SIMPLE_HEAD, header_style="dim", pad_edge=False, show_edge=False)
    for position, header in enumerate(headers):
        table.add_column(header, justify="right" if position in right else "left")
    return table


def _show(notes: Console, title: str, table: Table) -> None:
    notes.print()
    notes.print(Text(title, style="bold"))
    notes.print(Padding(table, (0, 0, 0, 2)))
