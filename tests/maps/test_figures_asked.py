"""A layer asks each country for its own latest day, and all of them at once."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries.units import BoundarySet
from geo.counts import CountQuery, counts
from geo.release import ReleasedFigures
from maps.compose_figures import ask
from maps.compose_setting import Setting
from maps.errors import NothingToDraw
from maps.messages import messages
from maps.spec import LayerSpec, MapSpec

DAYS = [date(2020, month, 28) for month in (2, 5, 8, 11)]
CODES = ("XA", "XB", "XC")


def setting_of(
    released: ReleasedFigures, world: BoundarySet, layer: LayerSpec, as_of: date
) -> Setting:
    spec = MapSpec("one", {"en": "One"}, (layer,), as_of=as_of)
    return Setting(spec, released, world, world, messages("en"))


@given(
    known=st.sets(st.tuples(st.sampled_from(CODES), st.sampled_from(DAYS)), min_size=1),
    as_of=st.sampled_from(DAYS),
)
def test_each_country_has_its_latest_day_that_is_not_after_the_map(
    known: set[tuple[str, date]], as_of: date, xaa_world: BoundarySet, xaa_released: ReleasedFigures
) -> None:
    like = xaa_released.figures.query("group == 'IDP' and pcode == 'XA'").iloc[0].to_dict()
    rows = [
        {**like, "pcode": code, "level": 0, "date": day, "value": float(number)}
        for number, (code, day) in enumerate(sorted(known))
    ]
    frame = pd.DataFrame(rows).astype(xaa_released.figures.dtypes.to_dict())
    released = replace(xaa_released, figures=frame)
    layer = LayerSpec("symbols", ("IDP",), level=0)
    setting = setting_of(released, xaa_world, layer, as_of)
    latest = {
        code: max(day for each, day in known if each == code and day <= as_of)
        for code in CODES
        if any(each == code and day <= as_of for each, day in known)
    }
    if not latest:
        with pytest.raises(NothingToDraw):
            ask(setting, layer, "IDP")
        return
    found = ask(setting, layer, "IDP")
    assert {each.country: each.date for each in found.dated} == latest
    for code, answer in found.answers:
        query = CountQuery(0, "IDP", latest[code], found.measure)
        assert answer == counts(released, xaa_world, query)
    values = {row["pcode"]: row["value"] for row in rows if latest.get(row["pcode"]) == row["date"]}
    assert {row.pcode: row.value for row in found.rows} == values


def test_a_day_that_is_bound_is_the_only_one(
    xaa_world: BoundarySet, xaa_released: ReleasedFigures
) -> None:
    june = date(2020, 6, 30)
    layer = LayerSpec("symbols", ("IDP",), "stock", level=1)
    setting = setting_of(xaa_released, xaa_world, layer, date(2020, 12, 31))
    assert {each.date for each in ask(setting, layer, "IDP", measure="stock", on=june).dated} == {
        june
    }
    with pytest.raises(NothingToDraw, match="IDP \\(stock\\) on 2019-01-01"):
        ask(setting, layer, "IDP", measure="stock", on=date(2019, 1, 1))
