"""UNHCR's own country codes. They look like ISO 3166-1 alpha-3 and are not: MAU is Mauritania.

Three of them are even ISO codes of another country (AUS is Austria, ARE is Egypt, MAR is
Martinique), so a column must be known to hold UNHCR codes before it is translated.
"""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

__all__ = ["are_unhcr_codes", "iso_of_unhcr", "unhcr_codes"]


@cache
def unhcr_codes() -> Mapping[str, str]:
    """Return ISO3 by UNHCR code; "" for territories without an ISO code.

    Unknown origin (UKN) and stateless people (STA) have ``UNK`` and ``XXA``, as UNHCR's tables do.
    """
    with resources.files("geo.shapes").joinpath("unhcr_codes.csv").open(encoding="utf-8") as file:
        return {row["unhcr"]: row["iso3"] for row in csv.DictReader(file)}


def iso_of_unhcr(code: str) -> str:
    """Return the ISO3 code of a UNHCR country code; the code itself where it is not one.

    >>> [iso_of_unhcr(code) for code in ("MAU", "NGR", "NIG", "MLI", "XAA")]
    ['MRT', 'NER', 'NGA', 'MLI', 'XAA']
    """
    return unhcr_codes().get(code.strip().upper(), "") or code


def are_unhcr_codes(codes: Iterable[str]) -> bool:
    """Whether a column of country codes is UNHCR's: some are in no other list, none speaks against.

    >>> are_unhcr_codes(["MLI", "MAU", "NGR"]), are_unhcr_codes(["MLI", "MRT", "NER"])
    (True, False)
    """
    ours = unhcr_codes()
    iso = {iso3 for iso3 in ours.values() if iso3}
    known = {code.strip().upper() for code in codes} - {""}
    only_unhcr = {code for code in known if code in ours and code not in iso}
    only_iso = {code for code in known if code in iso and code not in ours}
    return bool(only_unhcr) and not only_iso
