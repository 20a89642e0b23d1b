"""Columns of a map's values taken apart: what is said once of the map, and what is said of some units.

Head and parts together say what the whole columns say; nothing is counted or written anew.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["columns_head", "columns_part"]

_BY_UNIT = ("key", "count", "shown", "texts")  # of areas
_BY_UNIT_OF_GROUP = ("value", "said")
_BETWEEN = "|"  # cells of areas.shown, as `maps.web_columns` joins them


def columns_head(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns' document without what is said unit by unit."""
    areas, symbols = columns["areas"], columns["symbols"]
    return {
        **columns,
        "areas": areas and _less(areas, _BY_UNIT),
        "symbols": symbols
        and {
            **_less(symbols, ("moved",)),
            "groups": [_less(group, _BY_UNIT_OF_GROUP) for group in symbols["groups"]],
        },
    }


def columns_part(
    columns: Mapping[str, Any], places_at: Callable[[int], Sequence[int]]
) -> dict[str, Any]:
    """Return what is said of some units.

    Parameters
    ----------
    columns : mapping
        The document of the whole map.
    places_at : callable
        Returns the places of the units wanted among all of a level, ascending.

    Returns
    -------
    dict
        ``areas`` and ``symbols``, each with ``place`` and one entry for it in every column; ``said``
        and ``moved`` keep their keys, which are places. None for what the map has not.
    """
    areas, symbols = columns["areas"], columns["symbols"]
    named = ("situation", "edition", "vintage", "map")
    return {
        **{name: columns[name] for name in named},
        "areas": areas and _areas(areas, places_at(areas["level"])),
        "symbols": symbols and _symbols(symbols, places_at(symbols["level"])),
    }


def _less(document: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def _areas(areas: Mapping[str, Any], places: Sequence[int]) -> dict[str, Any]:
    found: dict[str, Any] = {"level": areas["level"], "place": list(places)}
    for name in _BY_UNIT:
        if name not in areas:
            continue
        column = areas[name].split(_BETWEEN) if name == "shown" else areas[name]
        cells = [column[place] for place in places]
        found[name] = _BETWEEN.join(cells) if name == "shown" else cells
    return found


def _symbols(symbols: Mapping[str, Any], places: Sequence[int]) -> dict[str, Any]:
    wanted = {str(place) for place in places}
    return {
        "level": symbols["level"],
        "place": list(places),
        "groups": [
            {
                "group": group["group"],
                "value": [group["value"][place] for place in places],
                "said": {at: text for at, text in group["said"].items() if at in wanted},
            }
            for group in symbols["groups"]
        ],
        "moved": {at: by for at, by in symbols["moved"].items() if at.partition(".")[0] in wanted},
    }
