"""What a publisher puts on its maps: numbers, a line for feedback, logos, and reasons for departures.

A logo is the publisher's own picture, carried as bytes, so that a published edition needs no file
of theirs. None is shipped. A reason for a departure is printed on the map it excuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Imprint", "Logo", "MediaType", "Override"]

MediaType = Literal["image/svg+xml", "image/png"]


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture. ``data`` is base64; of ``width`` and ``height`` only the proportion matters."""

    name: str
    media_type: MediaType
    data: str
    width: float
    height: float

    @property
    def address(self) -> str:
        """The picture as a ``data:`` address."""
        return f"data:{self.media_type};base64,{self.data}"


@dataclass(frozen=True, slots=True)
class Imprint:
    """A map's own number, the disaster's GLIDE number, whom to write to, and logos from the left.

    ``contact`` is a line by language; ``file_names`` how drawn files are called: "plain"
    (situation.pdf) or "ocha" (number_map_paper_yyyymmdd.pdf). Everything may be empty; nothing of
    it is ever invented.
    """

    number: str = ""
    glide: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    logos: tuple[Logo, ...] = ()
    file_names: Literal["plain", "ocha"] = "plain"


@dataclass(frozen=True, slots=True)
class Override:
    """A rule of the checklist that a map departs from on purpose; ``why`` by language."""

    rule: str
    why: Mapping[str, str]
