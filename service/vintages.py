"""The other boundaries a situation's tables were collected on: opened once, compared country by country.

A country's people never leave it: level 0 goes over by country, whatever its outline was drawn like,
and below it the units of one country are compared with those of the same.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boundaries.catalogue import open_vintage, vintages_at_hand
from boundaries.compare import ChangeKind, compare
from boundaries.crosswalk import Crosswalk, CrosswalkPair, GivenShare, Weighting
from boundaries.errors import SitmapError
from boundaries.files import read_boundaries
from boundaries.natural_earth import open_natural_earth
from boundaries.sniffing import READ_SUFFIXES
from boundaries.suspicion import WrongVintage, check_vintage, vintage_fit
from boundaries.units import BoundarySet
from geo.findings import Finding
from geo.matching import Places
from geo.place_texts import read_place
from service.errors import BadSituation
from service.places import within_world
from service.situation_file import SITUATION_FILE

if TYPE_CHECKING:
    import pandas as pd

    from service.places import Ground
    from service.situation import Collected, Situation, Table

__all__ = ["OldVintage", "Vintages"]

_NEAR = 2  # folders below the situation's in which another vintage's file is looked for


@dataclass(frozen=True)
class OldVintage:
    """Boundaries that tables were collected on.

    ``boundaries`` holds the situation's countries, ``places`` what names meant there.
    """

    collected: "Collected"
    boundaries: BoundarySet
    places: Places
    crosswalk_of: Callable[[str, int], Crosswalk] = field(compare=False)

    @property
    def label(self) -> str:
        """What readers know the vintage as."""
        return self.boundaries.vintage.label or self.boundaries.vintage.id


class Vintages:
    """All boundaries that one situation speaks of; each is opened once, and only where needed."""

    def __init__(self, situation: "Situation", ground: "Ground") -> None:
        self.situation, self.ground = situation, ground
        self._old: dict[Collected, OldVintage] = {}

    def old(self, collected: "Collected") -> OldVintage:
        """Open the boundaries that a table was collected on.

        Raises
        ------
        BoundaryError
            They are not at hand or cannot be read.
        BadSituation
            A ``[[crosswalk]]`` shares out a unit that they do not have.
        """
        if collected not in self._old:
            own = self._opened(collected)
            world = open_natural_earth()
            everywhere = own if own.vintage.id == world.vintage.id else within_world(own, world)
            countries = self.situation.countries
            boundaries = everywhere.of_countries(countries)
            # what a person decided of these tables speaks of their own codes
            files = {t.name for t in self.situation.tables if t.collected == collected}
            decided = tuple(d for d in self.ground.places.decisions if d.file in files)
            self._old[collected] = OldVintage(
                collected=collected,
                boundaries=boundaries,
                places=Places(everywhere, (), (), countries, decided),
                crosswalk_of=self._crosswalks(collected, boundaries),
            )
        return self._old[collected]

    def _opened(self, collected: "Collected") -> BoundarySet:
        folder = self.situation.folder
        if collected.columns:
            return read_boundaries(folder / collected.vintage, **dict(collected.columns))
        return open_vintage(collected.vintage, base=folder)

    # -- from the old units to ours -------------------------------------------------------------

    def _crosswalks(
        self, collected: "Collected", old: BoundarySet
    ) -> Callable[[str, int], Crosswalk]:
        given = self._given(collected, old)
        new = self.ground.boundaries

        @cache
        def settlements() -> Any:
            from geo.settlements import read_settlements

            return read_settlements(collected.settlements) if collected.settlements else None

        def crosswalk(iso3: str, level: int) -> Crosswalk:
            from geo.crosswalk_weights import best_crosswalk

            was, ours = old.of_countries([iso3]), new.of_countries([iso3])
            if level == 0:
                return _same_country(was, ours)
            comparison = compare(was, ours, level=level, tolerance_m=collected.tolerance_m)
            stated = {code: into for code, into in given.items() if code in comparison.old_codes}
            return best_crosswalk(
                comparison,
                given=stated,
                grid=collected.grid,
                per_km2=collected.per_km2,
                settlements=settlements(),
            )

        return crosswalk

    def _given(
        self, collected: "Collected", old: BoundarySet
    ) -> dict[str, dict[str, GivenShare | float]]:
        given: dict[str, dict[str, GivenShare | float]] = {}
        for declared in self.situation.shares:
            if declared.vintage not in (None, collected.vintage):
                continue
            if declared.old not in old:
                raise BadSituation(
                    self.situation.folder / SITUATION_FILE,
                    where=f"[[crosswalk]] from {declared.old!r}",
                    found=f"there is no such unit in vintage {old.vintage.id}",
                    todo="Correct its code, or say in vintage which boundaries it is of.",
                )
            given.setdefault(declared.old, {})[declared.new] = declared.share
        return given

    # -- tables on the wrong boundaries ---------------------------------------------------------

    def suspicions(self, table: "Table", frame: "pd.DataFrame") -> Iterator[Finding]:
        """Yield a stopping finding where a table's codes and names belong to other boundaries.

        Where none at hand fits better, rows whose code and name disagree are left out, and said so
        there.
        """
        declared = (
            self.old(table.collected).boundaries if table.collected else self.ground.boundaries
        )
        carried = {carry.from_code for carry in self.situation.carries}
        pairs = [
            (code, read_place(name).name) for code, name in _pairs(frame) if code not in carried
        ]
        fit = vintage_fit(pairs, declared)
        if fit.disagree < 2:  # most tables: no other vintage need be opened
            return
        others = [each for each in self._others(table) if each.vintage != declared.vintage]
        try:
            check_vintage(table.name, pairs, declared, others)
        except WrongVintage as wrong:
            if wrong.suspected is not None:
                yield _wrong_vintage(table, wrong, ours=self.situation.vintage)

    def _others(self, table: "Table") -> list[BoundarySet]:
        """Return the other vintages at hand, each called as `[[table]] vintage` may name it."""
        tables = self.situation.tables
        told = [self.situation.vintage] if table.collected else []
        told += [t.collected.vintage for t in tables if t.collected]
        told += [vintage.id for vintage in vintages_at_hand()]
        mine = table.collected.vintage if table.collected else self.situation.vintage
        names = [name for name in dict.fromkeys([*told, *self._files]) if name != mine]
        found = []
        for name in names:
            try:
                boundaries = open_vintage(name, base=self.situation.folder)
            except SitmapError:  # a file that is no boundaries is no suspect
                continue
            boundaries = boundaries.of_countries(self.situation.countries)
            if len(boundaries):
                found.append(replace(boundaries, vintage=replace(boundaries.vintage, id=name)))
        return found

    @cached_property
    def _files(self) -> tuple[str, ...]:
        """Boundary files that lie in the folder, and may be what a table was collected on."""
        folder = self.situation.folder
        files = (path for depth in range(_NEAR) for path in folder.glob("*/" * depth + "*.*"))
        return tuple(sorted(_near(files, folder)))


def _near(files: Iterable[Path], folder: Path) -> Iterator[str]:
    for path in files:
        name = path.relative_to(folder)
        if path.suffix.lower() in READ_SUFFIXES and not name.parts[0].startswith("."):
            yield name.as_posix()


def _same_country(was: BoundarySet, ours: BoundarySet) -> Crosswalk:
    """Return the crosswalk of a country's outline: it is the country, however it was drawn."""
    (old,), (new,) = was.at(0)["pcode"], ours.at(0)["pcode"]
    whole = CrosswalkPair(old, new, 1.0, 1.0, 1.0, ChangeKind.UNCHANGED, Weighting.WHOLE, True)
    return Crosswalk(was.vintage.id, ours.vintage.id, 0, (whole,))


