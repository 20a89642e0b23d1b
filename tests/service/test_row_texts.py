"""Rows written column by column are what ``json`` writes of the rows."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries.units import BoundarySet
from geo.sqlite_store import SqliteStore
from geo.unit_profiles import unit_profile
from service.app import create_app
from service.counting import exact
from service.row_texts import codes_cell, json_rows, number_cell, plain_cell
from service.settings import Settings

NUMBERS = st.one_of(
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 9**20),
    st.integers(0, 3).map(float),
    st.just(float("nan")),
)
CODES = st.lists(st.sampled_from(["a", "XA01", "é", '"', "\\", "-"]), max_size=2).map("|".join)
TEXTS = st.one_of(st.none(), st.text('a%s{}"\\é\n', max_size=4))


@given(st.lists(st.tuples(TEXTS, st.integers(0, 3), NUMBERS, CODES), max_size=6))
def test_rows_are_those_of_the_document(rows: list[tuple[Any, ...]]) -> None:
    names = ("name", "days", "value", "sources")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    writers = dict(zip(names, (plain_cell, plain_cell, number_cell, codes_cell), strict=True))
    expected = [
        {
            "name": name,
            "days": days,
            "value": exact(value),
            "sources": [code for code in codes.split("|") if code],
        }
        for name, days, value, codes in rows
    ]
    whole = json.dumps(expected, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    assert f"[{json_rows(columns, writers)}]" == whole


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        number_cell(float("inf"))


@pytest.fixture(scope="module")
def client(released_store: Path, connect: Callable[..., Any]) -> Any:
    return connect(create_app(Settings(stores=(released_store,))))


def test_every_unit_tells_all_its_figures_with_their_members(
    client: Any, released_store: Path, xaa: BoundarySet
) -> None:
    store = SqliteStore.open_readonly(released_store)
    released = store.open(store.current("xaa-2020").id)
    for pcode in xaa.frame["pcode"]:
        counts = client.get(f"/api/situations/xaa-2020/units/{pcode}").json()["counts"]
        told = unit_profile(released, xaa, pcode).counts
        assert len(counts) == len(told)
        for row, count in zip(counts, told, strict=True):
            plain = count._asdict()
            for name, cell in plain.items():
                if isinstance(cell, date):
                    plain[name] = cell.isoformat()
                elif isinstance(cell, tuple):
                    plain[name] = list(cell)
                elif name in {"value", "low", "high"}:
                    plain[name] = exact(cell)
            assert list(row.items()) == list(plain.items())


def test_a_situation_tells_of_each_edition_though_its_own_facts_are_kept(client: Any) -> None:
    first, again = (client.get("/api/situations/xaa-2020") for _ in range(2))
    assert first.content == again.content
    assert [each["id"] for each in again.json()["editions"]] == [again.json()["edition"]["id"]]
