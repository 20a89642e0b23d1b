"""A situation from spreadsheets alone: what was recognised is proposed, what nobody said is left open.

The tables are copied as they were received. Nothing is invented: who published a table, under
which licence and how sensitive it is stays for the user to write, and a build asks for it.
"""

import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boundaries.units import BoundarySet
from geo.figure_reading import WHY_NEEDED
from geo.place_index import PlaceIndex
from geo.place_texts import read_place
from geo.received import Received
from service.errors import CannotWrite, ServiceError
from service.situation_file import SITUATION_FILE, load_situation
from service.undeclared import Looked, look_at

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NoCountry", "Started", "countries_of", "start_situation"]

_MOST_COUNTRIES = 8
_ENDS = ("place", "origin", "destination")


class NoCountry(ServiceError):
    """Tables whose places are not known in any country."""

    def __init__(self, files: Sequence[str]) -> None:
        self.files = tuple(files)
        super().__init__(
            f"{', '.join(files)}: no country could be told from the places; expected country codes, "
            "P-codes or names of regions. Name the countries with --country MLI."
        )


@dataclass(frozen=True)
class Started:
    """What was made of the tables: how each was read, and the countries they speak of."""

    folder: Path
    tables: tuple[Received, ...]
    countries: tuple[str, ...]


def start_situation(
    folder: Path,
    tables: Sequence[Path],
    *,
    countries: Sequence[str] = (),
    defaults: Mapping[str, str] | None = None,
    world: BoundarySet | None = None,
) -> Started:
    """Write a new situation folder round some tables.

    Parameters
    ----------
    folder : Path
        Must not exist, or be empty.
    tables : sequence of Path
        CSV, TSV, XLSX or JSON tables in any shape that is known; they are copied.
    countries : sequence of str
        ISO3 codes; else those that the tables speak of most.
    defaults : mapping, optional
        What no column says, such as ``{"date": "2016-12-31", "kind": "registered"}``.
    world : BoundarySet, optional
        Where countries are looked for; else the embedded world.

    Raises
    ------
    TableError
        A table cannot be read, or something that every figure needs is said nowhere.
    NoCountry
        None of the places is known.
    CannotWrite
        The folder is not new; nothing was written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotWrite(folder, why="it is not an empty folder", todo="Name a new folder.")
    from boundaries.natural_earth import open_natural_earth

    names = _names(tables)
    looked = tuple(
        look_at(path, source=_slug(name), name=f"data/{name}", defaults=defaults)
        for path, name in zip(tables, names, strict=True)
    )
    read = tuple(each.received for each in looked)
    index = PlaceIndex(world or open_natural_earth())
    found = tuple(countries) or countries_of([each.table.frame for each in read], index)
    if not found:
        raise NoCountry([each.file for each in read])
    _write(folder, tables, names, _toml(folder, looked, found, index, defaults or {}))
    return Started(folder, read, found)


def countries_of(frames: Sequence["pd.DataFrame"], index: PlaceIndex) -> tuple[str, ...]:
    """Return the countries (ISO3) that tables speak of, the most frequent first.

    Countries are told by their codes and names, else by the codes of their units, else by the
    names of their units: the fewest countries that between them know the most names.
    """
    rows: Counter[str] = Counter()
    for frame in frames:
        for end in (end for end in _ENDS if end in frame.columns):
            prefix = "" if end == "place" else f"{end}_"
            for column in (f"{prefix}pcode", f"{prefix}parent", end):
                if column in frame.columns and (end != "origin" or "destination" in frame.columns):
                    rows.update(_countries_named(frame[column].tolist(), index))
    told = [iso3 for iso3, count in rows.most_common() if count * 100 >= rows.total()]
    if told:
        return tuple(told[:_MOST_COUNTRIES])
    names = [
        name
        for frame in frames
        for column in (*_ENDS, "parent", "origin_parent", "destination_parent")
        if column in frame.columns and (column != "origin" or "destination" in frame.columns)
        for name in frame[column]
        if name
    ]
    return _fewest(Counter(names), index)


def _countries_named(texts: Sequence[str], index: PlaceIndex) -> Counter[str]:
    from boundaries.names import normalise_name

    found: Counter[str] = Counter()
    for text, count in Counter(texts).items():
        unit = index.country_of_code(text)
        named = [] if unit or not text else index.countries_by_name.get(normalise_name(text), [])
        unit = unit or (named[0] if len(named) == 1 else None)
        if unit is not None and unit.iso3:
            found[unit.iso3] += count
    return found


def _fewest(names: Counter[str], index: PlaceIndex) -> tuple[str, ...]:
    from boundaries.names import normalise_name

    knows: dict[str, set[str]] = {}
    for name in names:
        key = normalise_name(read_place(name).name)
        aliases = [unit for _, unit in index.known_as(key, None)]
        for unit in (*index.by_name.get(key, ()), *index.by_alias.get(key, ()), *aliases):
            knows.setdefault(unit.iso3, set()).add(name)
    chosen: list[str] = []
    left = set(names)
    while left and len(chosen) < _MOST_COUNTRIES:
        best = max(knows, key=lambda iso3: (len(knows[iso3] & left), iso3), default="")
        if not best or len(knows[best] & left) < max(1, len(names) // 10):
            break
        chosen.append(best)
        left -= knows[best]
    return tuple(each for each in chosen if each)


# --- the folder -------------------------------------------------------------------------------------


def _names(tables: Sequence[Path]) -> list[str]:
    names: list[str] = []
    for path in tables:
        name, number = path.name, 2
        while name in names:
            name, number = f"{path.stem}-{number}{path.suffix}", number + 1
        names.append(name)
    return names


def _write(folder: Path, tables: Sequence[Path], names: Sequence[str], toml: str) -> None:
    """Put the folder together beside its place, and move it there in one step."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".sitmap-new-") as scratch:
            made = Path(scratch) / "situation"
            (made / "data").mkdir(parents=True)
            for path, name in zip(tables, names, strict=True):
                shutil.copyfile(path, made / "data" / name)
            (made / SITUATION_FILE).write_text(toml, encoding="utf-8")
            load_situation(made)
            if folder.exists():
                folder.rmdir()
            made.replace(folder)
    except OSError as error:
        why = (error.strerror or "it cannot be written").lower()
        raise CannotWrite(folder, why=why, todo="Name another folder.") from None


