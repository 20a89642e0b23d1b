"""What does not add up. A finding *stops* a build, or leaves it *open* until settled or acknowledged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or unexplained.

    ``id`` is stable (`gap:REF:stock:2016-12-31:ML`) and is what ``[[acknowledge]]`` names.
    ``stops`` findings would draw something false. ``why`` is the acknowledgement, if any.
    """

    id: str
    severity: Literal["open", "stops"]
    what: str
    where: str = ""
    todo: str = ""
    facts: Mapping[str, float | str] = field(default_factory=dict)
    why: str = ""

    @property
    def acknowledged(self) -> bool:
        """Whether a person has explained it."""
        return bool(self.why)
