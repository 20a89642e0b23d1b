"""`bbox` and `datetime` of OGC API Features, and which form a reader is given."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from service.ogc.feature_table import FeatureTable, distinct, readable
from service.ogc.layer_names import renamed_layers
from service.ogc.overview import overview
from service.ogc.windows import Box, Window, read_box, read_window

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))


@given(st.tuples(*[st.floats(-90, 90, allow_subnormal=False)] * 4))
def test_a_written_box_is_read_as_it_was(edges: tuple[float, float, float, float]) -> None:
    west, a, east, b = edges
    south, north = min(a, b), max(a, b)
    text = f"{west!r},{south!r},{east!r},{north!r}"
    assert read_box(text) == Box(west, south, east, north)


@given(DAYS, DAYS, DAYS, DAYS)
def test_a_window_holds_a_period_exactly_when_they_share_a_day(
    a: dt.date, b: dt.date, c: dt.date, d: dt.date
) -> None:
    first, last, since, until = min(a, b), max(a, b), min(c, d), max(c, d)
    days = (max(first, since), min(last, until))
    assert read_window(f"{first}/{last}").holds(since, until) == (days[0] <= days[1])


@given(st.datetimes(dt.datetime(1900, 1, 2), dt.datetime(2100, 1, 1)), st.integers(-23, 23))
def test_an_instant_is_its_day_in_utc(moment: dt.datetime, hours: int) -> None:
    zone = dt.timezone(dt.timedelta(hours=hours))
    told = moment.replace(microsecond=0, tzinfo=zone)
    day = told.astimezone(dt.UTC).date()
    assert read_window(told.isoformat()) == Window(day, day)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_a_time_or_a_box(text: str) -> None:
    for read in (read_window, read_box):
        try:
            read(text)
        except ValueError:
            continue


def _table(values: list[float | None], shapes: list[object]) -> FeatureTable:
    placed = np.empty(len(shapes), dtype=object)
    placed[:] = shapes
    none: list[dt.date | None] = [None] * len(values)
    ids = tuple(f"f{i}" for i in range(len(values)))
    frame = pd.DataFrame({"id": ids, "value": values})
    return FeatureTable(ids, frame, placed, np.arange(len(values)), none, none)


@given(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=40))
def test_a_column_that_is_mostly_empty_is_not_empty_in_the_first_features(
    values: list[float | None],
) -> None:
    table = readable(_table(values, [None] * len(values)))
    assert sorted(table.ids) == sorted(f"f{i}" for i in range(len(values)))
    if any(value is not None for value in values):
        assert table.properties(0)["value"] is not None


def test_numbers_of_a_column_are_all_whole_or_all_decimal() -> None:
    whole, decimal = _table([1, 2], [None] * 2), _table([1, 2.5], [None] * 2)
    assert '"value":1}' in whole.written(0)
    assert '"value":1.0}' in decimal.written(0)


def test_areas_are_all_of_several_parts_where_one_is() -> None:
    one, two = shapely.box(0, 0, 1, 1), shapely.MultiPolygon([shapely.box(3, 3, 4, 4)])
    kinds = [shape.geom_type for shape in readable(_table([1, 2], [one, two])).shapes]
    assert kinds == ["MultiPolygon", "MultiPolygon"]
    alone = readable(_table([1, 2], [one, None])).shapes
    assert alone[0].geom_type == "Polygon"


@given(st.lists(st.sampled_from("abc")))
def test_ids_are_distinct_and_the_first_of_a_kind_keeps_its_own(ids: list[str]) -> None:
    found = distinct(ids)
    assert len(set(found)) == len(ids)
    assert set(ids) <= set(found)


@pytest.mark.parametrize(
    "tile", [b"\x1a", b"\x1a\x7f", b"\x1a\x02\x0a\x05", b"\x19abcdefgh", b"\xff"]
)
def test_bytes_that_are_no_tile_are_refused(tile: bytes) -> None:
    with pytest.raises(ValueError, match="no vector tile"):
        renamed_layers(tile, str.upper)


def test_a_picture_holds_what_it_shows() -> None:
    drawn = overview([shapely.box(10, 10, 12, 11), shapely.Point(13, 10)], [])
    assert drawn is not None
    assert (len(drawn.areas), len(drawn.points)) == (1, 1)
    assert all(0 <= x <= drawn.width and 0 <= y <= drawn.height for x, y in drawn.points)
    assert overview([None]) is None
    assert overview([shapely.Point(5, 5)]) is not None
