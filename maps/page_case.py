"""A drawn page with the scene it was drawn from: what rules over pages ask, measured from what was drawn."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from shapely.geometry.base import BaseGeometry

from maps.display import Page, PathItem, TextItem
from maps.scene import Scene

__all__ = ["PageCase"]

_SMALL_SHEET = 215.0  # mm: A5


@dataclass(frozen=True)
class PageCase:
    """A page and the scene it was drawn from."""

    page: Page
    scene: Scene

    def texts(self, *roles: str) -> list[TextItem]:
        """Return the texts that have one of the roles."""
        return [item for item in self.page.texts if item.role in roles]

    def paths(self, *roles: str) -> list[PathItem]:
        """Return the shapes that have one of the roles."""
        return [item for item in self.page.paths if item.role in roles]

    @property
    def small(self) -> bool:
        """Whether the sheet is an A5."""
        return max(self.page.width, self.page.height) <= _SMALL_SHEET

    @property
    def single(self) -> bool:
        """Whether the page is one map, and not panels or a table."""
        return not self.scene.panels and self.scene.matrix is None

    @cached_property
    def frame(self) -> tuple[float, float, float, float] | None:
        """The map's outline, mm; None where there is none, or several."""
        outlines = self.paths("frame")
        return tuple(outlines[0].geometry.bounds) if len(outlines) == 1 else None

    @cached_property
    def metres_per_mm(self) -> float | None:
        """Ground per millimetre at the frame's centre, measured from areas drawn whole.

        None where no area is: nothing to measure by.
        """
        measured = _placement(self)
        if measured is None or self.frame is None:
            return None
        from pyproj import Geod, Transformer

        per_mm, east, north = measured
        x0, y0, x1, y1 = self.frame
        to_degrees = Transformer.from_crs(self.scene.projection, "EPSG:4326", always_xy=True)
        ends = [
            to_degrees.transform(east + per_mm * x, north - per_mm * (y0 + y1) / 2)
            for x in ((x0 + x1) / 2 - 5, (x0 + x1) / 2 + 5)
        ]
        return float(Geod(ellps="WGS84").inv(*ends[0], *ends[1])[2]) / 10


def _placement(case: PageCase) -> tuple[float, float, float] | None:
    """Return projected metres per mm, and the projected position of the page's corner."""
    from pyproj import CRS, Transformer
    from shapely import transform

    if not CRS.from_user_input(case.scene.projection).is_projected:
        return None
    to_page = Transformer.from_crs("EPSG:4326", case.scene.projection, always_xy=True)

    def project(shape: BaseGeometry) -> BaseGeometry:
        return transform(shape, lambda p: np.stack(to_page.transform(p[:, 0], p[:, 1]), axis=1))

    drawn = {item.role: item.geometry for item in case.page.paths}
    areas = [(f"area-{fill.pcode}", fill.geometry) for fill in case.scene.fills]
    areas += [("focus", area.geometry) for area in case.scene.context if area.role == "focus"]
    found = []
    for role, shape in areas:
        if role not in drawn or drawn[role].is_empty:
            continue
        x0, y0, x1, y1 = drawn[role].bounds
        west, south, east, north = project(shape).bounds
        if min(x1 - x0, y1 - y0) < 4:  # mm: too small to measure by
            continue
        across, down = (east - west) / (x1 - x0), (north - south) / (y1 - y0)
        if abs(across / down - 1) < 0.004:  # drawn whole: cut at the frame it would not agree
            found.append((across, west - across * x0, north + across * y0))
    return max(found, key=lambda each: -each[0], default=None)
