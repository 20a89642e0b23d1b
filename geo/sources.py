"""Who said it, when, under which licence, and how sensitive it is."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = ["Sensitivity", "Source"]


class Sensitivity(StrEnum):
    """How much harm the figures could do. Only public ones pass `release` unprotected."""

    PUBLIC = "public"
    SENSITIVE = "sensitive"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Source:
    """A publication that figures were taken from. ``sensitivity`` None is "not declared"."""

    id: str
    title: str
    publisher: str
    date: date
    licence: str = ""
    sensitivity: Sensitivity | None = None
    address: str = ""
    note: str = ""
