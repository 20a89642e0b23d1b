"""One table alone, looked at: a situation of one table, of which nothing is released or published."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from geo.matching import Places
from geo.received import Received
from geo.sources import Source
from service.errors import BadSituation
from service.pipeline import Built, Step, build
from service.situation import Situation, Table
from service.undeclared import look_at

if TYPE_CHECKING:
    import pandas as pd

    from boundaries.units import BoundarySet

__all__ = ["check_table", "countries_told"]

_SOURCE = "table"


def check_table(
    path: Path,
    *,
    step: Step,
    vintage: str | None = None,
    countries: Iterable[str] = (),
    sheet: str | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Built:
    """Read a table, match it, and say what does not add up.

    Parameters
    ----------
    path : Path
        The table.
    step : callable
        Told what is being done.
    vintage : str, optional
        The boundaries to match with, by name or path; else the embedded ones.
    countries : iterable of str
        ISO3 codes: where names are looked up. None: those that the table names, else all.
    sheet : str, optional
        The sheet of a workbook.
    defaults : mapping, optional
        What no column says, such as ``{"kind": "registered"}``; what it takes beside is supposed.

    Raises
    ------
    SitmapError
        The table cannot be read, or reads as nothing that is known.
    """
    from boundaries.catalogue import open_vintage
    from boundaries.natural_earth import NATURAL_EARTH, open_natural_earth
    from service.places import within_world

    step(path.name, 0)
    looked = look_at(path, source=_SOURCE, name=path.name, sheet=sheet, defaults=defaults)
    received = looked.received
    name = _vintage_name(vintage, NATURAL_EARTH)
    own, world = open_vintage(name), open_natural_earth()
    known = sorted(set(own.frame["iso3"]) - {""})
    everywhere = own if own.vintage.id == world.vintage.id else within_world(own, world)
    asked = tuple(dict.fromkeys(countries))
    _check_known(path, asked, everywhere)
    told = asked or countries_told(received.table.frame, everywhere)
    if not told:
        told = tuple(known)
    day = max((d for d in received.table.frame["date"] if d is not None), default=dt.date.min)
    situation = Situation(
        folder=path.parent,
        id=re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or _SOURCE,
        title={"en": path.name},
        as_of=day,
        created=day,
        vintage=name,
        countries=told,
        focus="",
        sources=(Source(_SOURCE, path.name, "", day),),
        tables=(_table(path, received, sheet),),
    )
    return build(situation, step=step, known={path.name: received}, to_release=False)


def _vintage_name(vintage: str | None, default: str) -> str:
    """Return a name of a vintage, or a path from anywhere."""
    if vintage is None:
        return default
    return str(Path(vintage).resolve()) if Path(vintage).is_file() else vintage


def _table(path: Path, received: Received, sheet: str | None) -> Table:
    from geo.profiles import Profile

    kind = received.kind
    assert kind != "unknown"  # noqa: S101 - `read_received` refuses what it does not know
    return Table(path, path.name, kind, _SOURCE, Profile(), recognised=True, sheet=sheet)


def _check_known(path: Path, asked: tuple[str, ...], everywhere: "BoundarySet") -> None:
    there = set(everywhere.frame["iso3"])
    absent = [country for country in asked if country not in there]
    if absent:
        raise BadSituation(
            path,
            where="--countries",
            found=f"vintage {everywhere.vintage.id} has no country {', '.join(absent)}",
            todo="Write ISO 3166-1 codes of three letters, as MLI.",
        )


def countries_told(frame: "pd.DataFrame", everywhere: "BoundarySet") -> tuple[str, ...]:
    """Return the countries (ISO3, ascending) that a table's codes and parents name.

    Names of places that are not said to be countries tell nothing: Niger is a state of Nigeria,
    too. A table that names no country at all, by code or parent, gives none.
    """
    places = Places(everywhere)
    units = places.index.units
    at_top = frame["level"] == "0" if "level" in frame else frame["date"].isna() & False
    texts = {text for name in ("parent", "origin_parent", "destination_parent") if name in frame
             for text in frame[name].unique()}  # fmt: skip
    if "place" in frame:
        texts |= set(frame.loc[at_top, "place"].unique())
    codes = {code for name in ("pcode", "origin_pcode", "destination_pcode") if name in frame
             for code in frame[name].unique()}  # fmt: skip
    found = set()
    for code in codes:
        unit = places.index.country_of_code(code)
        if unit is not None and unit.iso3:
            found.add(unit.iso3)
    for text in texts:
        country = units.get(places.origin(text) or "") if text else None
        if country is not None:
            found.add(country.iso3)
    return tuple(sorted(found))