def _pairs(frame: "pd.DataFrame") -> list[tuple[str, str]]:
    """Return the codes of a table as written, each with the name beside it."""
    ends = [("place", "pcode"), ("origin", "origin_pcode"), ("destination", "destination_pcode")]
    columns = [(name, code) for name, code in ends if name in frame and code in frame]
    return sorted(
        {pair for name, code in columns for pair in zip(frame[code], frame[name], strict=True)}
    )


def _wrong_vintage(table: "Table", wrong: WrongVintage, *, ours: str) -> Finding:
    declared, suspected = wrong.declared, wrong.suspected
    assert suspected is not None  # noqa: S101 - the caller looked
    code, written, meant = declared.examples[0]
    name = suspected.vintage.id
    todo = (
        "Leave the vintage out of its [[table]]: it is on the situation's boundaries."
        if name == ours
        else f'Write vintage = "{name}" in its [[table]]: its figures are then carried to ours.'
    )
    return Finding(
        id=f"vintage:{table.name}",
        severity="stops",
        what=f"{table.name} was collected on other boundaries: {declared.disagree} of "
        f"{declared.rows} codes bear another name in vintage {declared.vintage.id} (code {code!r} "
        f"stands beside {written!r} but is {meant}); vintage {name} fits, {suspected.agree} of "
        f"{suspected.rows} agree",
        where=table.name,
        todo=todo,
        facts={
            "disagree": declared.disagree,
            "rows": declared.rows,
            "declared": declared.vintage.id,
            "suspected": name,
            "agree": suspected.agree,
        },
    )
