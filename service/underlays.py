"""A raster that lies under a map, in words: whose it is, of which day, and what its greys stand for."""

import datetime as dt
import math
from typing import Any

import numpy as np

from maps.messages import messages
from service.raster_shelf import KeptRaster
from service.words import page_words

__all__ = ["underlay_document"]

_PARTS = (0.01, 0.1)
"""Of the darkest value: a hundredth of it is as light as can be told from nothing."""


def underlay_document(raster: KeptRaster, lang: str) -> dict[str, Any]:
    """Return what a page says of a raster, as JSON values.

    ``steps`` are the legend's (colour over white, label), lightest first; each is the colour of
    exactly the value in its label.
    """
    say, words = messages(lang), page_words(lang)
    day = say.date(dt.date.fromisoformat(raster.date))
    comma, publisher = ", ", raster.publisher
    if say.direction == "rtl":  # a name in Latin letters keeps the day from its own side
        comma, publisher = "، ", f"\u2068{publisher}\u2069"
    short = f"{publisher}{comma}{day}"
    licence = f"\u2068{raster.licence}\u2069" if say.direction == "rtl" else raster.licence
    steps = [
        [_over_white(value, raster.top), say.significant(value)]
        for value in (_round_down(raster.top * part) for part in _PARTS)
    ]
    darkest = say.say("presence.more", low=say.significant(raster.top))
    steps.append([_over_white(raster.top, raster.top), darkest])
    return {
        "name": raster.name,
        "short": short,
        "said": f"{short} ({licence})" if raster.licence else short,
        "unit": words["grid.km2"]
        if raster.per_km2
        else words["grid.cell"].replace("{cell}", raster.cell or "–"),
        "steps": steps,
        "bounds": list(raster.tile_bounds),
    }


def _round_down(value: float) -> float:
    """Return the greatest 1, 2 or 5 times a power of ten that is no greater.

    >>> _round_down(873.0), _round_down(1.0), _round_down(0.03)
    (500.0, 1.0, 0.02)
    """
    power = math.floor(math.log10(value))
    step = max(each for each in (1, 2, 5) if each * 10.0**power <= value * (1 + 1e-9))
    return float(f"{step}e{power}")


def _over_white(value: float, top: float) -> str:
    from maps.raster_tile import grey_pixels

    *grey, alpha = grey_pixels(np.array([value]), top=top)[0].tolist()
    return "#" + "".join(f"{round(255 + (each - 255) * alpha / 255):02x}" for each in grey)
