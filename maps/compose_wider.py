"""A map seen from farther away: one circle, one band and one name for all that lies within a wider unit.

The figure of a wider unit is the one that `geo.counts` gives for it, on the same day, of the same
group, measure, origin and unit: never added up here, so that nothing withheld can be read from a sum, and the
circle, the table and the API say the same. Where there is no such figure there is its state. Bands
are decided anew from the same rows, with their ends at the wider units; who moved within one of
these is counted as *inside*, not lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from boundaries.errors import UnknownUnit
from boundaries.units import BoundarySet
from geo.counts import CountQuery, CountRow, Counts, DayCounts, counts_of_day
from geo.errors import FigureError
from geo.release import ReleasedFigures
from geo.terms import State
from maps.compose_bands import flow_ends, nodes_at
from maps.compose_figures import GroupFigures
from maps.compose_links import units_of
from maps.compose_multiples import panel_dates
from maps.compose_setting import Setting
from maps.compose_symbols import asked_figures
from maps.compose_wider_flows import BandRows, FlowBalance, LevelFlows, SilentRows, silent_rows
from maps.messages import messages
from maps.palettes import group_colour
from maps.scene import Node, PlaceLabel, Scene, SymbolMark, SymbolPart
from maps.spec import LayerSpec, MapSpec

__all__ = ["Sum", "WiderScene", "wider_scenes"]

_STAY = ("country", "focus", "nation", "capital", "water")  # kinds of names that any distance bears
_NATIONS = ("country", "focus", "nation")
_UNIT_RANK, _NATION_RANK = 4, 4


@dataclass(frozen=True, slots=True)
class Sum:
    """What a circle stands for.

    ``value`` is None exactly where ``state`` is not "figure"; ``label`` is either of them as it is
    written, ``text`` with its noun. ``members`` are the units of the
    map's own level inside, ``missing`` those of them without a figure. ``unplaced`` persons are in
    the unit but in none of its members. ``inside`` moved within it: no band shows them; None where
    the map has no bands of the group and measure.
    """

    level: int
    value: float | None
    state: str
    label: str
    text: str
    members: int
    missing: int
    unplaced: float
    inside: float | None = None


@dataclass(frozen=True)
class WiderScene:
    """A map's scene with the circles, bands and names of one level.

    ``sums`` are by (P-code, group): the scene's circles, and units without a figure although there
    are figures inside. ``bands`` says of each of ``scene.flows`` what it is made of. ``units`` are
    those of the level that hold a mark of the map.
    """

    level: int
    scene: Scene
    sums: Mapping[tuple[str, str], Sum]
    bands: tuple[BandRows, ...]
    flows: tuple[FlowBalance, ...]
    units: tuple[str, ...]


def wider_scenes(
    scene: Scene,
    spec: MapSpec,
    released: ReleasedFigures,
    places: BoundarySet,
    world: BoundarySet,
) -> tuple[WiderScene, ...]:
    """Return a scene as it is seen from farther away, the widest level first, its own level last.

    Parameters
    ----------
    scene : Scene
        The map as `maps.compose.compose` decided it from the same spec and figures.
    spec, released, places, world
        As `maps.compose.compose` takes them.

    Returns
    -------
    tuple of WiderScene
        One for each level of ``places`` above the map's own, and the map itself. Titles, frames,
        legends and areas are the scene's own.
    """
    setting = Setting(spec, released, places, world, messages(scene.lang))
    marked = _marked(setting, scene)
    own = max((places.unit(code).level for code in marked), default=0)
    if own == 0:
        alone = tuple(BandRows() for _ in scene.flows)
        return (WiderScene(0, scene, _each_alone(scene, 0), alone, (), tuple(sorted(marked))),)
    days = panel_dates(setting, spec.layers)
    layers = [replace(layer, date=days[-1]) if days else layer for layer in spec.layers]
    there = {part.group for mark in scene.symbols for part in mark.parts}
    asked: list[tuple[LayerSpec, list[GroupFigures]]] = []
    for layer in layers:
        groups = tuple(group for group in layer.groups if group in there)
        if layer.kind == "symbols" and groups:
            asked.append((layer, asked_figures(setting, replace(layer, groups=groups))))
    flows = [layer for layer in layers if layer.kind == "flows"] if scene.flows else []
    seen = _Seen(
        setting=setting,
        scene=scene,
        marked=marked,
        asked=asked,
        flows=flows,
        bands=LevelFlows.at_own(setting, flows),
        silent=silent_rows(setting) if flows else {},
    )
    levels = [level for level in places.levels if level < own]
    return (*(_wider(seen, level) for level in levels), _own(seen, own))


_Asked = Sequence[tuple[LayerSpec, list[GroupFigures]]]


@dataclass(frozen=True)
class _Seen:
    """A map at its own level: its scene, its layers of circles with their figures, those of bands."""

    setting: Setting
    scene: Scene
    marked: set[str]
    asked: _Asked
    flows: Sequence[LayerSpec]
    bands: LevelFlows
    silent: SilentRows


def _own(seen: _Seen, level: int) -> WiderScene:
    sums = _each_alone(seen.scene, level)
    return WiderScene(
        level=level,
        scene=seen.scene,
        sums=_with_inside(seen, sums, seen.bands),
        bands=seen.bands.made_of(seen.scene.flows, seen.silent),
        flows=seen.bands.balance(seen.bands),
        units=_units_at(seen, level),
    )


def _wider(seen: _Seen, level: int) -> WiderScene:
    setting = seen.setting
    sums: dict[tuple[str, str], Sum] = {}
    for layer, each in seen.asked:
        for figures in each:
            if layer.level <= level:
                sums |= {
                    (row.pcode, figures.group): _alone(setting, figures.group, row)
                    for row in figures.rows
                    if row.value is not None
                }
            else:
                sums |= dict(_sums(setting, layer, figures, level))
    bands = seen.bands.seen_wider(setting, seen.flows, level)
    sums = _with_inside(seen, sums, bands)
    nodes = nodes_at(setting, flow_ends(bands.marks))
    units = _units_at(seen, level)
    return WiderScene(
        level=level,
        scene=replace(
            seen.scene,
            symbols=_symbols(setting, sums),
            flows=bands.marks,
            nodes=nodes,
            labels=_labels(seen, level, units, nodes),
        ),
        sums=sums,
        bands=bands.made_of(bands.marks, seen.silent),
        flows=bands.balance(seen.bands),
        units=units,
    )


# --- circles --------------------------------------------------------------------------------------


def _each_alone(scene: Scene, level: int) -> dict[tuple[str, str], Sum]:
    return {
        (mark.place, part.group): Sum(
            level, part.value, State.FIGURE.value, part.label, mark.text, 1, 0, 0.0
        )
        for mark in scene.symbols
        for part in mark.parts
    }


def _sum(
    setting: Setting, group: str, row: CountRow, *, members: int, missing: int, unplaced: float
) -> Sum:
    say = setting.say
    if row.value is None:
        label = say.say(f"state.{row.state}")
        text = say.say("fill.empty", name=say.group(group), state=label)
    else:
        label = say.number(row.value, row.qualifier)
        text = say.counted(group, row.value, row.qualifier)
    level = setting.places.unit(row.pcode).level
    return Sum(level, row.value, row.state, label, text, members, missing, unplaced)


def _with_inside(
    seen: _Seen, sums: Mapping[tuple[str, str], Sum], bands: LevelFlows
) -> dict[tuple[str, str], Sum]:
    """Say of each circle who moved within its unit, where bands are of its group and measure."""
    what = {
        figures.group: (figures.group, figures.measure, figures.unit)
        for _, each in seen.asked
        for figures in each
    }
    found = dict(sums)
    for (pcode, group), one in sums.items():
        inside = bands.inside(pcode, *what[group])
        if inside is not None:
            found[pcode, group] = replace(one, inside=inside)
    return found


def _alone(setting: Setting, group: str, row: CountRow) -> Sum:
    missing = int(row.value is None)
    return _sum(setting, group, row, members=1, missing=missing, unplaced=0.0)


def _sums(
    setting: Setting, layer: LayerSpec, figures: GroupFigures, level: int
) -> Iterator[tuple[tuple[str, str], Sum]]:
    """Give the wider units that figures lie in, each with the figure that there is for it."""
    group, again = figures.group, _AskedAgain(setting, layer)
    inside: dict[str, dict[str, list[CountRow]]] = {}
    for row in figures.rows:
        of_country = inside.setdefault(setting.country_of(row.pcode), {})
        of_country.setdefault(_above(setting, row.pcode, level), []).append(row)
    for country, answer in figures.answers:
        rows = again.rows(answer, level, country)
        for pcode, members in inside.get(country, {}).items():
            known = [each.value for each in members if each.value is not None]
            if [each.pcode for each in members] == [pcode]:  # it lies in no unit of this level
                row = members[0]
            else:
                silent = CountRow(pcode, "", None, State.NOT_REPORTED.value)
                row = rows.get(pcode, silent)
            if row.value is None and not known:
                continue  # nothing to be seen there at any distance
            differs = row.value is not None and row.value != sum(known)
            one = _sum(
                setting,
                group,
                row,
                members=len(members),
                missing=len(members) - len(known),
                unplaced=again.unplaced(answer, pcode) if differs else 0.0,
            )
            yield (pcode, group), one


def _above(setting: Setting, pcode: str, level: int) -> str:
    """Return the unit of a level that holds a unit; itself where none does."""
    try:
        return setting.places.ancestor(pcode, level)
    except UnknownUnit:
        return pcode


class _AskedAgain:
    """A layer's question asked of other levels and places; the figures of a day are found once."""

    def __init__(self, setting: Setting, layer: LayerSpec) -> None:
        self._setting = setting
        self._origin = (
            (setting.country_code(layer.origin) or layer.origin) if layer.origin else None
        )
        self._days: dict[tuple[int, date], DayCounts | None] = {}

    def within(self, answer: Counts, level: int, parent: str) -> Counts | None:
        """Return what an answer says of another level or place, None where there is nothing."""
        key = (level, answer.date)
        if key not in self._days:
            query = CountQuery(level, answer.group, answer.date, answer.measure, self._origin)
            self._days[key] = self._day(query)
        day = self._days[key]
        return day.within(parent) if day else None

    def _day(self, query: CountQuery) -> DayCounts | None:
        setting = self._setting
        try:
            return counts_of_day(setting.released, setting.places, query, lang=setting.say.lang)
        except FigureError:
            return None

    def rows(self, answer: Counts, level: int, country: str) -> dict[str, CountRow]:
        """Return a country's figures of a level that are of the same kind as an answer's, if any are."""
        found = self.within(answer, level, country)
        if found is None or found.unit != answer.unit or found.start != answer.start:
            return {}
        return {row.pcode: row for row in found.rows}

    def unplaced(self, answer: Counts, pcode: str) -> float:
        """Return how many people are in a unit and in none of its own of the answer's level."""
        found = self.within(answer, answer.level, pcode)
        return found.unplaced if found is not None else 0.0


