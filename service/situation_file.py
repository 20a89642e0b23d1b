"""From ``situation.toml`` to a `Situation`. Everything wrong with it is told in one sentence, at its key."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from boundaries.crosswalk import GivenShare
from geo.carries import Carry
from geo.decisions import DECISIONS_FILE
from geo.profiles import Profile
from geo.release import Note
from geo.sources import Source
from maps.imprint import Imprint, Override
from maps.spec import LayerSpec, MapSpec
from service.errors import BadSituation
from service.logos import read_logo
from service.situation import (
    Collected,
    DeclaredPlace,
    DeclaredRaster,
    DeclaredShare,
    Situation,
    Table,
)
from service.situation_models import (
    ImprintEntry,
    LayerEntry,
    MapEntry,
    ProfileFile,
    RasterEntry,
    SituationFile,
    TableEntry,
)
from service.user_files import did_you_mean, read_toml, validated

__all__ = ["SITUATION_FILE", "ledger_beside", "load_situation"]

SITUATION_FILE = "situation.toml"


def load_situation(folder: Path) -> Situation:
    """Read and check the situation in ``folder``; the tables themselves are not opened.

    Raises
    ------
    BadSituation
        There is no such folder or file, it is not TOML, a key is unknown, missing or holds what it
        must not, or a path leads out of the folder.
    """
    file = folder / SITUATION_FILE
    raw = read_toml(file, todo="Give the folder of a situation, or start from `sitmap example`.")
    written = validated(SituationFile, raw, file)
    _no_name_twice(written, file)
    known_sources = [source.id for source in written.source]
    tables = tuple(
        _table(entry, number, folder, known_sources)
        for number, entry in enumerate(written.table, start=1)
    )
    rasters = tuple(
        _raster(entry, number, folder, known_sources)
        for number, entry in enumerate(written.raster, start=1)
    )
    profiles = [folder / entry.profile for entry in written.table if _is_profile_file(entry)]
    own_boundaries = _own_boundaries(written.boundaries.vintage, folder)
    logos = [_inside(folder, name, where="[imprint], logos") for name in written.imprint.logos]
    imprint = _imprint(written.imprint, logos)
    return Situation(
        folder=folder,
        id=written.id or _id_of(folder),
        title=_text(written.title),
        as_of=written.as_of,
        created=written.created or written.as_of,
        vintage=written.boundaries.vintage,
        columns=_boundary_columns(written),
        countries=written.boundaries.countries,
        focus=written.boundaries.focus or "",
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
        shares=tuple(
            DeclaredShare(
                old=entry.from_,
                new=entry.to,
                share=GivenShare(entry.weight, entry.low, entry.high),
                vintage=entry.vintage,
            )
            for entry in written.crosswalk
        ),
        rasters=rasters,
        maps=tuple(_map(entry, imprint) for entry in written.map),
        notes=tuple(
            Note(kind=note.kind, text=_text(note.text), about=note.about) for note in written.note
        ),
        acknowledged={entry.finding: entry.why for entry in written.acknowledge},
        inputs=tuple(
            dict.fromkeys(
                (
                    file,
                    *(path for path in [folder / DECISIONS_FILE] if path.is_file()),
                    *(table.path for table in tables),
                    *(p for table in tables if (p := ledger_beside(table.path)).is_file()),
                    *(raster.path for raster in rasters),
                    *profiles,
                    *own_boundaries,
                    *logos,
                    *(path for table in tables for path in _collected_inputs(table, folder)),
                )
            )
        ),
    )


def ledger_beside(table: Path) -> Path:
    """Return where `sitmap assign` puts the ledger of a table that it writes."""
    return table.with_name(f"{table.name}.ledger.json")


def _text(by_language: Mapping[Any, str]) -> dict[str, str]:
    return {str(language): words for language, words in by_language.items()}


# --- the parts -----------------------------------------------------------------------------------


def _imprint(entry: ImprintEntry, logos: list[Path]) -> Imprint:
    return Imprint(
        glide=entry.glide or "",
        contact=_text(entry.contact),
        logos=tuple(read_logo(path) for path in logos),
        file_names=entry.file_names,
    )


def _map(entry: MapEntry, imprint: Imprint) -> MapSpec:
    return MapSpec(
        id=entry.id,
        title=_text(entry.title),
        layers=tuple(_layer(layer) for layer in entry.layer),
        as_of=entry.as_of,
        paper=entry.paper,
        extent=entry.extent,
        languages=entry.languages,
        notes=_text(entry.notes),
        imprint=replace(imprint, number=entry.number),
        overrides=tuple(Override(each.rule, _text(each.why)) for each in entry.override),
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
        breaks=entry.breaks,
        dates=entry.dates or (),
        every_date=entry.dates is None,
        against=entry.against,
        against_breaks=entry.against_breaks,
        small_base=entry.small_base,
        comparable=_text(entry.comparable),
        per_dot=entry.per_dot,
        show=entry.show,
        sectors=entry.sector,
        balance=entry.balance,
        most=entry.most,
        ends=entry.ends,
        totals=entry.totals,
        layout=entry.layout,
    )


def _is_profile_file(entry: TableEntry) -> bool:
    return entry.profile.endswith(".toml")


def _declared(source: str, where: str, file: Path, known_sources: list[str]) -> None:
    if source not in known_sources:
        raise BadSituation(
            file,
            where=f"{where}, source",
            found=f"there is no [[source]] with id {source!r}",
            todo=did_you_mean(source, known_sources)
            or "Declare it, with its date and sensitivity.",
        )


def _raster(
    entry: RasterEntry, number: int, folder: Path, known_sources: list[str]
) -> DeclaredRaster:
    where = f"[[raster]] {number}"
    _declared(entry.source, where, folder / SITUATION_FILE, known_sources)
    path = _inside(folder, entry.file, where=f"{where}, file")
    if not path.is_file():
        raise BadSituation(
            folder / SITUATION_FILE,
            where=f"{where}, file",
            found=f"there is no file {entry.file!r} in the folder",
            todo="Copy the grid there, or correct its name.",
        )
    return DeclaredRaster(
        id=entry.id,
        path=path,
        name=entry.file,
        source=entry.source,
        level=entry.level,
        per_km2=entry.per_km2,
        underlay=entry.underlay,
    )


def _table(entry: TableEntry, number: int, folder: Path, known_sources: list[str]) -> Table:
    where = f"[[table]] {number}"
    file = folder / SITUATION_FILE
    _declared(entry.source, where, file, known_sources)
    profile = ProfileFile()
    if _is_profile_file(entry):
        path = _inside(folder, entry.profile, where=f"{where}, profile")
        raw = read_toml(path, todo="Correct the profile's name, or leave it out.")
        profile = validated(ProfileFile, raw, path)
    elif entry.profile not in ("plain", "auto"):
        raise BadSituation(
            file,
            where=f"{where}, profile",
            found=f"there is no profile {entry.profile!r}",
            todo='Expected "plain", "auto", or a .toml file inside the folder.',
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
        recognised=entry.profile == "auto" or Path(entry.file).suffix.lower() not in _PLAIN_TEXT,
        sheet=entry.sheet,
        collected=_collected(entry, where, folder),
    )


_PLAIN_TEXT = {".csv", ".tsv", ".txt", ""}
"""What a table is called whose profile says all of it; any other is recognised."""


def _collected(entry: TableEntry, where: str, folder: Path) -> Collected | None:
    if entry.vintage is None:
        return None

    def inside(name: str | None, key: str) -> Path | None:
        return _inside(folder, name, where=f"{where}, weights, {key}") if name else None

    weights = entry.weights
    return Collected(
        vintage=entry.vintage,
        columns=entry.boundary_columns.said() if entry.boundary_columns else (),
        grid=inside(weights.grid, "grid") if weights else None,
        per_km2=bool(weights and weights.per_km2),
        settlements=inside(weights.settlements, "settlements") if weights else None,
        tolerance_m=entry.tolerance,
    )


def _collected_inputs(table: Table, folder: Path) -> list[Path]:
    """Return the files that say what a table's own boundaries are and how it is carried."""
    if table.collected is None:
        return []
    more = [path for path in (table.collected.grid, table.collected.settlements) if path]
    where = f"[[table]] {table.name!r}, vintage"
    return [*_own_boundaries(table.collected.vintage, folder, where=where), *more]


def _boundary_columns(written: SituationFile) -> dict[str, Any]:
    """Which columns of a boundary file hold what, as far as the user says so."""
    said = written.boundaries.model_dump(
        include={"code", "name", "parent", "level", "iso3", "label"}
    )
    return {key: value for key, value in said.items() if value is not None}


def _own_boundaries(
    vintage: str, folder: Path, *, where: str = "[boundaries], vintage"
) -> list[Path]:
    """Return the boundary file with its siblings (a shapefile is several files), if it is one."""
    if "/" not in vintage and "." not in Path(vintage).suffix[:1]:
        return []
    path = folder / vintage
    if not path.suffix or not path.is_file():
        return []
    inside = _inside(folder, vintage, where=where)
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
        ("raster", [raster.id for raster in written.raster]),
        ("map", [entry.id for entry in written.map]),
        ("carry", [carry.from_.pcode for carry in written.carry]),
        ("crosswalk", [f"{c.vintage or ''} {c.from_} → {c.to}" for c in written.crosswalk]),
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
