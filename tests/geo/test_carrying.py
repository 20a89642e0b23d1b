"""Figures carried to another vintage, worked out by hand on the invented XAA."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from boundaries.compare import ChangeKind
from boundaries.crosswalk import Crosswalk, CrosswalkPair, Weighting
from geo.carrying import (
    CARRIED_COLUMNS,
    LEFT_COLUMNS,
    RateNotCarried,
    carry_over,
    recomputed_rate,
)
from geo.carrying_notes import carry_notes
from geo.tables import UNIT_FIGURE_COLUMNS

DAY = date(2020, 12, 31)


def pair(
    old: str, new: str, weight: float = 1.0, low: float = 1.0, high: float = 1.0
) -> CrosswalkPair:
    whole = weight == 1
    return CrosswalkPair(
        old,
        new,
        weight,
        low,
        high,
        ChangeKind.RECODED if whole else ChangeKind.SPLIT,
        Weighting.WHOLE if whole else Weighting.POPULATION,
        same_ground=whole,
    )


# XA01 became XA09; XA02 was cut 70 : 30; XA03 was joined with the smaller part; XA04 is no more
CROSSWALK = Crosswalk(
    "xaa-2010",
    "xaa-2020",
    1,
    (
        pair("XA01", "XA09"),
        pair("XA02", "XA02", 0.7, 0.6, 0.8),
        pair("XA02", "XA03", 0.3, 0.2, 0.4),
        CrosswalkPair("XA03", "XA03", 1, 1, 1, ChangeKind.MERGED, Weighting.WHOLE, False),
    ),
    lost=("XA04",),
)


def figures(*rows: dict[str, Any]) -> pd.DataFrame:
    base = dict.fromkeys(UNIT_FIGURE_COLUMNS, "") | {
        "level": 1, "unplaced": False, "group": "IDP", "measure": "stock", "kind": "registered",
        "unit": "persons", "start": None, "date": DAY, "state": "figure", "qualifier": "exact",
        "basis": "stated", "sources": "survey",
    }  # fmt: skip
    return pd.DataFrame([base | row for row in rows])


def of(pcode: str, value: float | None, **more: Any) -> dict[str, Any]:
    if value is None:
        return {"pcode": pcode, "value": float("nan"), "state": "not_reported"} | more
    return {"pcode": pcode, "value": float(value)} | more


def by_unit(frame: pd.DataFrame, column: str = "value") -> dict[str, Any]:
    return dict(zip(frame["pcode"], frame[column], strict=True))


def test_a_recoded_unit_keeps_its_figure_exactly_and_without_a_mark():
    (row,) = carry_over(figures(of("XA01", 1201)), CROSSWALK).frame.to_dict("records")
    assert (row["pcode"], row["value"], row["low"], row["high"]) == ("XA09", 1201, 1201, 1201)
    assert (row["qualifier"], row["carried"]) == ("exact", "")


def test_a_split_figure_is_whole_persons_a_range_an_estimate_and_marked():
    frame = carry_over(figures(of("XA02", 1001)), CROSSWALK).frame
    assert by_unit(frame) == {"XA02": 701, "XA03": 300}
    assert by_unit(frame, "qualifier") == {"XA02": "estimate", "XA03": "at_least"}
    assert by_unit(frame, "carried") == {"XA02": "XA02", "XA03": "XA02"}
    # 100.4 persons for the share, 1.6449 · sqrt(1001 · 0.7 · 0.3) = 23.8 for the count itself
    assert by_unit(frame, "low")["XA02"] == 701 - 104
    assert by_unit(frame, "high")["XA02"] == 701 + 103


def test_joined_figures_add_up_and_their_deviations_combine():
    frame = carry_over(figures(of("XA02", 1000), of("XA03", 50)), CROSSWALK).frame
    values = by_unit(frame)
    assert values == {"XA02": 700, "XA03": 350}
    assert by_unit(frame, "carried")["XA03"] == "XA02|XA03"
    assert by_unit(frame, "qualifier")["XA03"] == "estimate"
    low, high = by_unit(frame, "low")["XA03"], by_unit(frame, "high")["XA03"]
    assert low == 350 - 103
    assert high == 350 + 103  # 100 for the share and 23.9 for the count: 102.8


def test_a_missing_part_makes_no_zero_and_the_sum_is_at_least():
    frame = carry_over(figures(of("XA02", None), of("XA03", 50)), CROSSWALK).frame
    states, values = by_unit(frame, "state"), by_unit(frame)
    assert states == {"XA02": "not_reported", "XA03": "figure"}
    assert pd.isna(values["XA02"])
    assert values["XA03"] == 50
    assert by_unit(frame, "qualifier")["XA03"] == "at_least"
    assert frame.set_index("pcode").loc["XA02", ["low", "high"]].isna().all()


def test_a_unit_without_a_row_is_as_unknown_as_one_that_says_so():
    frame = carry_over(figures(of("XA03", 50)), CROSSWALK).frame
    assert by_unit(frame, "qualifier") == {"XA03": "at_least"}


def test_a_reported_zero_stays_a_zero():
    frame = carry_over(figures(of("XA02", 0), of("XA03", 0)), CROSSWALK).frame
    assert (
        by_unit(frame) == by_unit(frame, "low") == by_unit(frame, "high") == {"XA02": 0, "XA03": 0}
    )


def test_what_has_no_new_unit_is_left_with_its_reason_and_never_lost():
    whole = figures(
        of("XA04", 70), of("XA77", 5), of("XA02", 9, unplaced=True), of("XA01", 4, unplaced=True)
    )
    done = carry_over(whole, CROSSWALK)
    assert by_unit(done.left, "why") == {"XA04": "no-unit", "XA77": "no-unit", "XA02": "unplaced"}
    assert by_unit(done.frame) == {"XA09": 4}
    assert done.frame["value"].sum() + done.left["value"].sum() == whole["value"].sum()
    assert list(done.left.columns) == list(LEFT_COLUMNS)


def test_people_in_an_area_over_several_countries_stay_as_they_are():
    frame = carry_over(figures(of("", 12, unplaced=True)), CROSSWALK).frame
    assert by_unit(frame) == {"": 12}


def test_stock_new_and_cumulative_are_carried_each_by_itself():
    start = date(2020, 1, 1)
    whole = figures(
        of("XA02", 100),
        of("XA02", 10, measure="new", start=start),
        of("XA02", 1000, measure="cumulative", start=start),
    )
    frame = carry_over(whole, CROSSWALK).frame
    assert frame.groupby("measure")["value"].sum().to_dict() == {
        "cumulative": 1000,
        "new": 10,
        "stock": 100,
    }
    assert len(frame) == 6


def test_parts_of_periods_that_begin_on_different_days_are_left_not_added():
    whole = figures(
        of("XA02", 10, measure="new", start=date(2020, 1, 1)),
        of("XA03", 20, measure="new", start=date(2020, 6, 1)),
    )
    done = carry_over(whole, CROSSWALK)
    assert by_unit(done.frame) == {"XA02": 7}
    assert set(done.left["why"]) == {"periods"}
    assert done.left["value"].tolist() == [3, 20]


def test_figures_by_origin_still_add_up_to_all_origins():
    whole = figures(
        of("XA02", 15),
        *(of("XA02", 5, origin=origin) for origin in ("XB", "XC", "XD")),
    )
    frame = carry_over(whole, CROSSWALK).frame
    total = frame[frame["origin"] == ""].set_index("pcode")["value"]
    parts = frame[frame["origin"] != ""].groupby("pcode")["value"].sum()
    assert total.to_dict() == parts.to_dict()
    assert total.sum() == 15


def test_of_a_figure_stated_and_summed_one_is_carried():
    frame = carry_over(figures(of("XA01", 10), of("XA01", 8, basis="summed")), CROSSWALK).frame
    assert by_unit(frame) == {"XA09": 10}


def test_a_rate_is_refused_and_worked_out_again_from_its_counts():
    with pytest.raises(RateNotCarried, match="unit 'per 1,000' is not a count"):
        carry_over(figures(of("XA02", 3.5, unit="per 1,000")), CROSSWALK)
    whole = figures(
        of("XA02", 100),
        of("XA03", 10),
        of("XA02", 1000, group="POP"),
        of("XA03", 4000, group="POP"),
    )
    rate = recomputed_rate(carry_over(whole, CROSSWALK).frame, "IDP", "POP").set_index("pcode")
    # 40 of 4,300, not the mean of 100 and 2.5 per 1,000
    assert rate.loc["XA03", "value"] == pytest.approx(1000 * 40 / 4300)
    assert (rate["low"] < rate["value"]).all()
    assert (rate["value"] < rate["high"]).all()


def test_a_rate_without_inhabitants_is_missing_not_infinite():
    whole = figures(of("XA01", 5), of("XA01", 0, group="POP"))
    assert recomputed_rate(carry_over(whole, CROSSWALK).frame, "IDP", "POP")["value"].isna().all()


def test_no_figures_give_an_empty_table_with_all_columns():
    done = carry_over(figures(of("XA04", 1)), CROSSWALK)
    assert done.frame.empty
    assert list(done.frame.columns) == list(CARRIED_COLUMNS)
    assert done.frame.dtypes[["value", "low", "high"]].astype(str).tolist() == ["float64"] * 3


def test_a_note_names_the_units_with_split_figures_and_what_their_shares_rest_on():
    frame = carry_over(figures(of("XA01", 10), of("XA02", 100), of("XA03", 5)), CROSSWALK).frame
    (note,) = carry_notes(frame, CROSSWALK, old_label="XAA 2010")
    assert note.about == ("XA02", "XA03")
    assert "boundaries XAA 2010 were shared out by a population grid" in note.text["en"]
    assert set(note.text) == {"en", "fr", "es", "ar"}
    whole = carry_over(figures(of("XA01", 10)), CROSSWALK).frame
    assert carry_notes(whole, CROSSWALK, old_label="XAA 2010") == ()