def _symbols(setting: Setting, sums: Mapping[tuple[str, str], Sum]) -> tuple[SymbolMark, ...]:
    at: dict[str, list[tuple[str, Sum]]] = {}
    for (pcode, group), one in sums.items():
        at.setdefault(pcode, []).append((group, one))
    marks = []
    for pcode in sorted(at):
        parts = tuple(
            SymbolPart(group, one.value, group_colour(group), one.label)
            for group, one in at[pcode]
            if one.value is not None
        )
        name = setting.name(pcode)
        lon, lat = setting.places.unit(pcode).label_point
        items = setting.say.joined(one.text for _, one in at[pcode])
        text = setting.say.say("symbols.text", name=name, items=items)
        marks.append(SymbolMark(pcode, name, lon, lat, parts, text))
    return tuple(marks)


# --- names ----------------------------------------------------------------------------------------


def _marked(setting: Setting, scene: Scene) -> set[str]:
    """Return the units of the map's circles and ends of bands; of a site those that it lies in."""
    ends = units_of(setting, (node.id for node in scene.nodes))
    places = {symbol.place for symbol in scene.symbols}
    return {code for code in (*places, *ends) if code in setting.places}


def _units_at(seen: _Seen, level: int) -> tuple[str, ...]:
    """Return the units of a level that are, or hold, a place of the map's circles or bands."""
    places = seen.setting.places
    above = {_above(seen.setting, code, level) for code in seen.marked}
    return tuple(sorted(code for code in above if places.unit(code).level == level))


