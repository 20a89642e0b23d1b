"""Rows written as text are what ``json`` writes of the document."""

import json

from hypothesis import given
from hypothesis import strategies as st

from geo.counts import CountColumns
from service.count_texts import rows_bytes
from service.counting import exact

NUMBERS = st.one_of(
    st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 9**9).map(float)
)
CODES = st.lists(st.from_regex(r"[a-zé\"-]{1,4}", fullmatch=True), max_size=2).map("|".join)
ROWS = st.lists(
    st.tuples(CODES, st.text(max_size=5), NUMBERS, CODES, CODES, CODES, st.booleans()), max_size=6
)


# one survey speaks of all units, in whole persons, and no figure is a range
PERSONS = st.integers(0, 9**20).map(float)
LIKE_ROWS = st.tuples(CODES, CODES, CODES).flatmap(
    lambda same: st.lists(
        st.tuples(CODES, st.text("%d(s)é\n", max_size=5), PERSONS, *map(st.just, same),
                  st.just(False)),
        max_size=6,
    )
)  # fmt: skip


@given(ROWS | LIKE_ROWS)
def test_a_line_is_the_row_of_the_document(rows: list[tuple[object, ...]]) -> None:
    listed = [
        (pcode, name, value, state, carried, sources, 0.5 if bounded else None)
        for pcode, name, value, state, carried, sources, bounded in rows
    ]
    pcode, name, value, state, carried, sources, low = (
        [row[place] for row in listed] for place in range(7)
    )
    empty = [""] * len(listed)
    columns = CountColumns(
        pcode, name, value, state, carried, sources, empty, empty, empty, empty, low, low
    )  # type: ignore[arg-type]
    expected = [
        json.dumps(
            {
                "pcode": row.pcode,
                "name": row.name,
                "value": exact(row.value),
                **({} if row.low is None else {"low": exact(row.low), "high": exact(row.high)}),
                "state": row.state,
                "carried": list(row.carried),
                "sources": list(row.sources),
            },
            ensure_ascii=False,
        )
        for row in columns.rows()
    ]
    lines = rows_bytes(columns).decode().split(",\n")
    assert [text.strip() for text in lines if text] == expected
