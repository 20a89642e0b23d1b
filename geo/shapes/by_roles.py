"""Tables without fixed headers: who does what where, HXL-tagged tables, and plain ones.

What they hold follows from the roles of their columns. What no column says is left to a default
that the user gives; only what follows from the words themselves is proposed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from geo.country_codes import are_unhcr_codes
from geo.grids import Sheet
from geo.headers import Header
from geo.shapes.roles import STRAY_CODE, Role
from geo.shapes.shape import Level, Shape, Value

__all__ = ["plain_table", "presence_table"]

_ALL = frozenset({"all", "total", "both", "t", "both sexes", "tous", "ensemble", "m+f", ""})
_TEXTS = ("group", "measure", "kind", "unit", "qualifier", "state", "level", "source", "note")
_PRESENCE_TEXTS = (
    "org",
    "acronym",
    "org_type",
    "role",
    "sector",
    "sector_code",
    "activity",
    "note",
)


def presence_table(sheet: Sheet, header: Header, roles: Mapping[int, Role]) -> Shape | None:
    """Recognise a 3W, 4W or 5W: organisations at places, mostly with their sectors."""
    at = _first_of(roles)
    org = at.get("org", at.get("acronym"))
    place = _levels(sheet, header, roles, "place") or _levels(sheet, header, roles, "destination")
    somewhere = any(level.level != 0 for level in place)
    if org is None or not place or not (somewhere or {"sector", "sector_code"} & set(at)):
        return None
    columns = {ours: at[ours] for ours in _PRESENCE_TEXTS if ours in at} | {"org": org}
    columns |= {ours: at[ours] for ours in ("date", "start") if ours in at}
    if at.get("acronym") == org:
        columns.pop("acronym")
    if "sector" not in columns and "sector_code" in columns:
        columns["sector"] = columns["sector_code"]
    notes = [] if "sector" in columns else ["no column says the sector"]
    if "date" not in columns:
        notes.append("no column says when; the table needs a default date")
    w = sum(role in columns for role in ("org", "sector", "activity", "date")) + 1
    return Shape(
        id="ocha-3w",
        title=f"Who does what where ({max(3, min(w, 5))}W)",
        kind="presence",
        place=place,
        columns=columns,
        reasons=(f"has organisations ({_name(header, org)!r}) at places",),
        notes=tuple(notes),
    )


def plain_table(sheet: Sheet, header: Header, roles: Mapping[int, Role]) -> Shape | None:
    """Recognise counts of people at places, or from places to places, long or wide."""
    at = _first_of(roles)
    values = _values(roles)
    if not values:
        return None
    destination = _levels(sheet, header, roles, "destination")
    origin = _levels(sheet, header, roles, "origin")
    place = _levels(sheet, header, roles, "place")
    below_country = any(level.level != 0 for level in origin)
    flows = bool(destination) and bool(origin)
    if flows and not place and not below_country and all(one.level == 0 for one in destination):
        flows = False  # countries of origin and asylum: stocks by origin
    if not flows:
        place, destination = place or destination, ()
        if below_country and not place:
            return None
    columns = {ours: at[ours] for ours in (*_TEXTS, "date", "start") if ours in at}
    splits = {column: _ALL for column, role in roles.items() if role.what == "part"}
    where = destination if flows else place
    if len(values) > 1 and "group" in columns and not any(value.group for value in values):
        values = values[:1]
    said = {value.group for value in values}
    tagged = header.hxl is not None
    population = said == {"POP"} and "group" not in columns
    if population:
        columns.pop("measure", None)
    kind = "flows" if flows else "population" if population else "figures"
    notes = []
    splits_unread = [c.name for c in header.columns if roles.get(c.at, Role("")).what == "split"]
    if splits_unread:
        notes.append(f"{len(splits_unread)} columns by sex or age are parts and are not read")
    return Shape(
        id="hxl" if tagged else "plain",
        title="HXL-tagged table" if tagged else "Plain table",
        kind=kind,  # type: ignore[arg-type]
        place=where,
        origin=origin,
        values=values,
        columns=columns,
        defaults={"measure": "stock", "kind": "government"} if population else {},
        whole=splits,
        reasons=tuple(_reasons(header, values, where, origin)),
        notes=tuple(notes),
    )


def _first_of(roles: Mapping[int, Role]) -> dict[str, int]:
    first: dict[str, int] = {}
    for column, role in sorted(roles.items()):
        first.setdefault(role.what, column)
    return first


def _values(roles: Mapping[int, Role]) -> tuple[Value, ...]:
    """The columns of counts. A column of all groups together is none beside its groups."""
    found = [
        Value(column, role.group, role.measure, role.unit)
        for column, role in sorted(roles.items())
        if role.what == "value"
    ]
    named = [value for value in found if value.group]
    if len({value.group for value in named}) > 1:
        return tuple(value for value in named if value.group != "POP") or tuple(named)
    if named and len(found) > len(named):
        households = [value for value in found if not value.group and value.unit]
        # "IDPs" beside "Households" counts the same group twice, in two units
        return (*named, *(replace(value, group=named[0].group) for value in households))
    return tuple(found)


def _levels(
    sheet: Sheet, header: Header, roles: Mapping[int, Role], what: str
) -> tuple[Level, ...]:
    """Return the levels of a place from its columns, from the country down.

    Words without a level are put in their usual order (region, district, commune), and are
    levels 1, 2, 3 where the first is a region or the like; else the table does not say.
    """
    ours = {column: role for column, role in sorted(roles.items()) if role.what == what}
    stray = [column for column, role in ours.items() if role.code and role.rank >= STRAY_CODE]
    ours |= _counted_off({column: role for column, role in ours.items() if column not in stray})
    steps: dict[float, _Step] = {}
    for column, role in ours.items():
        if column in stray:
            continue
        step = steps.setdefault(role.rank, _Step(role.rank))
        step.level = role.level if step.level is None else step.level
        if role.code:
            step.code = step.code or column
        else:
            step.name = step.name or column
    levels = _numbered(_joined([step for _, step in sorted(steps.items())]))
    for column in stray:
        levels = _with_code(sheet, header, levels, column)
    return tuple(_country(sheet, header, level) for level in _paired(levels))


def _counted_off(ours: Mapping[int, Role]) -> dict[int, Role]:
    """Give names in words the levels of numbered codes, where there are as many of both.

    What a country calls its first level (region, province, department) does not matter then.
    """
    codes = [role for role in ours.values() if role.code and role.level]
    words = {c: r for c, r in ours.items() if r.level is None and 1 <= r.rank < 4}
    numbered_names = any(role.level and not role.code for role in ours.values())
    if numbered_names or len(codes) != len(words) or any(role.code for role in words.values()):
        return {}
    ranked = sorted(words.items(), key=lambda item: (item[1].rank, item[0]))
    by_level = sorted(codes, key=lambda role: role.rank)
    return {
        column: replace(role, rank=code.rank, level=code.level)
        for (column, role), code in zip(ranked, by_level, strict=True)
    }


@dataclass(slots=True)
class _Step:
    """A level while its columns are gathered; ``level`` is what the headers say outright."""

    rank: float
    level: int | None = None
    name: int | None = None
    code: int | None = None


def _joined(steps: list[_Step]) -> list[_Step]:
    """Join a numbered code (``admin2Pcod``) and a name in words (``Cercle``) that stand together."""
    joined: list[_Step] = []
    for step in steps:
        last = joined[-1] if joined else None
        if last is not None and _completes(last, step):
            last.level = step.level if last.level is None else last.level
            last.name, last.code = last.name or step.name, last.code or step.code
        else:
            joined.append(step)
    return joined


def _completes(one: _Step, other: _Step) -> bool:
    said = (one.level is None) != (other.level is None)
    codes = (one.code is None) != (other.code is None)
    names = (one.name is None) != (other.name is None)
    return said and codes and names and min(one.rank, other.rank) >= 1 and other.rank - one.rank < 1


def _numbered(steps: list[_Step]) -> list[Level]:
    from_region = any(1 <= step.rank < 2 for step in steps)
    # a name without a code above names with codes is no level of theirs (Somalia's states)
    coded = next((step.rank for step in steps if step.code and 1 <= step.rank < 2), 0.0)
    levels: list[Level] = []
    last = 0
    for step in steps:
        level = step.level
        if level is None and from_region and max(1.0, coded) <= step.rank < 4:
            level = last + 1
        last = level if level is not None else last
        levels.append(Level(level, step.name, step.code))
    return levels


def _paired(levels: list[Level]) -> list[Level]:
    """Join a level of codes without names and a place column without a level: they are one."""
    coded = [n for n, one in enumerate(levels) if one.level and one.name is None]
    named = [n for n, one in enumerate(levels) if one.level is None and one.code is None]
    if len(coded) != 1 or len(named) != 1:
        return levels
    joined = replace(levels[coded[0]], name=levels[named[0]].name, coded=True)
    return [joined if n == coded[0] else one for n, one in enumerate(levels) if n != named[0]]


def _country(sheet: Sheet, header: Header, level: Level) -> Level:
    """Say whether a country's column holds codes, and whose."""
    if level.level != 0:
        return level
    column = level.code or level.name
    texts = sheet.grid.loc[header.data, column]
    texts = texts[texts != ""].drop_duplicates()
    if texts.empty or not texts.str.fullmatch("[A-Z]{3}").mean() > 0.9:
        return level
    whose: Literal["unhcr", "as-written"] = "unhcr" if are_unhcr_codes(texts) else "as-written"
    name = None if level.code is None else level.name
    return Level(0, name, column, whose)


