"""The field's words, spelled once. Measures are never added to each other; missing is never zero."""

from enum import StrEnum

__all__ = ["GROUP_NAMES", "QUALIFIERS", "Kind", "Measure", "PopulationGroup", "State", "Unit"]


class PopulationGroup(StrEnum):
    """UNHCR's codes of population groups.

    POP, the resident population, is the denominator; POC, all people of concern, holds the others
    but POP and HST: it is compared with their sum and never added to them.
    """

    REF = "REF"
    ROC = "ROC"
    ASY = "ASY"
    OIP = "OIP"
    IDP = "IDP"
    IOC = "IOC"
    STA = "STA"
    OOC = "OOC"
    HST = "HST"
    RET = "RET"
    RDP = "RDP"
    POP = "POP"
    POC = "POC"


GROUP_NAMES = {
    "REF": "refugees",
    "ROC": "people in refugee-like situations",
    "ASY": "asylum-seekers",
    "OIP": "other people in need of international protection",
    "IDP": "internally displaced people",
    "IOC": "people in IDP-like situations",
    "STA": "stateless people",
    "OOC": "others of concern",
    "HST": "host community members",
    "RET": "refugee returnees",
    "RDP": "returned internally displaced people",
    "POP": "inhabitants",
    "POC": "people of concern",
}


class Measure(StrEnum):
    """Stock: present on a date. New: within a period. Cumulative: all since a start date."""

    STOCK = "stock"
    NEW = "new"
    CUMULATIVE = "cumulative"


class Kind(StrEnum):
    """How a figure came about. A rise from one kind to another is not a movement."""

    REGISTERED = "registered"
    VERIFIED = "verified"
    GOVERNMENT = "government"
    ESTIMATE = "estimate"
    PLANNING = "planning"


class Unit(StrEnum):
    """What is counted."""

    PERSONS = "persons"
    HOUSEHOLDS = "households"


class State(StrEnum):
    """A figure (0 included), or which of the four other kinds of emptiness stands there."""

    FIGURE = "figure"
    NOT_REPORTED = "not_reported"
    NOT_ASSESSED = "not_assessed"
    SUPPRESSED = "suppressed"
    OUT_OF_SCOPE = "out_of_scope"


QUALIFIERS = ("exact", "rounded", "approx", "estimate", "at_least")
"""From the firmest to the weakest: a sum is as weak as its weakest part."""
