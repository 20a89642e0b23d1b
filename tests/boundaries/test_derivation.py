"""The tables that the embedded places were derived with."""

import csv
from pathlib import Path

import pytest

from boundaries.natural_earth import open_natural_earth

DERIVE = Path(__file__).parents[2] / "derive"


def rows(name):
    with (DERIVE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_typed_pcode_is_on_the_unit_it_was_typed_for():
    units = open_natural_earth().frame.set_index("pcode")
    typed = rows("ocha_pcodes.csv")
    assert len(typed) == 4 + 9 + 8 + 13 + 45
    for row in typed:
        assert units.at[row["pcode"], "iso3"] == row["iso3"]
        assert units.at[row["pcode"], "code_scheme"] == "ocha"
        assert row["source"]


@pytest.mark.parametrize("table", ["areas.csv", "name_corrections.csv", "town_corrections.csv"])
def test_nothing_is_corrected_without_a_reason(table):
    assert all(row["reason"].strip() for row in rows(table))