def _with_code(sheet: Sheet, header: Header, levels: list[Level], code: int) -> list[Level]:
    """Give a column of P-codes to the level whose names it goes along with."""
    body = sheet.grid.loc[header.data]
    different = body[code].nunique()
    nearest, best = None, 0.8  # at least four names in five have one code
    for n, level in enumerate(levels):
        if level.name is None or level.code is not None:
            continue
        pairs = body.loc[(body[code] != "") & (body[level.name] != ""), [code, level.name]]
        if pairs.empty:
            continue
        fit = different / max(1, len(pairs.drop_duplicates()))
        fit *= min(1.0, pairs[level.name].nunique() / different)
        if fit > best:
            nearest, best = n, fit
    if nearest is None:
        if any(level.name or level.code for level in levels if level.level != 0):
            return levels
        return [*levels, Level(None, None, code)]
    levels[nearest] = replace(levels[nearest], code=code)
    return levels


def _name(header: Header, at: int) -> str:
    return next(column.name for column in header.columns if column.at == at)


def _reasons(
    header: Header,
    values: tuple[Value, ...],
    place: tuple[Level, ...],
    origin: tuple[Level, ...],
) -> list[str]:
    counted = ", ".join(repr(_name(header, value.at)) for value in values[:4])
    reasons = [f"counts people in {counted}"]
    for what, levels in (("places", place), ("origins", origin)):
        named = [one.name or one.code for one in levels]
        if named:
            listed = ", ".join(repr(_name(header, at)) for at in named if at)
            reasons.append(f"has {what} in {listed}")
    return reasons
