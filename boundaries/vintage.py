"""Which version of the borders. An *edition* is a published version of the figures: never mix the words."""

from dataclasses import dataclass
from datetime import date

__all__ = ["Vintage"]


@dataclass(frozen=True, slots=True)
class Vintage:
    """One version of a set of boundaries.

    ``id`` is what users type (``natural-earth-5.1``). ``content`` is a hash of codes and geometry
    (12 hex digits): what a tile address carries, so that a tile never changes under its address.
    ``valid_on`` and ``valid_to`` say when the borders were in force; None where the source does
    not say.
    """

    id: str
    label: str
    source: str
    licence: str
    content: str
    valid_on: date | None = None
    valid_to: date | None = None
