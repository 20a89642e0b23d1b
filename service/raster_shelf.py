"""Rasters beside a store, to lie under a situation's maps. Only public ones are there: no other can be served."""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any, cast
from xml.sax.saxutils import escape

import numpy as np

from geo.crosswalk_weights import UnreadableGrid
from geo.errors import NeedsProtection, UndeclaredSensitivity
from geo.sources import Sensitivity
from geo.zonal import NeedsRasterPackages
from service.errors import CannotWrite, ServiceError

__all__ = [
    "KeptRaster",
    "UnknownRaster",
    "find_raster",
    "forget_others",
    "keep_raster",
    "kept_rasters",
    "raster_key",
]

_TOP = 99.5  # percentile of the values there are: one city does not make all else invisible
_PIECE = 1 << 22  # bytes
_LOOKED_AT = 2048  # cells across of the overview that the percentile is taken from


class UnknownRaster(ServiceError):
    """A raster that is not beside the situation's store."""

    code = "unknown-raster"

    def __init__(self, name: str, *, known: list[str]) -> None:
        self.name, self.known = name, tuple(known)
        super().__init__(
            f"there is no raster {name!r}; expected one of {', '.join(known) or 'none'}. "
            "`sitmap raster` puts one there."
        )


@dataclass(frozen=True)
class KeptRaster:
    """A raster and what must be said of it. ``content`` differs whenever its bytes do.

    ``bounds`` are west, south, east and north in degrees; west is beyond east where it crosses the
    180th meridian, where it is kept in two parts. ``per_km2``: its values are a density, else persons per cell of ``cell``.
    ``declared`` is the key of the ``[[raster]]`` that it was made from, "" where a command put it there.
    """

    name: str
    publisher: str
    date: str
    licence: str
    top: float
    bounds: tuple[float, float, float, float]
    content: str
    paths: tuple[Path, ...]
    per_km2: bool = False
    cell: str = ""
    declared: str = ""

    @property
    def tile_bounds(self) -> tuple[float, float, float, float]:
        """The bounds as TileJSON has them: what crosses the 180th meridian is round the globe."""
        west, south, east, north = self.bounds
        return (west, south, east, north) if west < east else (-180.0, south, 180.0, north)


def raster_key(raster: Path, *said: object) -> str:
    """Return what differs whenever a raster's bytes, or what is said of it, do."""
    digest = hashlib.sha256(repr(said).encode())
    with raster.open("rb") as file:
        for piece in iter(lambda: file.read(_PIECE), b""):
            digest.update(piece)
    return digest.hexdigest()


def keep_raster(
    raster: Path,
    home: Path,
    situation: str,
    name: str,
    *,
    publisher: str,
    on: date,
    licence: str,
    sensitivity: Sensitivity | None,
    per_km2: bool = False,
    declared: str = "",
) -> KeptRaster:
    """Write a raster as a Cloud-Optimised GeoTIFF into a store's folder, with what to say of it.

    Raises
    ------
    UndeclaredSensitivity, NeedsProtection
        It is not declared public.
    UnreadableGrid, NeedsRasterPackages, CannotWrite
    """
    if sensitivity is None:
        raise UndeclaredSensitivity(name)
    if sensitivity is not Sensitivity.PUBLIC:
        raise NeedsProtection(name, sensitivity=sensitivity)
    try:
        from rio_cogeo.cogeo import cog_translate
        from rio_cogeo.profiles import cog_profiles
    except ImportError:
        raise NeedsRasterPackages("rio-cogeo") from None
    from rasterio.errors import RasterioError

    profile = cast("Any", cog_profiles).get("deflate")
    folder = _folder(home, situation)
    content = secrets.token_hex(6)
    beside: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, part in enumerate(_parts(raster)):
            beside.append(folder / f".{name}.{content}.{number}.tif")
            cog_translate(
                part, beside[-1], profile, indexes=(1,), in_memory=False, quiet=True,
                overview_resampling="average",
            )  # fmt: skip
        top, bounds, cell = _looked_at(raster)
        paths = tuple(path.with_name(path.name[1:]) for path in beside)
        kept = KeptRaster(
            name, publisher, f"{on}", licence, top, bounds, content, paths, per_km2, cell, declared
        )
        about = {**asdict(kept), "paths": [path.name for path in paths]}
        said = folder / f".{name}.{content}.json"
        said.write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        for made, path in zip(beside, paths, strict=True):
            made.replace(path)
        said.replace(folder / f"{name}.json")  # from here on it is the raster of that name
        for old in folder.glob(f"{name}.*.tif"):
            if old not in paths:
                old.unlink(missing_ok=True)
    except RasterioError as fault:
        raise UnreadableGrid(raster, found=f"cannot be read ({str(fault)[:120]})") from fault
    except OSError as fault:
        raise CannotWrite(
            folder, why=(fault.strerror or "it cannot be written").lower(), todo="Free the space."
        ) from None
    finally:
        for made in beside:
            made.unlink(missing_ok=True)
    return kept


