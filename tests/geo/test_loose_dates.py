from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.loose_dates import period_in, periods_in

days = st.dates(date(1975, 1, 1), date(2060, 12, 31))


def read(*cells, **how):
    return periods_in(pd.Series(list(cells), index=range(2, 2 + len(cells)), dtype="str"), **how)


@pytest.mark.parametrize(
    ("text", "start", "end", "precision"),
    [
        ("2016-12-31", "2016-12-31", "2016-12-31", "day"),
        ("2016/12/31", "2016-12-31", "2016-12-31", "day"),
        ("20161231", "2016-12-31", "2016-12-31", "day"),
        ("2023-11-06T11:00:00.000Z", "2023-11-06", "2023-11-06", "day"),
        ("30.04.2016", "2016-04-30", "2016-04-30", "day"),
        ("30/04/16", "2016-04-30", "2016-04-30", "day"),
        ("04/30/2016", "2016-04-30", "2016-04-30", "day"),
        ("30 avril 2016", "2016-04-30", "2016-04-30", "day"),
        ("1er mars 2017", "2017-03-01", "2017-03-01", "day"),
        ("April 30, 2016", "2016-04-30", "2016-04-30", "day"),
        ("30-Apr-16", "2016-04-30", "2016-04-30", "day"),
        ("Septembre 2012", "2012-09-01", "2012-09-30", "month"),
        ("fevrier 2014", "2014-02-01", "2014-02-28", "month"),
        ("Février 2016", "2016-02-01", "2016-02-29", "month"),
        ("Decembre  2012", "2012-12-01", "2012-12-31", "month"),
        ("Feb 2017", "2017-02-01", "2017-02-28", "month"),
        ("Feb-17", "2017-02-01", "2017-02-28", "month"),
        ("2017-02", "2017-02-01", "2017-02-28", "month"),
        ("02/2017", "2017-02-01", "2017-02-28", "month"),
        ("يناير 2017", "2017-01-01", "2017-01-31", "month"),
        ("январь 2017", "2017-01-01", "2017-01-31", "month"),
        ("Q1 2017", "2017-01-01", "2017-03-31", "quarter"),
        ("T4 2016", "2016-10-01", "2016-12-31", "quarter"),
        ("2016-W14", "2016-04-04", "2016-04-10", "week"),
        ("2016", "2016-01-01", "2016-12-31", "year"),
        ("٢٠١٦", "2016-01-01", "2016-12-31", "year"),
    ],
)
def test_a_date_reads_as_its_first_and_last_day(text, start, end, precision):
    found = period_in(text)
    assert (str(found.start), str(found.end), found.precision) == (start, end, precision)


@pytest.mark.parametrize("text", ["2017-02-30", "31/04/2016", "soon", "12", "2016-13", "99999"])
def test_what_is_no_date_is_none(text):
    assert period_in(text) is None


def test_one_day_above_twelve_decides_for_the_column():
    assert read("03/04/2016", "30/04/2016").end[0] == date(2016, 4, 3)
    assert read("03/04/2016", "04/30/2016").end[0] == date(2016, 3, 4)


def test_an_undecided_column_is_not_read_and_says_so():
    found = read("03/04/2016", "05/06/2016", where="t.csv", column="Date")
    assert found.bad.all()
    (trouble,) = found.troubles
    assert (trouble.code, trouble.count) == ("ambiguous-dates", 2)
    assert read("03/04/2016", order="dmy").end[0] == date(2016, 4, 3)


def test_a_column_that_contradicts_itself_reads_only_what_is_clear():
    found = read("30/04/2016", "04/30/2016", "03/04/2016")
    assert found.bad.tolist() == [False, False, True]


def test_points_mean_the_day_comes_first_and_equal_parts_need_no_order():
    assert read("03.04.2016").end[0] == date(2016, 4, 3)
    assert read("04/04/2016").end[0] == date(2016, 4, 4)


def test_six_digits_are_weeks_when_one_is_above_twelve_or_the_header_says_so():
    assert read("201614", "201606").precision.tolist() == ["week", "week"]
    assert read("201606", column="Year Week").precision[0] == "week"
    assert read("201606", column="Month").end[0] == date(2016, 6, 30)
    assert read("201606", column="When").bad[0]


def test_day_numbers_are_days_only_when_the_whole_column_is_made_of_them():
    assert read("42370", "42735").end.tolist() == [date(2016, 1, 1), date(2016, 12, 31)]
    assert read("42370", "2016-01-01").bad.tolist() == [True, False]


def test_month_ends_under_a_month_are_whole_months():
    found = read("30/04/2016", "31/05/2016", column="Month End")
    assert found.start[0] == date(2016, 4, 1)
    assert read("30/04/2016", "31/05/2016", column="Date").start[0] == date(2016, 4, 30)


def test_a_month_alone_needs_a_year():
    assert read("January").bad[0]
    assert read("January", year=2025).end[0] == date(2025, 1, 31)


def test_emptiness_is_no_period_and_no_trouble():
    found = read("", "-", "N/A")
    assert found.end.tolist() == [None, None, None]
    assert not found.bad.any()


@given(st.lists(days, min_size=1, max_size=15))
def test_iso_days_come_back(some):
    assert read(*(day.isoformat() for day in some)).end.tolist() == some


@given(st.lists(days, min_size=1, max_size=15), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_numeric_days_come_back_or_are_left_unread_never_swapped(some, form):
    found = read(*(day.strftime(form) for day in some))
    for day, read_day in zip(some, found.end, strict=True):
        assert read_day in (day, None)


@given(days)
def test_unix_times_are_days_in_utc(day):
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    milliseconds = int(moment.timestamp() * 1000)
    if len(str(milliseconds)) == 13:
        assert period_in(str(milliseconds)).end == day


@given(days)
def test_a_period_ends_no_earlier_than_it_starts(day):
    iso = day.isocalendar()
    for text in (f"{day.year}", f"{day:%Y-%m}", f"{iso.year}-W{iso.week:02d}"):
        found = period_in(text)
        assert found.start <= day <= found.end
        assert found.end - found.start <= timedelta(days=366)
