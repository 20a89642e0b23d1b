"""From ``situation.toml`` to a `Situation`. Everything wrong with it is told in one sentence, at its key."""

import inspect
import tomllib
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from geo.matching import Carry
from geo.profiles import Profile
from geo.release import Note
from geo.sources import Source
from maps.spec import LayerSpec, MapSpec
from service.errors import BadSituation, closest
from service.situation import DeclaredPlace, Situation, Table
from service.situation_models import LayerEntry, MapEntry, ProfileFile, SituationFile, TableEntry

__all__ = ["SITUATION_FILE", "load_situation"]

SITUATION_FILE = "situation.toml"

Loc = tuple[int | str, ...]
M = TypeVar("M", bound=BaseModel)


def load_situation(folder: Path) -> Situation:
    """Read and check the situation in ``folder``; the tables themselves are not opened.

    Raises
    ------
    BadSituation
        There is no such folder or file, it is not TOML, a key is unknown, missing or holds what it
        must not, or a path leads out of the folder.
    """
    file = folder / SITUATION_FILE
    raw = _read_toml(file, todo="Give the folder of a situation, or start from `sitmap example`.")
    written = _validated(SituationFile, raw, file)
    _no_name_twice(written, file)
    known_sources = [source.id for source in written.source]
    tables = tuple(
        _table(entry, number, folder, known_sources)
        for number, entry in enumerate(written.table, start=1)
    )
    profiles = [folder / entry.profile for entry in written.table if _is_profile_file(entry)]
    own_boundaries = _own_boundaries(written.boundaries.vintage, folder)
    return Situation(
        folder=folder,
        id=written.id or _id_of(folder),
        title=_text(written.title),
        as_of=written.as_of,
        created=written.created or written.as_of,
        vintage=written.boundaries.vintage,
        columns=_boundary_columns(written),
        countries=written.boundaries.countries,
        focus=written.boundaries.focus,
        sources=tuple(Source(**source.model_dump()) for source in written.source),
        tables=tables,
        places=tuple(
            DeclaredPlace(
                id=place.id,
                names=_text(place.name),
                within=place.within,
                kind=place.kind,
                lon=place.lon,
                lat=place.lat,
                aliases=place.aliases,
            )
            for place in written.place
        ),
        carries=tuple(
            Carry(
                from_code=carry.from_.pcode,
                from_names=carry.from_.name,
                into=tuple((part.pcode, part.weight) for part in carry.into),
                note=_text(carry.note),
            )
            for carry in written.carry
        ),
        maps=tuple(_map(entry) for entry in written.map),
        notes=tuple(
            Note(kind=note.kind, text=_text(note.text), about=note.about) for note in written.note
        ),
        acknowledged={entry.finding: entry.why for entry in written.acknowledge},
        inputs=(file, *(table.path for table in tables), *profiles, *own_boundaries),
    )


def _text(by_language: Mapping[Any, str]) -> dict[str, str]:
    return {str(language): words for language, words in by_language.items()}


# --- the parts -----------------------------------------------------------------------------------


def _map(entry: MapEntry) -> MapSpec:
    return MapSpec(
        id=entry.id,
        title=_text(entry.title),
        layers=tuple(_layer(layer) for layer in entry.layer),
        as_of=entry.as_of,
        paper=entry.paper,
        extent=entry.extent,
        languages=entry.languages,
        notes=_text(entry.notes),
    )


def _layer(entry: LayerEntry) -> LayerSpec:
    return LayerSpec(
        kind=entry.kind,
        groups=tuple(group.value for group in entry.group),
        measure=entry.measure.value if entry.measure else None,
        date=entry.date,
        level=entry.level,
        per=entry.per,
        per_unit=entry.per_unit,
        origin=entry.origin,
        classes=entry.classes,
        scheme=entry.scheme,
        palette=entry.palette,
        minimum=entry.minimum,
        title=_text(entry.title),
    )


def _is_profile_file(entry: TableEntry) -> bool:
    return entry.profile.endswith(".toml")


