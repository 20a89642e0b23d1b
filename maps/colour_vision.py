"""How far apart two colours look, to everybody: distances in CAM02-UCS, also as colour-blind eyes see.

Colours are '#rrggbb' (sRGB, IEC 61966-2-1). Distances are those of the uniform space CAM02-UCS
under the sRGB viewing conditions; 1 is about the smallest difference anybody sees.

References
----------
Moroney et al. (2002), "The CIECAM02 color appearance model"; Luo, Cui & Li (2006), "Uniform colour
spaces based on CIECAM02", Color Res. Appl. 31(4). Machado, Oliveira & Fernandes (2009), "A
physiologically-based model for simulation of color vision deficiency", IEEE TVCG 15(6), severity 1.
"""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "VISIONS",
    "Vision",
    "closest_pair",
    "difference",
    "hue_and_chroma",
    "lightness",
    "seen_as",
]

Vision = Literal["normal", "protan", "deutan", "tritan"]
VISIONS: tuple[Vision, ...] = ("normal", "protan", "deutan", "tritan")

Matrix = NDArray[np.float64]

_DEFICIENCY: dict[Vision, Matrix] = {
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}

_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)  # linear sRGB to XYZ, as IEC 61966-2-1 prints it
_CAT02 = np.array([[0.7328, 0.4296, -0.1624], [-0.7036, 1.6975, 0.0061], [0.0030, 0.0136, 0.9834]])
_HPE = np.array([[0.38971, 0.68898, -0.07868], [-0.22981, 1.18340, 0.04641], [0.0, 0.0, 1.0]])

# Viewing conditions of sRGB: D65, a fifth grey behind, 64 lux, an average surround.
_WHITE = np.array([95.047, 100.0, 108.883])
_BACKGROUND, _ADAPTING = 20.0, 64 / math.pi / 5
_F, _C, _NC = 1.0, 0.69, 1.0


def _linear(colour: str) -> NDArray[np.float64]:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    curved = ((channels + 0.055) / 1.055) ** 2.4
    return np.where(channels <= 0.04045, channels / 12.92, curved)


def _hex(linear: NDArray[np.float64]) -> str:
    linear = np.clip(linear, 0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(float(channel) * 255):02x}" for channel in curved)


def seen_as(colour: str, vision: Vision) -> str:
    """Return the colour that normal eyes would confuse with what the given eyes see.

    >>> seen_as("#ff0000", "protan"), seen_as("#0072bc", "normal")
    ('#6d5f00', '#0072bc')
    """
    return colour.lower() if vision == "normal" else _hex(_DEFICIENCY[vision] @ _linear(colour))


@lru_cache(512)
def _appearance(colour: str) -> tuple[float, float, float]:
    """Return J', a', b' of CAM02-UCS."""
    k = 1 / (5 * _ADAPTING + 1)
    level = k**4 * _ADAPTING + 0.1 * (1 - k**4) ** 2 * (5 * _ADAPTING) ** (1 / 3)
    n = _BACKGROUND / _WHITE[1]
    nbb = 0.725 * n**-0.2
    z = 1.48 + math.sqrt(n)
    adapted = _F * (1 - math.exp(-(_ADAPTING + 42) / 92) / 3.6)
    white = _CAT02 @ _WHITE
    gain = adapted * _WHITE[1] / white + 1 - adapted
    to_cones = _HPE @ np.linalg.inv(_CAT02)

    def response(xyz: NDArray[np.float64]) -> NDArray[np.float64]:
        cones = to_cones @ (gain * (_CAT02 @ xyz))
        squeezed = (level * np.abs(cones) / 100) ** 0.42
        return np.asarray(np.sign(cones) * 400 * squeezed / (squeezed + 27.13) + 0.1)

    red, green, blue = response(100 * _XYZ @ _linear(colour))
    a = red - 12 * green / 11 + blue / 11
    b = (red + green - 2 * blue) / 9
    achromatic = float(np.dot((2, 1, 0.05), (red, green, blue)) - 0.305) * nbb
    white_response = response(_WHITE)
    achromatic_white = float(np.dot((2, 1, 0.05), white_response) - 0.305) * nbb
    j = 100 * max(achromatic / achromatic_white, 0.0) ** (_C * z)
    hue = math.atan2(b, a)
    eccentricity = (math.cos(hue + 2) + 3.8) / 4
    t = (50000 / 13 * _NC * nbb * eccentricity * math.hypot(a, b)) / (red + green + 21 * blue / 20)
    chroma = t**0.9 * math.sqrt(j / 100) * (1.64 - 0.29**n) ** 0.73
    colourful = math.log1p(0.0228 * chroma * level**0.25) / 0.0228
    return (
        float(1.7 * j / (1 + 0.007 * j)),
        colourful * math.cos(hue),
        colourful * math.sin(hue),
    )


def difference(a: str, b: str, vision: Vision = "normal") -> float:
    """Return how far two colours lie apart for the given eyes.

    >>> round(difference("#ff7f7f", "#7fff7f"), 2)
    55.49
    """
    return math.dist(_appearance(seen_as(a, vision)), _appearance(seen_as(b, vision)))


def lightness(colour: str) -> float:
    """Return J', 0 (black) to 100 (white): what is left of a colour in grey print.

    >>> round(lightness("#0072bc"), 1)
    47.3
    """
    return _appearance(colour.lower())[0]


def hue_and_chroma(colour: str) -> tuple[float, float]:
    """Return hue in degrees (0 to 360) and chroma; a grey has a chroma of about 0 and any hue."""
    _, a, b = _appearance(colour.lower())
    return math.degrees(math.atan2(b, a)) % 360, math.hypot(a, b)


def closest_pair(
    colours: Sequence[str], visions: Iterable[Vision] = VISIONS, *, neighbours: bool = False
) -> tuple[float, str, str, Vision] | None:
    """Return the smallest difference between two of the colours, which two, and to whose eyes.

    Parameters
    ----------
    colours : sequence of str
        Fewer than two have no pair: None.
    neighbours : bool
        Compare only colours that follow each other, as in a ramp.

    Examples
    --------
    >>> closest_pair(["#00b398"]) is None
    True
    """
    pairs = list(pairwise(colours) if neighbours else combinations(colours, 2))
    found = [(difference(a, b, eyes), a, b, eyes) for eyes in visions for a, b in pairs]
    return min(found, key=lambda pair: pair[0], default=None)
