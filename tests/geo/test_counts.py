"""One answer to how many people are where; what is missing is in it, and never zero."""

from dataclasses import replace
from datetime import date
from math import isnan

import pytest

from boundaries.errors import UnknownUnit
from geo.counts import (
    AmbiguousMeasure,
    CountQuery,
    NoSuchLevel,
    UnknownDate,
    UnknownGroup,
    UnknownMeasure,
    UnknownOrigin,
    available,
    counts,
    unit_profile,
)
from geo.denominators import Inhabitants, inhabitants
from geo.indicators import rate
from geo.standing import standing_figures

JUNE, DECEMBER = date(2020, 6, 30), date(2020, 12, 31)


def test_the_latest_day_is_counted_and_the_total_is_the_stated_one(xaa, xaa_released):
    answer = counts(xaa_released, xaa, CountQuery(1, "IDP"))
    assert (answer.date, answer.measure, answer.unit) == (DECEMBER, "stock", "persons")
    assert [(row.pcode, row.value) for row in answer.rows] == [
        ("XA01", 1200),
        ("XA02", 0),
        ("XA03", 340),
    ]
    assert (answer.total, answer.unplaced, answer.stated_total) == (1540, 0, 1540)
    assert answer.rows[2].carried == ("XA04",)
    assert answer.notes == ("XA04 is shown within Tamar",)
    assert answer.sources == ("survey",)


def test_a_unit_without_a_figure_is_there_and_not_zero(xaa, xaa_released):
    answer = counts(xaa_released, xaa, CountQuery(1, "IDP", JUNE))
    assert [(row.value, row.state) for row in answer.rows] == [
        (100, "figure"),
        (0, "figure"),
        (None, "not_reported"),
    ]
    assert answer.missing == ("XA03",)
    assert (answer.total, answer.stated_total) == (100, None)
    assert answer.notes == ()


def test_people_who_are_in_no_unit_are_in_the_total(xaa, xaa_released):
    answer = counts(xaa_released, xaa, CountQuery(1, "REF"), lang="fr")
    assert (answer.total, answer.unplaced) == (500, 30)
    assert [(row.name, row.value) for row in answer.rows] == [
        ("Nordé", 70),
        ("Séna", None),
        ("Tamar", 400),
    ]


def test_origin_and_parent_narrow_the_answer(xaa, xaa_released):
    by_origin = counts(xaa_released, xaa, CountQuery(1, "REF", origin="XB"))
    assert [row.value for row in by_origin.rows] == [50, None, 400]
    within = counts(xaa_released, xaa, CountQuery(1, "IDP", parent="XA01"))
    assert [row.pcode for row in within.rows] == ["XA01"]
    assert (within.total, within.stated_total) == (1200, 1200)


@pytest.mark.parametrize(
    ("query", "error", "known"),
    [
        (CountQuery(1, "OIP"), UnknownGroup, ("IDP", "POP", "REF", "RET")),
        (CountQuery(2, "IDP"), NoSuchLevel, (0, 1)),
        (CountQuery(1, "IDP", date(2019, 1, 1)), UnknownDate, (JUNE, DECEMBER)),
        (CountQuery(1, "RET", measure="stock"), UnknownMeasure, ("new",)),
        (CountQuery(1, "REF", origin="XZ"), UnknownOrigin, ("XB", "XC")),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(xaa, xaa_released, query, error, known):
    with pytest.raises(error) as caught:
        counts(xaa_released, xaa, query)
    assert caught.value.known == known


def test_a_parent_that_is_not_there_is_an_error(xaa, xaa_released):
    with pytest.raises(UnknownUnit):
        counts(xaa_released, xaa, CountQuery(1, "IDP", parent="XA77"))


def test_measures_are_not_chosen_by_chance(xaa, xaa_released):
    assert counts(xaa_released, xaa, CountQuery(1, "RET")).measure == "new"
    returns = xaa_released.figures.query("group == 'RET'").assign(measure="cumulative")
    import pandas as pd

    both = replace(
        xaa_released, figures=pd.concat([xaa_released.figures, returns], ignore_index=True)
    )
    with pytest.raises(AmbiguousMeasure, match="cumulative, new"):
        counts(both, xaa, CountQuery(1, "RET"))


def test_countries_with_figures_of_another_day_only_are_not_in_the_answer(xaa_world, xaa_released):
    import pandas as pd

    elsewhere = xaa_released.figures.query("pcode == 'XA' and group == 'IDP'").assign(
        pcode="XB", date=JUNE
    )
    both = replace(
        xaa_released, figures=pd.concat([xaa_released.figures, elsewhere], ignore_index=True)
    )
    answer = counts(both, xaa_world, CountQuery(0, "IDP"))
    assert [row.pcode for row in answer.rows] == ["XA"]


def test_a_stated_figure_stands_before_a_sum(xaa_released):
    kept = standing_figures(xaa_released.figures)
    whole = kept.query("pcode == 'XA' and group == 'IDP' and date == @DECEMBER")
    assert whole["basis"].tolist() == ["stated"]


def test_available_lists_what_can_be_asked_for(xaa_released):
    found = {(each.group, each.level): each for each in available(xaa_released)}
    assert found["IDP", 1].dates == (JUNE, DECEMBER)
    assert found["REF", 1].origins == ("XB", "XC")
    assert ("IDP", 2) not in found


def test_a_rate_is_people_per_thousand_inhabitants_and_missing_where_either_is(xaa, xaa_released):
    people = counts(xaa_released, xaa, CountQuery(1, "IDP", JUNE))
    lives = counts(xaa_released, xaa, CountQuery(1, "POP"))
    answer = rate(people, inhabitants(xaa_released, xaa, lives))
    assert [row.value for row in answer.rows[:2]] == [2.5, 0.0]
    assert isnan(answer.rows[2].value)
    assert (answer.population_date, answer.population_sources) == (date(2010, 4, 1), ("census",))
    empty = replace(lives, columns=replace(lives.columns.some([0, 1]), value=[0.0, None]))
    assert all(isnan(row.value) for row in rate(people, Inhabitants(empty, {})).rows)


def test_a_unit_profile_has_counts_flows_partners_and_neighbours(xaa, xaa_released):
    tamar = unit_profile(xaa_released, xaa, "XA03", lang="fr")
    assert (tamar.parents, tamar.children) == (("XA",), ("XA0301", "XA0302"))
    assert {(c.group, c.value) for c in tamar.counts if not c.origin} == {
        ("IDP", 340), ("IDP", None), ("REF", 400), ("RET", 30), ("POP", 5000),
    }  # fmt: skip
    assert [(f.origin, f.destination) for f in tamar.flows_in] == [
        ("site:marches", "XA03"), ("XB", "site:ossa-camp"),
    ]  # fmt: skip
    assert tamar.flows_out == ()
    assert [(p.acronym, p.basis) for p in tamar.partners] == [("HaR", "inferred")]
    whole = unit_profile(xaa_released, xaa, "XA")
    assert len(whole.flows_in) == 3  # from abroad; what moves inside is neither in nor out
    with pytest.raises(UnknownUnit):
        unit_profile(xaa_released, xaa, "XA77")
