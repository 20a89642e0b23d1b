"""What an explorer's address asks for is there, or falls back and says so."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from service.catalogue import Catalogue
from service.explorer_page import explorer_document, read_address
from service.published import Published

LATER = dt.date(2021, 3, 31)


@pytest.fixture(scope="module")
def published(published_folder: Path) -> Published:
    """The situation, with a country total of a later day than any region's."""
    catalogue = Catalogue((published_folder / ".sitmap" / "store.sqlite",))
    found = catalogue.published("xaa-2020")
    figures = found.released.figures
    total = figures[(figures["group"] == "IDP") & (figures["level"] == 0)].tail(1)
    later = total.assign(date=[LATER], value=[1600.0])
    longer = replace(found.released, figures=pd.concat([figures, later], ignore_index=True))
    return replace(found, released=longer)


def test_a_day_that_only_the_country_has_brings_its_level(published):
    asked = read_address(published, "idps", {"group": "IDP", "date": LATER.isoformat()})
    assert (asked.narrowing.date, asked.narrowing.level, asked.missed) == (LATER, 0, ())
    document = explorer_document(published, "idps", asked, embedded=False)
    assert document["state"] == {"group": "IDP", "date": "2021-03-31", "level": 0}


def test_the_second_day_is_one_the_same_level_has(published):
    days = {offer.level: offer.dates for offer in published.offers if offer.group == "IDP"}
    first = max(days[1]).isoformat()
    words = {"group": "IDP", "date": first, "level": "1", "compare": LATER.isoformat()}
    asked = read_address(published, "idps", words)
    assert (asked.compare, asked.missed) == ("", ("compare",))
    words = {"group": "IDP", "date": LATER.isoformat(), "compare": first}
    asked = read_address(published, "idps", words)
    assert (asked.compare, asked.narrowing.level, asked.missed) == (first, 0, ())


@pytest.mark.parametrize("day", ["2020-13-01", "yesterday", "1999-01-01", "2020-12-31T00:00"])
def test_a_second_day_that_is_none_falls_back_and_is_told(published, day):
    asked = read_address(published, "idps", {"group": "IDP", "compare": day})
    assert (asked.compare, asked.missed) == ("", ("compare",))


def test_the_words_of_other_pages_are_not_sent_along(published):
    document = explorer_document(
        published, "idps", read_address(published, "idps", {}), embedded=False
    )
    assert document["words"]["legend"] == "Legend"
    assert not [key for key in document["words"] if key.startswith("home.")]
