"""Other names of units: spellings, translations, former names. Each has the days it was in use.

The table names units by country, level and name, not by code, because codes change with the
vintage. It is read both ways, whichever of two names a vintage uses, but for seats. It holds
facts only: a new unit on other ground is no alias of the old one.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from boundaries.names import normalise_name

__all__ = ["Alias", "place_aliases"]


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a unit. ``key`` is normalised; ``since`` and ``until`` None are "always".

    ``note`` says what it is: spelling, translation, renamed, short, long, local, or seat (the
    town that the unit is run from, which lies in it).
    """

    key: str
    written: str
    since: date | None
    until: date | None
    note: str

    def holds(self, day: date | None) -> bool:
        """Whether the name was in use on a day; always where no day is given."""
        if day is None:
            return True
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


@cache
def place_aliases() -> Mapping[tuple[str, int, str], tuple[Alias, ...]]:
    """Return the aliases by country (ISO3), level and normalised name of the unit."""
    found: dict[tuple[str, int, str], list[Alias]] = defaultdict(list)
    path = resources.files("geo.data").joinpath("place_aliases.csv")
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            since, until = (date.fromisoformat(row[d]) if row[d] else None for d in _DAYS)
            pair = (row["name"], row["alias"])
            for name, other in (pair,) if row["note"] == _SEAT else (pair, pair[::-1]):
                key = (row["iso3"], int(row["level"]), normalise_name(name))
                days = (since, until) if other == row["alias"] else (None, None)
                alias = Alias(normalise_name(other), other, *days, row["note"])
                if alias.key not in {known.key for known in found[key]}:
                    found[key].append(alias)
    return {key: tuple(aliases) for key, aliases in found.items()}


_SEAT = "seat"
_DAYS = ("since", "until")