def _table(entry: TableEntry, number: int, folder: Path, known_sources: list[str]) -> Table:
    where = f"[[table]] {number}"
    file = folder / SITUATION_FILE
    if entry.source not in known_sources:
        raise BadSituation(
            file,
            where=f"{where}, source",
            found=f"there is no [[source]] with id {entry.source!r}",
            todo=_did_you_mean(entry.source, known_sources)
            or "Declare it, with its date and sensitivity.",
        )
    profile = ProfileFile()
    if _is_profile_file(entry):
        path = _inside(folder, entry.profile, where=f"{where}, profile")
        raw = _read_toml(path, todo="Correct the profile's name, or leave it out.")
        profile = _validated(ProfileFile, raw, path)
    elif entry.profile != "plain":
        raise BadSituation(
            file,
            where=f"{where}, profile",
            found=f"there is no profile {entry.profile!r}",
            todo='Expected "plain", or a .toml file inside the folder.',
        )
    missing = entry.missing if entry.missing is not None else profile.missing
    return Table(
        path=_inside(folder, entry.file, where=f"{where}, file"),
        name=entry.file,
        kind=entry.kind,
        source=entry.source,
        profile=Profile(
            columns={**profile.columns, **entry.columns},
            defaults={**profile.defaults, **entry.defaults},
            **({} if missing is None else {"missing": missing}),
        ),
    )


def _boundary_columns(written: SituationFile) -> dict[str, Any]:
    """Which columns of a boundary file hold what, as far as the user says so."""
    said = written.boundaries.model_dump(
        include={"code", "name", "parent", "level", "iso3", "label"}
    )
    return {key: value for key, value in said.items() if value is not None}


def _own_boundaries(vintage: str, folder: Path) -> list[Path]:
    """Return the boundary file with its siblings (a shapefile is several files), if it is one."""
    if "/" not in vintage and "." not in Path(vintage).suffix[:1]:
        return []
    path = folder / vintage
    if not path.suffix or not path.is_file():
        return []
    inside = _inside(folder, vintage, where="[boundaries], vintage")
    return sorted(p for p in inside.parent.iterdir() if p.stem == inside.stem and p.is_file())


def _id_of(folder: Path) -> str:
    """Return an id made of the folder's name: lower case, everything else a hyphen."""
    name = folder.resolve().name.lower()
    slug = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in name).split())
    return slug[:64].strip("-") or "situation"