def _labels(
    seen: _Seen, level: int, units: Sequence[str], nodes: Sequence[Node]
) -> tuple[PlaceLabel, ...]:
    """Return the names that stay, and those of the wider units."""
    setting = seen.setting
    circles = {
        setting.name(code).casefold(): setting.places.unit(code).label_point for code in units
    }
    stay = [
        # the context has a point of its own for a country: its name belongs beside its circle
        replace(label, lon=at[0], lat=at[1])
        if level == 0 and label.kind in _NATIONS and (at := circles.get(label.text.casefold()))
        else label
        for label in seen.scene.labels
        if label.kind in _STAY
    ]
    said = {label.text.casefold() for label in stay}
    for pcode in units:
        text = setting.name(pcode)
        if text.casefold() in said:
            continue
        lon, lat = setting.places.unit(pcode).label_point
        if level:
            label = PlaceLabel(text, "unit", lon, lat, _UNIT_RANK, setting.shapes[pcode])
        else:
            label = PlaceLabel(text, "nation", lon, lat, _NATION_RANK, setting.shapes[pcode])
        stay.append(label)
    stay += [
        PlaceLabel(node.name, "site", node.lon, node.lat, _UNIT_RANK)
        for node in nodes
        if node.kind in ("site", "area") and node.name.casefold() not in said
    ]
    return tuple(sorted(stay, key=lambda label: (label.rank, label.text)))