def _parts(raster: Path) -> list[str]:
    """Return what GDAL opens as the raster, cut at the 180th meridian where it goes beyond.

    Each part then lies within ±180°, where the tiles are.
    """
    import rasterio

    with rasterio.open(raster) as dataset:
        step = dataset.transform
        if dataset.crs is None:
            raise UnreadableGrid(raster, found="has no coordinate system")
        if not dataset.crs.is_geographic or dataset.bounds.right <= 180 + step.a / 2:
            return [str(raster)]
        whole = min(int(dataset.width), round(360 / step.a))  # some repeat their first column
        cut = min(max(ceil((180 - step.c) / step.a - 1e-6), 0), whole)
        spans = [(first, last) for first, last in ((0, cut), (cut, whole)) if first < last]
        return [_window_of(dataset, raster, first, last) for first, last in spans]


def _window_of(dataset: Any, raster: Path, first: int, last: int) -> str:
    """Return columns ``first`` to ``last`` (exclusive) of a raster as a virtual one, within ±180°."""
    step, height = dataset.transform, dataset.height
    west = (step.c + first * step.a + 180) % 360 - 180
    silent = "" if dataset.nodata is None else f"<NoDataValue>{dataset.nodata!r}</NoDataValue>"
    kinds = {"uint8": "Byte", "int16": "Int16", "uint16": "UInt16", "int32": "Int32",
             "uint32": "UInt32", "float32": "Float32"}  # fmt: skip
    rect = f'yOff="0" xSize="{last - first}" ySize="{height}"'
    return (
        f'<VRTDataset rasterXSize="{last - first}" rasterYSize="{height}">'
        f"<SRS>{escape(dataset.crs.to_wkt())}</SRS>"
        f"<GeoTransform>{west!r}, {step.a!r}, 0, {step.f!r}, 0, {step.e!r}</GeoTransform>"
        f'<VRTRasterBand dataType="{kinds.get(dataset.dtypes[0], "Float64")}" band="1">{silent}'
        "<SimpleSource>"
        f'<SourceFilename relativeToVRT="0">{escape(str(raster.resolve()))}</SourceFilename>'
        f'<SourceBand>1</SourceBand><SrcRect xOff="{first}" {rect}/><DstRect xOff="0" {rect}/>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )


def _looked_at(path: Path) -> tuple[float, tuple[float, float, float, float], str]:
    """Return the value to be darkest, the bounds in degrees, and the size of a cell in words."""
    import rasterio

    from geo.population_grids import grid_facts

    with rasterio.open(path) as dataset:
        if dataset.crs is None:
            raise UnreadableGrid(path, found="has no coordinate system")
        part = min(1.0, _LOOKED_AT / max(dataset.width, dataset.height))
        shape = (max(int(dataset.height * part), 1), max(int(dataset.width * part), 1))
        read = dataset.read(1, out_shape=shape, masked=True).astype(np.float64)
        bounds = _bounds(dataset)
    values = read.compressed()
    values = values[np.isfinite(values) & (values > 0)]
    top = float(np.percentile(values, _TOP)) if len(values) else 1.0
    facts = grid_facts(path)
    return top, bounds, f"{facts.cell[0]:.4g}{'°' if facts.unit == 'degrees' else ' ' + facts.unit}"


def _bounds(dataset: Any) -> tuple[float, float, float, float]:
    """Return west, south, east, north within ±180; west beyond east across the 180th meridian."""
    from rasterio.warp import transform_bounds

    if not dataset.crs.is_geographic:
        west, south, east, north = transform_bounds(dataset.crs, "EPSG:4326", *dataset.bounds)
        return west, south, east, north
    west, south, east, north = dataset.bounds
    south, north = max(south, -90.0), min(north, 90.0)
    if east - west >= 360 - abs(dataset.transform.a) / 2:
        return -180.0, south, 180.0, north
    turned = (west + 180) % 360 - 180
    ends = turned + (east - west)
    return turned, south, ends - 360 if ends > 180 + 1e-9 else ends, north


def _folder(home: Path, situation: str) -> Path:
    return home / "rasters" / situation


def find_raster(home: Path, situation: str, name: str) -> KeptRaster:
    """Return a situation's raster beside a store; raises `UnknownRaster`."""
    folder = _folder(home, situation)
    try:
        said: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        paths = tuple(folder / str(name) for name in said["paths"])
        return KeptRaster(**{**said, "bounds": tuple(said["bounds"]), "paths": paths})
    except (OSError, ValueError, KeyError, TypeError):
        raise UnknownRaster(name, known=_names(folder)) from None


def kept_rasters(home: Path, situation: str) -> tuple[KeptRaster, ...]:
    """Return a situation's rasters beside a store, by name."""
    found = []
    for name in _names(_folder(home, situation)):
        try:
            found.append(find_raster(home, situation, name))
        except UnknownRaster:  # taken away, or half of another version's
            continue
    return tuple(found)


def forget_others(home: Path, situation: str, declared: Iterable[str]) -> None:
    """Take away rasters that a situation once declared and does not any more."""
    for kept in kept_rasters(home, situation):
        if kept.declared and kept.name not in set(declared):
            (_folder(home, situation) / f"{kept.name}.json").unlink(missing_ok=True)
            for path in kept.paths:
                path.unlink(missing_ok=True)


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("[!.]*.json"))
