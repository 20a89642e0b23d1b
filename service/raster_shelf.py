"""Rasters beside a store, to lie under its maps. Only public ones are there: no other can be served."""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import numpy as np

from geo.crosswalk_weights import UnreadableGrid
from geo.errors import NeedsProtection
from geo.sources import Sensitivity
from geo.zonal import NeedsRasterPackages
from service.errors import CannotWrite, ServiceError

__all__ = ["KeptRaster", "UnknownRaster", "find_raster", "keep_raster"]

_TOP = 99.5  # percentile of the values there are: one city does not make all else invisible
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
    """A raster and what must be said of it. ``content`` differs whenever its bytes do."""

    name: str
    publisher: str
    date: str
    licence: str
    top: float
    bounds: tuple[float, float, float, float]
    content: str
    path: Path


def keep_raster(
    raster: Path,
    home: Path,
    name: str,
    *,
    publisher: str,
    on: date,
    licence: str,
    sensitivity: Sensitivity,
) -> KeptRaster:
    """Write a raster as a Cloud-Optimised GeoTIFF into a store's folder, with what to say of it.

    Raises
    ------
    NeedsProtection
        It is not public.
    UnreadableGrid, NeedsRasterPackages, CannotWrite
    """
    if sensitivity is not Sensitivity.PUBLIC:
        raise NeedsProtection(name, sensitivity=sensitivity)
    try:
        from rio_cogeo.cogeo import cog_translate
        from rio_cogeo.profiles import cog_profiles
    except ImportError:
        raise NeedsRasterPackages("rio-cogeo") from None
    from rasterio.errors import RasterioError

    profile = cast("Any", cog_profiles).get("deflate")
    folder = home / "rasters"
    content = secrets.token_hex(6)
    path, beside = folder / f"{name}.{content}.tif", folder / f".{name}.{content}.tif"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        cog_translate(
            raster, beside, profile, in_memory=False, quiet=True,
            overview_resampling="average",
        )  # fmt: skip
        top, bounds = _looked_at(beside)
        kept = KeptRaster(name, publisher, f"{on}", licence, top, bounds, content, path)
        about = {**asdict(kept), "path": path.name}
        said = folder / f".{name}.{content}.json"
        said.write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        beside.replace(path)
        said.replace(folder / f"{name}.json")  # from here on it is the raster of that name
        for old in folder.glob(f"{name}.*.tif"):
            if old != path:
                old.unlink(missing_ok=True)
    except RasterioError as fault:
        raise UnreadableGrid(raster, found=f"cannot be read ({str(fault)[:120]})") from fault
    except OSError as fault:
        raise CannotWrite(
            folder, why=(fault.strerror or "it cannot be written").lower(), todo="Free the space."
        ) from None
    finally:
        beside.unlink(missing_ok=True)
    return kept


def _looked_at(path: Path) -> tuple[float, tuple[float, float, float, float]]:
    """Return the value to be darkest, and the bounds in degrees."""
    import rasterio
    from rasterio.warp import transform_bounds

    with rasterio.open(path) as dataset:
        if dataset.crs is None:
            raise UnreadableGrid(path, found="has no coordinate system")
        part = min(1.0, _LOOKED_AT / max(dataset.width, dataset.height))
        shape = (max(int(dataset.height * part), 1), max(int(dataset.width * part), 1))
        read = dataset.read(1, out_shape=shape, masked=True).astype(np.float64)
        west, south, east, north = transform_bounds(dataset.crs, "EPSG:4326", *dataset.bounds)
    values = read.compressed()
    values = values[np.isfinite(values) & (values > 0)]
    top = float(np.percentile(values, _TOP)) if len(values) else 1.0
    return top, (west, south, east, north)


def find_raster(home: Path, name: str) -> KeptRaster:
    """Return a raster beside a store; raises `UnknownRaster`."""
    folder = home / "rasters"
    try:
        said: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        path = folder / str(said["path"])
        return KeptRaster(**{**said, "bounds": tuple(said["bounds"]), "path": path})
    except (OSError, ValueError, KeyError, TypeError):
        raise UnknownRaster(name, known=sorted(p.stem for p in folder.glob("[!.]*.json"))) from None