def _inside(folder: Path, name: str, *, where: str) -> Path:
    """Return the path of ``name`` in ``folder``; raises where it leads out of it."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BadSituation(
            folder / SITUATION_FILE,
            where=where,
            found=f"{name!r} leads out of the folder",
            todo="Copy the file into the situation's folder and name it from there.",
        )
    return path


def _no_name_twice(written: SituationFile, file: Path) -> None:
    named: tuple[tuple[str, list[str]], ...] = (
        ("source", [source.id for source in written.source]),
        ("place", [place.id for place in written.place]),
        ("map", [entry.id for entry in written.map]),
        ("carry", [carry.from_.pcode for carry in written.carry]),
        ("acknowledge", [entry.finding for entry in written.acknowledge]),
    )
    for key, ids in named:
        for number, each in enumerate(ids, start=1):
            if each in ids[: number - 1]:
                raise BadSituation(
                    file,
                    where=f"[[{key}]] {number}",
                    found=f"{each!r} stands there a second time",
                    todo="Give each its own, or remove one.",
                )


# --- reading and checking ------------------------------------------------------------------------


def _read_toml(file: Path, *, todo: str) -> Mapping[str, Any]:
    try:
        text = file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise BadSituation(file, where="", found="there is no such file", todo=todo) from None
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise BadSituation(file, where="", found=reason, todo=todo) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadSituation(
            file,
            where=f"line {line}",
            found="the file is not UTF-8 text",
            todo="Save it as UTF-8.",
        ) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, position = str(error).partition(" (at ")
        raise BadSituation(
            file,
            where=position.rstrip(")"),
            found=f"not TOML: {what[:1].lower()}{what[1:]}",
            todo="Correct the line; https://toml.io tells the few rules there are.",
        ) from None


def _validated(model: type[M], raw: Mapping[str, Any], file: Path) -> M:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        details = error.errors(include_url=False)
        # A misspelt key is the cause of the key that is then missing: tell it first.
        first = min(details, key=lambda detail: detail["type"] != "extra_forbidden")
        raise _explained(model, first, file) from None


def _explained(model: type[BaseModel], detail: ErrorDetails, file: Path) -> BadSituation:
    loc = tuple(part for part in detail["loc"] if part != "[key]")
    key, given = str(loc[-1]) if loc else "", detail.get("input")
    kind, where = detail["type"], _where(loc)
    if kind == "extra_forbidden":
        known = _keys_at(model, loc[:-1])
        return BadSituation(
            file,
            where=_where(loc[:-1]),
            found=f"unknown key {key!r}",
            todo=_did_you_mean(key, known) or f"Expected one of {', '.join(known)}.",
        )
    if kind == "missing":
        return BadSituation(
            file,
            where=_where(loc[:-1]),
            found=f"the key {key!r} is missing",
            todo="Add it.",
        )
    if kind in {"value_error", "assertion_error"}:
        what = str(detail["ctx"]["error"])
        return BadSituation(file, where=where, found=what, todo="Correct it there.")
    shown = repr(given) if isinstance(given, str | int | float | bool) else "what stands there"
    return BadSituation(
        file,
        where=where,
        found=f"{shown} cannot be used",
        todo=_expected(detail),
    )


def _expected(detail: ErrorDetails) -> str:
    """Return what was expected, in the words of the file's writer."""
    context = detail.get("ctx", {})
    if "expected" in context:
        choices = str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
        return _did_you_mean(str(detail.get("input")), choices) or (
            f"Expected one of {', '.join(choices)}."
        )
    if detail["type"].startswith("date"):
        return "Expected a date, written as 2016-12-31 without quotes."
    if detail["type"] == "string_pattern_mismatch":
        return {
            r"^[A-Z]{3}$": "Expected an ISO 3166-1 code of three capitals, as MLI.",
        }.get(
            str(context["pattern"]),
            "Expected lower-case letters, digits and hyphens, as mali-2017.",
        )
    words = detail["msg"].removeprefix("Input should be ")
    return f"Expected {words[:1].lower()}{words[1:]}."


def _did_you_mean(word: str, known: list[str]) -> str:
    hint = closest(word, known)
    return f"Did you mean {hint!r}? Known are {', '.join(known)}." if hint else ""


def _where(loc: Loc) -> str:
    """Return a TOML path as its writer would say it, counting from 1.

    >>> _where(("map", 0, "layer", 1, "group"))
    '[[map]] 1, [[map.layer]] 2, group'
    """
    parts: list[str] = []
    path: list[str] = []
    for i, part in enumerate(loc):
        if isinstance(part, int):
            continue
        path.append(part)
        following = loc[i + 1] if i + 1 < len(loc) else None
        if isinstance(following, int) and part not in _PLAIN_LISTS:
            parts.append(f"[[{'.'.join(path)}]] {following + 1}")
        elif following is not None and not isinstance(following, int) and i == 0:
            parts.append(f"[{part}]")
        else:
            parts.append(part)
    return ", ".join(parts)


_PLAIN_LISTS = {"into", "countries", "within", "aliases", "about", "group", "extent", "languages"}


def _keys_at(model: type[BaseModel], loc: Loc) -> list[str]:
    """Return the keys there are at a TOML path."""
    here: type[BaseModel] | None = model
    for part in loc:
        if isinstance(part, int) or here is None:
            continue
        fields = {field.alias or name: field for name, field in here.model_fields.items()}
        here = next(_models_in(fields[part].annotation), None) if part in fields else None
    if here is None:
        return []
    return [field.alias or name for name, field in here.model_fields.items()]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models inside an annotation such as ``Annotated[tuple[X, ...], …] | None``."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models_in(argument)
