"""A page as a display list: shapes and texts in millimetres, y down, lowest first. Nothing to decide.

Every renderer of paper draws this and nothing else; tests read it to see what was drawn where.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from shapely import affinity
from shapely.geometry.base import BaseGeometry

from maps.text import CAP_HEIGHT, POINT, TextStyle, text_width

__all__ = [
    "Anchor",
    "Box",
    "ImageItem",
    "Item",
    "Layer",
    "Page",
    "PathItem",
    "TextItem",
    "mirrored",
    "moved",
]

Anchor = Literal["start", "middle", "end"]
Box = tuple[float, float, float, float]
"""(x0, y0, x1, y1) in mm, y down."""


@dataclass(frozen=True, slots=True)
class PathItem:
    """A shape. ``stroke_width`` and ``dash`` in points; ``role`` says what it stands for.

    ``value`` is the number that its size shows, where there is one (persons).
    """

    geometry: BaseGeometry
    fill: str | None = None
    stroke: str | None = None
    stroke_width: float = 0
    dash: tuple[float, ...] = ()
    opacity: float = 1
    role: str = ""
    value: float | None = None


@dataclass(frozen=True, slots=True)
class TextItem:
    """One line of text. ``x`` is where its ``anchor`` lies, left, middle or right as seen."""

    text: str
    x: float
    y: float
    """The baseline."""
    style: TextStyle
    colour: str = "#1A1A1A"
    anchor: Anchor = "start"
    halo: str | None = None
    role: str = ""
    upwards: bool = False
    """Read from below: turned by a quarter about (x, y), as a narrow column is headed."""

    @property
    def width(self) -> float:
        """Width in mm."""
        return text_width(self.text, self.style)

    @property
    def left(self) -> float:
        """Where the line begins, as seen."""
        return self.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor] * self.width

    @property
    def box(self) -> Box:
        """The box of capitals and figures, a fifth of the size below the baseline for descenders."""
        size = self.style.size * POINT
        left = self.left
        if self.upwards:
            bottom = self.y - (left - self.x)
            return (self.x - CAP_HEIGHT * size, bottom - self.width, self.x + 0.2 * size, bottom)
        return (left, self.y - CAP_HEIGHT * size, left + self.width, self.y + 0.2 * size)


@dataclass(frozen=True, slots=True)
class ImageItem:
    """A publisher's own picture. ``address`` is a ``data:`` address; position and size in mm."""

    address: str
    x: float
    y: float
    width: float
    height: float
    name: str


Item = PathItem | TextItem


def moved(items: Iterable[Item], dx: float, dy: float) -> tuple[Item, ...]:
    """Return items shifted by millimetres."""
    return tuple(
        replace(item, geometry=affinity.translate(item.geometry, dx, dy))
        if isinstance(item, PathItem)
        else replace(item, x=item.x + dx, y=item.y + dy)
        for item in items
    )


_MIRRORED_ANCHOR: dict[Anchor, Anchor] = {"start": "end", "middle": "middle", "end": "start"}


def mirrored(items: Iterable[Item], width: float) -> tuple[Item, ...]:
    """Return items as they lie on a page of ``width`` mm that is read from right to left.

    Positions are mirrored; texts are not.
    """
    return tuple(
        replace(
            item,
            geometry=affinity.affine_transform(item.geometry, (-1, 0, 0, 1, width, 0)),
        )
        if isinstance(item, PathItem)
        else _mirrored_text(item, width)
        for item in items
    )


def _mirrored_text(item: TextItem, width: float) -> TextItem:
    if item.upwards:  # its anchor is above or below, and stays there; its column is mirrored
        rise = (CAP_HEIGHT - 0.2) * item.style.size * POINT
        return replace(item, x=width - item.x + rise)
    return replace(item, x=width - item.x, anchor=_MIRRORED_ANCHOR[item.anchor])


@dataclass(frozen=True, slots=True)
class Layer:
    """Items drawn together under one name."""

    id: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet. ``width`` and ``height`` in mm; ``description`` is what a screen reader says."""

    width: float
    height: float
    layers: tuple[Layer, ...]
    title: str
    description: str
    lang: str
    direction: Literal["ltr", "rtl"] = "ltr"
    images: tuple[ImageItem, ...] = ()
    """The publisher's logos, over everything else."""

    @property
    def items(self) -> Iterator[Item]:
        """All items, lowest first."""
        return (item for layer in self.layers for item in layer.items)

    @property
    def texts(self) -> tuple[TextItem, ...]:
        """All texts, in drawing order."""
        return tuple(item for item in self.items if isinstance(item, TextItem))

    @property
    def paths(self) -> tuple[PathItem, ...]:
        """All shapes, in drawing order."""
        return tuple(item for item in self.items if isinstance(item, PathItem))
