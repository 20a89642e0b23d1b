"""What no column of a table says and nobody has told: asked of the user, and supposed only for a look.

A supposition never reaches an edition: `sitmap check TABLE` publishes nothing, and `sitmap new` leaves
the line for the user to write, which a build then asks for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from geo.errors import BadProfile, MissingColumn
from geo.figure_reading import WHY_NEEDED
from geo.profiles import Profile
from geo.received import Received, read_received

__all__ = ["Looked", "look_at"]

_SUPPOSED = {"measure": "stock", "kind": "estimate"}


@dataclass(frozen=True)
class Looked:
    """A table as read for a look.

    ``used`` are the defaults that a table of its kind can have; ``supposed`` what was taken beside
    them although nobody said it.
    """

    received: Received
    used: Mapping[str, str]
    supposed: Mapping[str, str]

    @property
    def asked(self) -> tuple[str, ...]:
        """What was supposed, in words; these are among the notes of ``received``."""
        return tuple(
            f"its {column} is supposed to be {value} ({WHY_NEEDED[column]}) for this look alone"
            for column, value in self.supposed.items()
        )


def look_at(
    path: Path,
    *,
    source: str,
    name: str,
    sheet: str | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Looked:
    """Read a table with those defaults that fit it, and suppose what it takes to read it.

    Raises
    ------
    TableError
        The table cannot be read, or what is said nowhere cannot be supposed: who the people are,
        where they are, and when.
    """
    fitting, supposed = dict(defaults or {}), dict[str, str]()
    while True:
        profile = Profile(defaults={**fitting, **supposed})
        try:
            received = read_received(path, source=source, profile=profile, name=name, sheet=sheet)
        except BadProfile as error:  # presence has no population group
            if fitting.pop(error.column, None) is None:
                raise
        except MissingColumn as error:
            if error.column in supposed or error.column not in _SUPPOSED:
                raise
            supposed[error.column] = _SUPPOSED[error.column]
        else:
            looked = Looked(received, fitting, supposed)
            told = replace(received, notes=(*received.notes, *looked.asked))
            return replace(looked, received=told)
