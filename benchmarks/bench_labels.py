"""Names of first-level units of West Africa on an A3 sheet at 7 pt, ours against always top right.

Targets: no two overlap, at least 95 % placed, at most 0.3 s with candidates and what lies beneath.
Run: python benchmarks/bench_labels.py
"""

import time

import numpy as np
import shapely
from measure import measure
from pyproj import Transformer
from shapely.geometry import Point

from boundaries.natural_earth import open_natural_earth
from maps.label_layout import CostField, FloatArray, LabelRequest, place_labels, point_boxes
from maps.text import CAP_HEIGHT, POINT, TextStyle, text_width

COUNTRIES = "MLI NER BFA SEN GIN CIV GHA TGO BEN NGA MRT GMB GNB SLE LBR".split()  # noqa: SIM905
WIDTH, HEIGHT, MARGIN = 420.0, 297.0, 20.0
RADIUS, STYLE = 0.7, TextStyle(7)
LABELS = 240


def labels() -> tuple[FloatArray, FloatArray]:
    """Return points (n, 2) and the sizes of the names that belong there (n, 2), in mm."""
    units = open_natural_earth(tuple(COUNTRIES)).at(1).head(LABELS)
    project = Transformer.from_crs("EPSG:4326", "+proj=laea +lat_0=14 +lon_0=-2", always_xy=True)
    inner = shapely.get_coordinates(units.geometry.representative_point())
    points = np.stack(project.transform(inner[:, 0], inner[:, 1]), axis=1)
    low, high = points.min(0), points.max(0)
    room = np.array([WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN])
    points = (points - (low + high) / 2) * (room / (high - low)).min() * (1, -1)
    height = STYLE.size * POINT * (CAP_HEIGHT + 0.2)
    sizes = np.array([(text_width(name, STYLE), height) for name in units["name"]])
    return points + np.array([WIDTH / 2, HEIGHT / 2]), sizes


def ours(points: FloatArray, sizes: FloatArray) -> list[FloatArray]:
    field = CostField((0, 0, WIDTH, HEIGHT))
    for x, y in points:
        field.paint(Point(x, y).buffer(RADIUS, 8), 250)
    requests = [
        LabelRequest(*point_boxes((x, y), (w, h), RADIUS, (0.5, 1.2, 2.2)), rank=4)
        for (x, y), (w, h) in zip(points, sizes, strict=True)
    ]
    picks = place_labels(requests, field)
    return [r.boxes[p] for r, p in zip(requests, picks, strict=True) if p is not None]


def top_right(points: FloatArray, sizes: FloatArray) -> list[FloatArray]:
    left, bottom = points[:, 0] + RADIUS + 0.5, points[:, 1]
    return list(np.stack([left, bottom - sizes[:, 1], left + sizes[:, 0], bottom], axis=1))


def report(name: str, boxes: list[FloatArray], points: FloatArray, seconds: float) -> None:
    shapes = shapely.box(*np.array(boxes).T)
    i, j = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    apart = shapely.area(shapely.intersection(shapes[i], shapes[j]))
    overlaps = int(((i < j) & (apart > 1e-6)).sum())
    nearest = shapely.distance(shapes[:, None], shapely.points(points)).min(1)
    covered = int((nearest < RADIUS * 0.9).sum())
    placed = len(boxes) / len(points)
    if name == "ours":
        measure("labels-placed", f"of {len(points)} names placed", placed, "%", at_least=0.95)
        measure("labels-overlaps", "  overlaps", overlaps, at_most=0,
                beside=f"{covered} on a point; {nearest.mean():.2f} mm from a point")  # fmt: skip
        measure("labels-time", "  time of the processor", seconds, "s", at_most=0.3)
        return
    print(f"{name}: {placed:.1%} of {len(points)} placed, {overlaps} overlaps, {covered} on a point, "
          f"{nearest.mean():.2f} mm from a point")  # fmt: skip


def main() -> None:
    points, sizes = labels()
    ours(points[:20], sizes[:20])  # warm
    report("top right", top_right(points, sizes), points, 0.0)
    start = time.process_time()
    boxes = ours(points, sizes)
    report("ours", boxes, points, time.process_time() - start)


if __name__ == "__main__":
    main()
