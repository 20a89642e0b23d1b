"""Sectors of the Global Coordination Groups: one code each, in one order, on every map.

Codes as others write them are brought to these; what none of them means is "OTHER", never dropped.
"""

from collections.abc import Iterable, Sequence

__all__ = ["OTHER", "SECTORS", "in_sectors", "known_sector", "sector_code", "sorted_sectors"]

OTHER = "OTHER"

SECTORS = (
    *("CCM", "EDU", "ERY", "FSC", "HEA", "LOG", "NUT"),
    *("PRO", "PRO-CPN", "PRO-GBV", "PRO-HLP", "PRO-MIN"),
    *("SHL", "TEL", "WSH", "CASH", "CSS", "MUL", OTHER),
)
"""Clusters and areas of responsibility, then what cuts across them."""

_SAME = {
    "ETC": "TEL",
    "FSL": "FSC",
    "CCCM": "CCM",
    "WASH": "WSH",
    "MPC": "CASH",
    "MPCA": "CASH",
    "INTERSECTORAL": "MUL",
    "MULTI": "MUL",
    "MS": "MUL",
    "HUM": "MUL",
    "*": "MUL",
    "COORD": "CSS",
    "GBV": "PRO-GBV",
    "CP": "PRO-CPN",
    "HLP": "PRO-HLP",
}


def sector_code(written: str) -> str:
    """Return the code of a sector as a table writes it.

    >>> sector_code("WSH"), sector_code("Cash"), sector_code("ETC"), sector_code("")
    ('WSH', 'CASH', 'TEL', 'OTHER')
    """
    code = written.strip().upper()
    code = _SAME.get(code, code)
    return code if code in SECTORS else OTHER


def known_sector(written: str) -> bool:
    """Whether a code means one of the sectors."""
    return sector_code(written) != OTHER or written.strip().upper() == OTHER


def in_sectors(code: str, wanted: Sequence[str]) -> bool:
    """Whether a sector is one of those wanted, or a part of one; all are where none is named.

    >>> in_sectors("PRO-CPN", ["PRO"]), in_sectors("PRO", ["PRO-CPN"]), in_sectors("EDU", [])
    (True, False, True)
    """
    own = [sector_code(each) for each in wanted]
    return not own or any(code == each or code.startswith(f"{each}-") for each in own)


def sorted_sectors(codes: Iterable[str]) -> tuple[str, ...]:
    """Return codes once each, in the order of `SECTORS`."""
    return tuple(sorted(set(codes), key=SECTORS.index))
