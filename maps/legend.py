"""The legend alone: as a picture for portals, and as data for those who draw their own."""

import math
from typing import Any

from maps.display import Layer, Page, mirrored
from maps.legend_blocks import legend_blocks
from maps.page_plan import Plan, arranged, settled
from maps.scene import GroupKey, Scene
from maps.scene_layers import BivariateAxis
from maps.svg import page_svg
from maps.symbology import Symbology, page_title

__all__ = ["legend_json", "legend_svg"]

_MARGIN = 3.0  # mm


def legend_svg(scene: Scene) -> str:
    """Return the legend as an SVG of its own, in the sizes of an A4 page."""
    symbology = Symbology(1)
    maximum = scene.symbol_legend.maximum if scene.symbol_legend else 1.0
    blocks = legend_blocks(
        scene,
        symbology,
        per_root=symbology.largest_circle / math.sqrt(maximum),
        width=symbology.legend_column,
    )
    height = sum(block.height + 3.4 for block in blocks) + 2 * _MARGIN
    column = tuple(range(len(blocks)))
    room = (10 * height, 0, 10 * height, 0)  # to the right: the ground starts from the top
    plan = settled(blocks, Plan((0.4, 0.4, 0.4, height), room, (column,))) if blocks else None
    width, height = (plan.grounds[0][2] + 0.4, plan.grounds[0][3] + 0.4) if plan else (10.0, 10.0)
    items = arranged(blocks, plan) if plan else []
    placed = mirrored(items, width) if scene.direction == "rtl" else tuple(items)
    layer = Layer("legend", placed)
    page = Page(
        width, height, (layer,), page_title(scene), scene.alt_text, scene.lang, scene.direction
    )
    return page_svg(page)


def legend_json(scene: Scene) -> dict[str, Any]:
    """Return the legend as data: the scene's own words, colours and numbers, nothing rounded."""
    out: dict[str, Any] = {
        "situation": scene.situation,
        "map": scene.map_id,
        "edition": scene.edition,
        "lang": scene.lang,
        "title": scene.title,
        "as_of": scene.as_of,
    }
    if legend := scene.choropleth_legend:
        lower = (None, *legend.upper[:-1])
        out["choropleth"] = {
            "title": legend.title,
            "subtitle": legend.subtitle,
            "classes": [
                {"above": above, "up_to": upper, "colour": colour, "label": label}
                for above, upper, colour, label in zip(
                    lower, legend.upper, legend.colours, legend.labels, strict=True
                )
            ],
            "zero": _coloured(*legend.zero) if legend.zero else None,
            "empty": [
                {"state": state, **_coloured(colour, label)}
                for state, colour, label in legend.empty
            ],
        }
    if square := scene.bivariate_legend:
        out["bivariate"] = {
            "title": square.title,
            "note": square.note,
            "first": _axis(square.first),
            "second": _axis(square.second),
            "colours": [list(row) for row in square.colours],
            "empty": [
                {"state": state, **_coloured(colour, label)}
                for state, colour, label in square.empty
            ],
        }
    if dots := scene.dot_legend:
        out["dots"] = {
            "title": dots.title,
            "label": dots.label,
            "note": dots.note,
            "per_dot": dots.per_dot,
            "groups": [_group(key) for key in dots.keys],
        }
    for name, sized in (("symbols", scene.symbol_legend), ("flows", scene.flow_legend)):
        if sized:
            out[name] = {
                "title": sized.title,
                "subtitle": sized.subtitle,
                "maximum": sized.maximum,
                "sizes": [
                    {"value": value, "label": label}
                    for value, label in zip(sized.sizes, sized.labels, strict=True)
                ],
                "groups": [_group(key) for key in sized.keys],
            }
    if presence := scene.presence_legend:
        out["presence"] = {
            "title": presence.title,
            "subtitle": presence.subtitle,
            "keys": [
                _coloured(colour, label)
                for colour, label in zip(presence.colours, presence.labels, strict=True)
            ],
            "sectors": [{"code": key.code, "label": key.label} for key in presence.sectors],
        }
    if matrix := scene.matrix:
        out["matrix"] = {
            "title": matrix.title,
            "subtitle": matrix.subtitle,
            "note": matrix.note,
            "sectors": [{"code": key.code, "label": key.label} for key in matrix.sectors],
        }
    if scene.panels:
        out["panels"] = [
            {"date": panel.date.isoformat(), "title": panel.title, "total": panel.subtitle}
            for panel in scene.panels
        ]
    out["lines"] = [{"status": status, "label": label} for status, label in scene.line_keys]
    out["places"] = [{"kind": kind, "label": label} for kind, label in scene.place_keys]
    return out


def _coloured(colour: str, label: str) -> dict[str, str]:
    return {"colour": colour, "label": label}


def _axis(axis: BivariateAxis) -> dict[str, Any]:
    return {
        "title": axis.title,
        "subtitle": axis.subtitle,
        "classes": [
            {"up_to": upper, "label": label}
            for upper, label in zip(axis.upper, axis.labels, strict=True)
        ],
    }


def _group(key: GroupKey) -> dict[str, str]:
    return {"group": key.group, **_coloured(key.colour, key.label)}
