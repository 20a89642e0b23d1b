"""Which boundaries are at hand: embedded and imported vintages by name, a file of the user's by its path."""

from collections.abc import Callable, Mapping
from pathlib import Path

from boundaries.errors import UnknownVintage
from boundaries.files import read_boundaries
from boundaries.natural_earth import NATURAL_EARTH, natural_earth_vintage, open_natural_earth
from boundaries.shelf import kept_vintages, open_kept
from boundaries.sniffing import READ_SUFFIXES
from boundaries.units import BoundarySet
from boundaries.vintage import Vintage

__all__ = ["open_vintage", "vintages_at_hand"]

_EMBEDDED: Mapping[str, tuple[Callable[[], Vintage], Callable[[], BoundarySet]]] = {
    NATURAL_EARTH: (natural_earth_vintage, open_natural_earth)
}


def vintages_at_hand() -> list[Vintage]:
    """Return the vintages that need no file: the embedded ones, then those brought in."""
    return [*(about() for about, _ in _EMBEDDED.values()), *kept_vintages()]


def open_vintage(name: str, *, base: Path | None = None) -> BoundarySet:
    """Open boundaries by name or path.

    Parameters
    ----------
    name : str
        The id of an embedded or imported vintage, or the path of a boundary file.
    base : Path, optional
        The folder that a relative path starts from (the situation's); else the current one.

    Raises
    ------
    UnknownVintage
        Neither a known id nor the look of a path.
    UnreadableBoundaries
        A path without usable boundaries behind it.

    Examples
    --------
    >>> open_vintage("natural-earth-5.1").name("ML06", "fr")
    'Tombouctou'
    """
    if name in _EMBEDDED:
        return _EMBEDDED[name][1]()
    if (kept := open_kept(name)) is not None:
        return kept
    path = (base or Path()) / name
    if path.is_file() or path.suffix.lower() in READ_SUFFIXES:
        return read_boundaries(path)
    raise UnknownVintage(name, known=[vintage.id for vintage in vintages_at_hand()])