def _slug(text: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", Path(text).stem.casefold()).strip("-")
    return slug[:64].strip("-") or "table"


def _toml(
    folder: Path,
    looked: Sequence[Looked],
    countries: Sequence[str],
    index: PlaceIndex,
    defaults: Mapping[str, str],
) -> str:
    tables = [each.received for each in looked]
    days = [day for table in tables for day in table.table.frame["date"] if day is not None]
    as_of = max(days, default=date.fromisoformat(defaults.get("date", "2000-01-01")))
    focus = index.country_by_iso3[countries[0]]
    lines = [
        "# Started by `sitmap new`. Look through every line; what is marked TO WRITE nobody said.",
        f"id = {_text(_slug(folder.resolve().name))}",
        f"title = {{ en = {_text(f'{focus.name}: {_people(tables)}')} }}",
        f"as_of = {as_of.isoformat()}",
        f"created = {as_of.isoformat()}  # TO WRITE: the day the maps are made",
        "",
        "[boundaries]",
        f"countries = [{', '.join(_text(iso3) for iso3 in countries)}]",
        'vintage = "natural-earth-5.1"  # or a file with smaller units; see `sitmap boundaries`',
        f"focus = {_text(countries[0])}",
    ]
    for each in looked:
        lines += ["", *_source(each.received), "", *_table(each)]
    return "\n".join([*lines, "", *_map(tables, focus.name)]) + "\n"


def _source(table: Received) -> list[str]:
    days = [day for day in table.table.frame["date"] if day is not None]
    return [
        "[[source]]",
        f"id = {_text(_slug(table.file))}",
        f"title = {_text(Path(table.file).stem)}  # TO WRITE: as published",
        'publisher = "not stated"  # TO WRITE',
        f"date = {max(days, default=date(2000, 1, 1)).isoformat()}",
        '# sensitivity = "public"  # TO WRITE: public, sensitive or restricted; a build asks for it',
    ]


def _table(looked: Looked) -> list[str]:
    table = looked.received
    lines = [
        "[[table]]",
        f"# recognised as: {_one_line(table.title)}",
        *(f"# {_one_line(note)}" for note in table.notes if note not in looked.asked),
        f"file = {_text(table.file)}",
        f"kind = {_text(table.kind)}",
        f"source = {_text(_slug(table.file))}",
        'profile = "auto"',
    ]
    if Path(table.file).suffix.casefold() == ".xlsx" and table.sheet:
        lines.append(f"sheet = {_text(table.sheet)}")
    known = {"date", "start", "parent"} if table.kind == "presence" else looked.used.keys()
    used = {n: text for n, text in looked.used.items() if n in known and n not in table.columns}
    if used and not looked.supposed:
        lines.append(f"defaults = {_inline(used)}")
    elif looked.supposed:
        asked = "; ".join(f"{name}: {WHY_NEEDED[name]}" for name in looked.supposed)
        if used:
            lines.append(f"defaults = {_inline(used)}")
        whole = _inline({**used, **looked.supposed})
        lines.append(f"# defaults = {whole}  # TO WRITE: {asked}; a build asks for it")
    return lines


def _inline(told: Mapping[str, str]) -> str:
    """Return a TOML table in one line."""
    return f"{{ {', '.join(f'{name} = {_text(text)}' for name, text in sorted(told.items()))} }}"


def _map(tables: Sequence[Received], country: str) -> list[str]:
    lines = ["[[map]]", 'id = "situation"', f"title = {{ en = {_text(country)} }}"]
    layers: list[list[str]] = []
    groups = _groups(tables)
    counts = [group for group in groups if group not in ("POP", "POC")][:3]
    if "POP" in groups and counts:
        layers.append(['kind = "choropleth"', f"group = {_text(counts[0])}", 'per = "population"'])
    if counts:
        told = ", ".join(_text(group) for group in counts)
        layers.append(['kind = "symbols"', f"group = [{told}]"])
    moving = _groups(tables, kinds=("flows",))[:3]
    if moving:
        measures = Counter(m for t in tables if t.kind == "flows" for m in t.table.frame["measure"])
        told = ", ".join(_text(group) for group in moving)
        measure = _text(measures.most_common(1)[0][0])
        layers.append(['kind = "flows"', f"group = [{told}]", f"measure = {measure}"])
    if not layers:
        layers.append(['kind = "presence"'])
    for layer in layers:
        lines += ["", "[[map.layer]]", *layer]
    return lines


def _groups(
    tables: Sequence[Received], *, kinds: Sequence[str] = ("figures", "population")
) -> list[str]:
    """Return the groups that are counted, the one with most rows first."""
    count: Counter[str] = Counter()
    for table in tables:
        if table.kind in kinds:
            count.update(table.table.frame["group"].tolist())
    return [group for group, _ in count.most_common()]


def _people(tables: Sequence[Received]) -> str:
    from geo.terms import GROUP_NAMES

    groups = [GROUP_NAMES.get(group, group) for group in _groups(tables) if group != "POP"]
    kinds = {table.kind for table in tables}
    return groups[0] if groups else "movements" if "flows" in kinds else "partner presence"


def _text(text: Any) -> str:
    """Return a TOML string."""
    return json.dumps(str(text), ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())
