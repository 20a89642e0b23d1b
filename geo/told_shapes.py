"""What a user says of a table goes before what was recognised in it: columns, defaults, its kind."""

from collections.abc import Mapping
from dataclasses import replace

from geo.errors import BadProfile, MissingColumn
from geo.headers import Header
from geo.profiles import Profile
from geo.shapes.shape import Level, Shape, TableKind, Value
from geo.tables import FIGURE_COLUMNS, FLOW_COLUMNS, PRESENCE_COLUMNS

__all__ = ["told_shape"]

_COLUMNS: Mapping[str, Mapping[str, str]] = {"flows": FLOW_COLUMNS, "presence": PRESENCE_COLUMNS}
_OF_PLACES = frozenset(
    f"{end}{part}" for end in ("origin", "destination") for part in ("", "_pcode", "_parent")
) | {"place", "pcode", "parent"}


def told_shape(
    shape: Shape, header: Header, profile: Profile, *, kind: TableKind, file: str
) -> Shape:
    """Return a shape with the columns and defaults of a profile in place of the recognised ones.

    Parameters
    ----------
    shape : Shape
        As recognised; of kind "unknown" it is what the profile says alone.
    profile : Profile
        ``columns`` names headers of the table. A default fills what no column says, and goes
        before the group, measure or unit that a header of counts was taken to say; the groups of
        a table with several columns of counts stay as their headers say.
    kind : str
        What the user takes the table for.

    Raises
    ------
    BadProfile
        The profile names a column that we do not have.
    MissingColumn
        It names a header that the table does not have.
    """
    ours = [name for name in _COLUMNS.get(kind, FIGURE_COLUMNS) if name not in ("file", "row")]
    for column in (*profile.columns, *profile.defaults):
        if column not in ours:
            raise BadProfile(file, column=column, known=ours)
    at = {ours: _at(header, name, ours, file) for ours, name in profile.columns.items()}
    destination = "destination" if kind == "flows" else "place"
    plain = {name: number for name, number in at.items() if name not in {*_OF_PLACES, "value"}}
    return replace(
        shape,
        kind=kind,
        title="A table as its columns are told" if shape.kind == "unknown" else shape.title,
        place=_levels(shape.place, at, destination),
        origin=_levels(shape.origin, at, "origin"),
        values=_values(shape, at, profile, kind),
        columns={**shape.columns, **plain},
        defaults={**_of_kind(shape.defaults, kind), **profile.defaults},
    )


def _at(header: Header, name: str, ours: str, file: str) -> int:
    """Return the number of the column with a header: its short name or all that it says."""
    wanted = " ".join(name.casefold().split())
    for column in header.columns:
        if wanted in (column.name.casefold(), " ".join(column.full.casefold().split())):
            return column.at
    raise MissingColumn(
        file,
        column=name,
        needed_for=f"the profile says it holds {ours!r}",
        found=[column.name for column in header.columns if column.named],
    )


def _levels(recognised: tuple[Level, ...], at: Mapping[str, int], end: str) -> tuple[Level, ...]:
    code_key, parent_key = (
        ("pcode", "parent") if end == "place" else (f"{end}_pcode", f"{end}_parent")
    )
    name, code, parent = at.get(end), at.get(code_key), at.get(parent_key)
    if name is None and code is None and parent is None:
        return recognised
    above, deepest = recognised[:-1], recognised[-1] if recognised else Level(None)
    if name is not None or code is not None:
        known = [n for n, one in enumerate(recognised) if {one.name, one.code} & {name, code}]
        if known:  # the level that the user means is one of those recognised
            above, deepest = recognised[: known[-1]], recognised[known[-1]]
        elif name is not None:
            deepest = Level(None)
        deepest = replace(deepest, name=name or deepest.name, code=code or deepest.code)
    return ((Level(None, name=parent),) if parent is not None else above) + (deepest,)


def _values(
    shape: Shape, at: Mapping[str, int], profile: Profile, kind: TableKind
) -> tuple[Value, ...]:
    values = shape.values
    if "value" in at:
        values = tuple(v for v in values if v.at == at["value"]) or (Value(at["value"]),)
    if kind == "population":
        values = tuple(replace(v, group="POP", measure="stock") for v in values)
    said = {
        name for name in ("measure", "unit", "group") if profile.defaults.get(name) or name in at
    }

    def open_to_defaults(value: Value) -> Value:
        return replace(
            value,
            group="" if "group" in said and len(values) == 1 else value.group,
            measure="" if "measure" in said else value.measure,
            unit="" if "unit" in said else value.unit,
        )

    return tuple(map(open_to_defaults, values))


def _of_kind(defaults: Mapping[str, str], kind: TableKind) -> Mapping[str, str]:
    """Return the defaults of a shape; inhabitants are counted by governments."""
    return {**defaults, "kind": "government"} if kind == "population" else defaults
