"""What inhabitants a rate may be made with: on the invented country, with gaps on purpose."""

from collections.abc import Mapping
from dataclasses import replace
from math import isnan

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundaries.units import BoundarySet
from geo.counts import CountQuery, counts
from geo.denominators import Inhabitants, KnownParts, inhabitants
from geo.indicators import hosts, rate
from geo.joining import join_figures
from geo.matching import Carry, Places, match_figures
from geo.release import ReleasedFigures
from geo.tables import FIGURE_COLUMNS, FigureTable, typed_frame

SPLIT = Carry("XA05", ("Wend",), (("XA0301", 0.5), ("XA0302", 0.5)))
DISTRICTS = {
    "XA01": ("XA0101", "XA0102"), "XA02": ("XA0201", "XA0202"), "XA03": ("XA0301", "XA0302"),
}  # fmt: skip


@pytest.fixture(scope="module")
def places(xaa_world: BoundarySet) -> Places:
    return Places(xaa_world, (), (SPLIT,), countries=("XAA",))


@pytest.fixture(scope="module")
def census(xaa_released: ReleasedFigures, places: Places):
    """Return what releases a census as a table has it: a person count by P-code, None not reported."""

    def made(people: Mapping[str, float | None], **more: str) -> ReleasedFigures:
        rows = [
            {
                **dict.fromkeys(FIGURE_COLUMNS, ""),
                "file": "census.csv", "row": at, "place": code, "group": "POP", "measure": "stock",
                "kind": "government", "unit": "persons", "start": None,
                "date": xaa_released.as_of, "source": "census", "qualifier": "exact",
                "value": float("nan") if value is None else float(value),
                "state": "not_reported" if value is None else "figure", **more,
            }
            for at, (code, value) in enumerate(people.items(), start=2)
        ]  # fmt: skip
        table = FigureTable(typed_frame(rows, FIGURE_COLUMNS))
        joined, _ = join_figures(match_figures(table, places), places)
        others = xaa_released.figures[xaa_released.figures["group"] != "POP"]
        return replace(xaa_released, figures=pd.concat([others, joined], ignore_index=True))

    return made


def known(released: ReleasedFigures, xaa: BoundarySet, level: int) -> Inhabitants:
    return inhabitants(released, xaa, counts(released, xaa, CountQuery(level, "POP")))


FULL = {"XA0101": 30_000, "XA0102": 10_000, "XA0201": 9_000, "XA0202": 6_000,
        "XA0301": 3_000, "XA0302": 2_000}  # fmt: skip


def without(*codes: str) -> dict[str, float | None]:
    return {code: people for code, people in FULL.items() if code not in codes}


def test_a_sum_of_all_districts_is_the_regions_inhabitants(census, xaa: BoundarySet) -> None:
    found = known(census(FULL), xaa, 1)
    assert {code: row.value for code, row in found.rows.items()} == {
        "XA01": 40_000, "XA02": 15_000, "XA03": 5_000,
    }  # fmt: skip
    assert not found.partly


@pytest.mark.parametrize("people", [without("XA0102"), {**FULL, "XA0102": None}])
def test_a_sum_without_a_district_is_nobodys_inhabitants(census, xaa, people) -> None:
    found = known(census(people), xaa, 1)
    assert found.partly == {"XA01": KnownParts(known=1, units=2)}
    assert set(found.rows) == {"XA02", "XA03"}
    assert found.counts.rows[0].value == 30_000  # what was told stays to be seen


def test_a_gap_two_levels_down_is_a_gap_of_the_country(census, xaa: BoundarySet) -> None:
    found = known(census(without("XA0102")), xaa, 0)
    assert found.partly == {"XA": KnownParts(known=2, units=3)}


def test_a_zero_is_inhabitants_and_leaves_no_gap(census, xaa: BoundarySet) -> None:
    found = known(census({**FULL, "XA0102": 0}), xaa, 1)
    assert not found.partly
    assert found.rows["XA01"].value == 30_000


def test_what_is_stated_for_the_region_itself_is_used_whatever_lacks_below(census, xaa) -> None:
    found = known(census({**without("XA0102"), "XA01": 41_000}), xaa, 1)
    assert found.rows["XA01"].value == 41_000
    assert not known(census({**without("XA0102"), "XA01": 41_000}), xaa, 0).partly


def test_a_district_that_lacks_a_former_unit_makes_no_whole(census, xaa: BoundarySet) -> None:
    """Half of Wend lies in each district of Tamar; it was asked and did not report."""
    found = known(census({**FULL, "XA05": None}), xaa, 2)
    assert found.partly == {"XA0301": KnownParts(), "XA0302": KnownParts()}
    assert known(census({**FULL, "XA05": None}), xaa, 1).partly == {"XA03": KnownParts(0, 2)}
    only_carried = known(census({**without("XA0301"), "XA05": 500}), xaa, 2)
    assert only_carried.rows["XA0301"].value == 250


def test_rows_that_add_up_to_a_region_are_its_own(census, xaa: BoundarySet) -> None:
    released = census({"XA01": 40_000, "XA02": 15_000, "XA03": 5_000})
    table = released.figures.copy()
    table.loc[table["group"] == "POP", "basis"] = "summed"  # women and men, say, or cells of a grid
    assert not known(replace(released, figures=table), xaa, 1).partly
    table.loc[(table["group"] == "POP") & (table["pcode"] == "XA01"), "qualifier"] = "at_least"
    found = known(replace(released, figures=table), xaa, 1)
    assert found.partly == {"XA01": KnownParts()}


def test_no_rate_and_no_hosts_over_a_part(census, xaa: BoundarySet) -> None:
    released = census(without("XA0102"))
    people = counts(released, xaa, CountQuery(1, "IDP"))
    lives = known(released, xaa, 1)
    by_code = {row.pcode: row for row in rate(people, lives).rows}
    assert isnan(by_code["XA01"].value)  # 1,200 of 30,000 would be 40 ‰; of all 40,000 it is 30
    assert by_code["XA01"].base is None
    assert by_code["XA03"].value == pytest.approx(340 / 5_000 * 1_000)
    assert isnan(next(row.value for row in hosts(people, lives) if row.pcode == "XA01"))


persons = st.one_of(st.none(), st.integers(0, 10**6))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    below=st.dictionaries(st.sampled_from(sorted(FULL)), persons),
    own=st.dictionaries(st.sampled_from(sorted(DISTRICTS)), st.integers(1, 10**6)),
)
def test_whole_is_stated_or_made_of_all_that_lies_beneath(census, xaa, below, own) -> None:
    if not any(value is not None for value in (*below.values(), *own.values())):
        return
    released = census({**below, **own})
    found = known(released, xaa, 1)
    for region, districts in DISTRICTS.items():
        there = [below[code] for code in districts if below.get(code) is not None]
        row = found.rows.get(region)
        if region in own:
            assert row is not None
            assert row.value == own[region]
        elif len(there) == len(districts):
            assert row is not None
            assert row.value == sum(there)
        else:
            assert row is None
            assert (region in found.partly) == bool(there)
