"""Colours, each with one meaning: group colours for symbols and flows, ramps for areas under them.

The hue of a group is never used for areas: circles and bands must stand out from what they lie on.
Group colours are those of the UNHCR mapping guidelines (2024); ramps those of UNHCR's data
visualisation guidelines.
"""

from collections.abc import Sequence

from maps.errors import MapError

__all__ = [
    "BIVARIATE",
    "DIVERGING",
    "NO_DATA_COLOUR",
    "RAMPS",
    "ZERO_COLOUR",
    "UnknownPalette",
    "bivariate_colour",
    "diverging",
    "empty_colour",
    "group_colour",
    "ramp",
]

NO_DATA_COLOUR = "#e5e5e5"  # drawn hatched: must not be read as the ramp's lightest step
ZERO_COLOUR = "#ffffff"

_EMPTY = {
    "not_reported": NO_DATA_COLOUR,
    "not_assessed": "#d2d2d2",
    "suppressed": "#bfbfbf",
    "out_of_scope": "#f6f5f4",
    "no_population": "#dcd8d2",
    "people_in_part": "#cbc8c4",
    "none_displaced": "#fafafa",
    "small_base": "#f0efe9",
    "not_comparable": "#d9dbde",
}
"""On paper each has a pattern too (`maps.emptiness`): greys alone are not told apart."""

_GROUPS = {
    "REF": "#0072bc",
    "ASY": "#18375f",
    "IDP": "#00b398",
    "RET": "#8395b9",
    "STA": "#e1cc0d",
    # The guidelines name no colour for the groups below; these keep their distance from those above.
    "ROC": "#6cb5e8",
    "OIP": "#d25a45",
    "IOC": "#8fe0c4",
    "RDP": "#5b7f3b",
    "HST": "#a97fb5",
    "OOC": "#999999",
    "POP": "#666666",
    "POC": "#333333",
}

RAMPS = {
    "red-yellow": ("#fef1d1", "#f8c27a", "#e19656", "#c06e43", "#984c36", "#683229"),
    "blue": ("#cde3f1", "#8fc1e1", "#4f9ed0", "#0072bc", "#05568b", "#0b3754"),
    "grey": ("#ececec", "#cccccc", "#a8a8a8", "#858585", "#5f5f5f", "#383838"),
}

DIVERGING = {
    # less, from a little to much; then more, likewise
    "purple-orange": (
        ("#d9d5ea", "#aaa1d1", "#7668ae", "#4a3a83"),
        ("#fbdcb4", "#eda660", "#c9712f", "#8a4318"),
    ),
    "blue-brown": (
        ("#cfe3f2", "#8fbfe0", "#4a8fc4", "#1f5a8c"),
        ("#f3dfbf", "#d9ae6b", "#a9752f", "#6b4413"),
    ),
}

BIVARIATE = {
    # rows: the second variable from low to high; in a row the first from low to high
    "orange-blue": (
        ("#fbf4df", "#f5b878", "#d9641e"),
        ("#b5d2e8", "#a8a2a6", "#984f3f"),
        ("#5a9fd0", "#526f9e", "#3d2b4f"),
    ),
}

# Which steps of a six-step ramp make one of k: light ones first, so that labels stay readable.
_PICKS = {1: (1,), 2: (0, 2), 3: (0, 1, 3), 4: (0, 1, 2, 3), 5: (0, 1, 2, 3, 4), 6: range(6)}


class UnknownPalette(MapError):
    """A palette by a name that is not there, or with more classes than it has colours."""

    code = "unknown-palette"

    def __init__(self, palette: str, *, classes: int, known: Sequence[str]) -> None:
        self.palette, self.classes, self.known = palette, classes, tuple(known)
        super().__init__(
            f"no palette {palette!r} of {classes} colours; expected one of {', '.join(known)} "
            f"with 1 to {max(_PICKS)} classes. Change `palette` or `classes` in situation.toml."
        )


def group_colour(group: str) -> str:
    """Return the colour of a population group, grey for one that is not known.

    >>> group_colour("REF")
    '#0072bc'
    """
    return _GROUPS.get(group, "#999999")


def ramp(name: str, k: int) -> tuple[str, ...]:
    """Return ``k`` colours of a ramp, lowest first; raises `UnknownPalette`.

    >>> ramp("red-yellow", 3)
    ('#fef1d1', '#f8c27a', '#c06e43')
    """
    if name not in RAMPS or k not in _PICKS:
        raise UnknownPalette(name, classes=k, known=tuple(RAMPS))
    return tuple(RAMPS[name][i] for i in _PICKS[k])


def diverging(name: str, less: int, more: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the colours of ``less`` and ``more`` classes, each from a little to much.

    >>> diverging("purple-orange", 1, 2)
    (('#d9d5ea',), ('#fbdcb4', '#c9712f'))
    """
    picks: dict[int, Sequence[int]] = {0: (), 1: (1,), 2: (0, 2), 3: (0, 1, 2), 4: range(4)}
    if name not in DIVERGING or max(less, more) not in picks:
        raise UnknownPalette(name, classes=less + more, known=tuple(DIVERGING))
    # Both sides take the same steps: as strong a colour is as large a change.
    steps = picks[max(less, more)]
    below, above = DIVERGING[name]
    return tuple(below[i] for i in steps[:less]), tuple(above[i] for i in steps[:more])


def bivariate_colour(name: str, first: int, second: int) -> str:
    """Return the colour of a class (0 to 2) of each of two variables.

    >>> bivariate_colour("orange-blue", 2, 0)
    '#d9641e'
    """
    if name not in BIVARIATE:
        raise UnknownPalette(name, classes=9, known=tuple(BIVARIATE))
    return BIVARIATE[name][second][first]


def empty_colour(state: str) -> str:
    """Return the colour of a kind of emptiness; drawn hatched on paper.

    >>> empty_colour("not_reported")
    '#e5e5e5'
    """
    return _EMPTY.get(state, NO_DATA_COLOUR)
