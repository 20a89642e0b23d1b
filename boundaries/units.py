"""Admin units of one vintage, all levels in one table. A P-code is unique within its vintage only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from boundaries.errors import UnknownUnit
from boundaries.names import normalise_name
from boundaries.record import ReadRecord
from boundaries.vintage import Vintage

__all__ = ["LANGUAGES", "UNIT_COLUMNS", "AdminUnit", "BoundarySet"]

LANGUAGES = ("en", "fr", "es", "ar")

_SHORT = 0.1  # degrees
_LATELY = 32  # sets of units whose countries are remembered

UNIT_COLUMNS = {
    "pcode": "unique in the set, over all levels",
    "level": "0 country, 1, 2, 3",
    "parent": "P-code one level up; empty for level 0",
    "iso3": "ISO 3166-1 alpha-3 of the country; empty for areas that have none",
    "code_scheme": "ocha | iso-3166-2 | iso-3166-1 | natural-earth | own",
    "name": "as the source writes it",
    "name_en": "empty where the source has none; likewise fr, es, ar",
    "name_fr": "",
    "name_es": "",
    "name_ar": "",
    "aliases": "other spellings, joined with '|'",
    "type": "Region, Province…, as the source says; may be empty",
    "label_lon": "degrees; a point well inside the unit, for labels and symbols",
    "label_lat": "degrees",
    "geometry": "Polygon or MultiPolygon, EPSG:4326",
}


@dataclass(frozen=True, slots=True)
class AdminUnit:
    """One place, without its polygon."""

    pcode: str
    level: int
    parent: str
    iso3: str
    name: str
    names: dict[str, str]
    label_point: tuple[float, float]
    type: str = ""


@dataclass(frozen=True)
class BoundarySet:
    """The units of a vintage: a GeoDataFrame with the columns of ``UNIT_COLUMNS``.

    Rows are in order of level, then P-code; the index is 0…n-1. Treat ``frame`` as read-only.
    ``notes`` tells, a sentence each, what had to be mended when a file was read; ``record`` tells the
    same with numbers and lists (None for a set that was not read from a file of the user's).
    """

    vintage: Vintage
    frame: gpd.GeoDataFrame
    notes: tuple[str, ...] = ()
    record: ReadRecord | None = None

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {code: i for i, code in enumerate(self.frame["pcode"])}

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        """What a unit is made of: a row at a time from the table costs a hundred times as much."""
        named = [f"name_{lang}" for lang in LANGUAGES]
        columns = ("level", "parent", "iso3", "name", *named, "label_lon", "label_lat", "type")
        return {column: self.frame[column].tolist() for column in columns}

    @cached_property
    def _units(self) -> dict[str, AdminUnit]:
        """The units asked for so far."""
        return {}

    @cached_property
    def _place_of(self) -> dict[str, tuple[int, str]]:
        """Each unit's level and parent: asked for thousands of times per map of the world."""
        columns = (self.frame[name].tolist() for name in ("pcode", "level", "parent"))
        return {code: (int(level), parent) for code, level, parent in zip(*columns, strict=True)}

    @cached_property
    def _names_in(self) -> dict[str, dict[str, str]]:
        """Each unit's name in the languages asked for so far."""
        return {}

    @cached_property
    def _codes_at(self) -> dict[int, tuple[str, ...]]:
        codes: dict[int, list[str]] = {}
        for code, (level, _) in self._place_of.items():
            codes.setdefault(level, []).append(code)
        return {level: tuple(codes[level]) for level in sorted(codes)}

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels there are, ascending."""
        return tuple(self._codes_at)

    def codes(self, level: int) -> tuple[str, ...]:
        """Return the P-codes of one level, in order."""
        return self._codes_at.get(level, ())

    def codes_within(self, pcode: str, level: int) -> tuple[str, ...]:
        """Return the P-codes of one level inside a unit (itself at its own level), in order."""
        if level not in self._within:
            within: dict[str, list[str]] = {}
            for code in self.codes(level):
                above = code
                while above in self._place_of:
                    within.setdefault(above, []).append(code)
                    above = self._place_of[above][1]
            self._within[level] = {code: tuple(inside) for code, inside in within.items()}
        return self._within[level].get(pcode, ())

    def codes_inside(self, pcodes: tuple[str, ...], level: int) -> tuple[str, ...]:
        """Return the P-codes of one level inside any of some units, in order."""
        if len(pcodes) == 1:
            return self.codes_within(pcodes[0], level)
        key = (pcodes, level)
        if key not in self._inside:
            inside = {code for above in pcodes for code in self.codes_within(above, level)}
            self._inside[key] = tuple(code for code in self.codes(level) if code in inside)
        return self._inside[key]

    @cached_property
    def _inside(self) -> dict[tuple[tuple[str, ...], int], tuple[str, ...]]:
        return {}

    @cached_property
    def _within(self) -> dict[int, dict[str, tuple[str, ...]]]:
        return {}

    def parent(self, pcode: str) -> str:
        """Return the P-code one level up, "" for a country and for a code that is not there."""
        return self._place_of[pcode][1] if pcode in self._place_of else ""

    def __contains__(self, pcode: object) -> bool:
        return pcode in self._row_of

    def unit(self, pcode: str) -> AdminUnit:
        """Return one unit; raises `UnknownUnit` where the vintage does not have it."""
        if pcode not in self._row_of:
            raise UnknownUnit(pcode, vintage=self.vintage.id)
        if pcode in self._units:
            return self._units[pcode]
        at = self._row_of[pcode]
        row = {column: values[at] for column, values in self._columns.items()}
        names = {lang: row[f"name_{lang}"] for lang in LANGUAGES if row[f"name_{lang}"]}
        unit = self._units[pcode] = AdminUnit(
            pcode=pcode,
            level=int(row["level"]),
            parent=row["parent"],
            iso3=row["iso3"],
            name=row["name"],
            names=names,
            label_point=(float(row["label_lon"]), float(row["label_lat"])),
            type=row["type"],
        )
        return unit

    def name(self, pcode: str, lang: str = "") -> str:
        """Return the unit's name in ``lang``, else as the source writes it."""
        if pcode not in self._row_of:
            raise UnknownUnit(pcode, vintage=self.vintage.id)
        return self.names(lang)[pcode]

    def names(self, lang: str = "") -> Mapping[str, str]:
        """Return the name of each unit by P-code, in ``lang``, else as the source writes it."""
        if lang not in self._names_in:
            plain = self.frame["name"].tolist()
            names = self.frame[f"name_{lang}"].tolist() if lang in LANGUAGES else plain
            pairs = zip(self._row_of, names, plain, strict=True)
            self._names_in[lang] = {code: name or own for code, name, own in pairs}
        return self._names_in[lang]

    @cached_property
    def shapes(self) -> Mapping[str, BaseGeometry]:
        """The units' geometries by P-code, degrees; taken one by one they cost a second a country."""
        return dict(zip(self._row_of, self.frame.geometry.to_numpy().tolist(), strict=True))

    def keys_of_names(self, pcode: str) -> frozenset[str]:
        """Return all names of a unit as `boundaries.names.normalise_name` writes them."""
        keys = self._keys_of_names.get(pcode)
        if keys is None:
            unit = self.unit(pcode)
            named = {unit.name, *unit.names.values()}
            keys = self._keys_of_names[pcode] = frozenset(map(normalise_name, named))
        return keys

    @cached_property
    def _keys_of_names(self) -> dict[str, frozenset[str]]:
        return {}

    def at(self, level: int) -> gpd.GeoDataFrame:
        """Return the units of one level (a view with the original index)."""
        return self.frame[self.frame["level"] == level]

    def of_countries(self, iso3: Iterable[str]) -> "BoundarySet":
        """Return the set cut to some countries, all levels; the vintage stays the same."""
        keep = self.frame["iso3"].isin(list(iso3))
        cut = self.frame[keep].reset_index(drop=True)
        return BoundarySet(self.vintage, cut, self.notes, self.record)

    def km2(self, level: int) -> Mapping[str, float]:
        """Return the area of each unit of one level in km², by P-code.

        On the ellipsoid (WGS 84), of the polygons as they are drawn: lakes and rivers within them
        are part of them.
        """
        if level not in self._km2:
            import numpy as np
            import shapely

            from boundaries.overlay import area_km2

            drawn = np.asarray(self.at(level).geometry.values, dtype=object)
            # a long edge is straight in degrees and a curve on the projection: short ones are both
            areas = area_km2(shapely.segmentize(drawn, _SHORT))
            self._km2[level] = dict(zip(self.codes(level), areas.tolist(), strict=True))
        return self._km2[level]

    @cached_property
    def _km2(self) -> dict[int, dict[str, float]]:
        return {}

    def children(self, pcode: str) -> list[str]:
        """Return the P-codes one level below, ascending."""
        return list(self._children_of.get(pcode, ()))

    @cached_property
    def _children_of(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for code in sorted(self._row_of):
            found.setdefault(self.parent(code), []).append(code)
        return found

    def bounds(self, pcode: str) -> tuple[float, float, float, float]:
        """Return west, south, east and north of a unit's polygon; raises `UnknownUnit`."""
        if pcode not in self._row_of:
            raise UnknownUnit(pcode, vintage=self.vintage.id)
        west, south, east, north = self.frame.geometry.iloc[self._row_of[pcode]].bounds
        return west, south, east, north

    def countries(self, pcodes: tuple[str, ...]) -> tuple[str, ...]:
        """Return the P-codes of the countries that hold some units, ascending; others are left out.

        The same units are asked for again and again: the answers given lately are remembered.
        """
        found = self._countries_of.get(pcodes)
        if found is None:
            there = {self.ancestor(code, 0) for code in set(pcodes) if code in self._place_of}
            while len(self._countries_of) >= _LATELY:
                self._countries_of.pop(next(iter(self._countries_of)), None)
            found = self._countries_of[pcodes] = tuple(sorted(there))
        return found

    @cached_property
    def _countries_of(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        return {}

    @cached_property
    def country_of(self) -> Mapping[str, str]:
        """The P-code of the country each unit lies in; without units that lie in none."""
        found: dict[str, str] = {}
        for code, (level, parent) in self._place_of.items():  # a parent comes before its children
            country = found.get(parent) if level else code
            if country is not None:
                found[code] = country
        return found

    def ancestor(self, pcode: str, level: int) -> str:
        """Return the P-code of the unit at ``level`` that holds ``pcode`` (itself at its own level).

        Raises `UnknownUnit` where the unit has no ancestor there (it is itself above ``level``).
        """
        code = pcode
        while code in self._place_of:
            own, parent = self._place_of[code]
            if own == level:
                return code
            code = parent
        raise UnknownUnit(pcode, vintage=f"{self.vintage.id} at level {level}")

    def plain(self) -> pd.DataFrame:
        """Return the table without geometry."""
        return pd.DataFrame(self.frame.drop(columns="geometry"))
