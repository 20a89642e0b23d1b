"""Values as bytes, read back by a reader written from the description alone: nothing is lost."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.app import create_app
from service.settings import Settings
from service.value_bytes import written

Connect = Callable[..., Any]
API = "/api/situations/xaa-2020"


@dataclass
class Columns:
    place: list[int]
    state: list[str]
    klass: list[int]
    value: list[float]
    count: list[float]
    letters: str
    name: bytes
    bases: list[float] | None


def read_values(content: bytes, bases: list[float] | None = None) -> Columns:
    magic, n, letters, per, name, length = struct.unpack_from("<4sI4sI8sH", content)
    assert magic == b"SMV2"
    states = content[26 : 26 + length].decode().split(",")
    at = 26 + length

    def column(letter: str) -> list[float]:
        nonlocal at
        size = struct.calcsize(letter)
        places, at = content[at : at + n * size], at + n * size
        return [struct.unpack(f"<{letter}", places[i::n])[0] for i in range(n)]

    packed = column("B")
    places, values, counts, sent = (
        None if letter in "-*" else column(letter) for letter in letters.decode()
    )
    assert at == len(content)
    assert (name == bytes(8)) == (letters[3:] == b"-")
    bases = sent if bases is None else bases
    state = [states[int(each) // 16] for each in packed]

    def figures(numbers: list[float]) -> list[float]:
        return [float(v) if s == "figure" else np.nan for v, s in zip(numbers, state, strict=True)]

    if values is None:
        assert counts is not None
        assert bases is not None
        values = [
            c / b * per if s == "figure" else 0
            for c, b, s in zip(counts, bases, state, strict=True)
        ]
    return Columns(
        place=list(range(n)) if places is None else [int(p) for p in accumulate(places)],
        state=state,
        klass=[int(each) % 16 - 1 for each in packed],
        value=figures(values),
        count=figures(values if counts is None else counts),
        letters=letters.decode(),
        name=name,
        bases=bases,
    )


def _same(read: list[float], meant: list[float]) -> bool:
    return np.array_equal(np.array(read), np.array(meant), equal_nan=True)


numbers = st.one_of(
    st.integers(-(2**40), 2**40).map(float),
    st.integers(0, 300).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
)
STATES = ["figure", "not_reported", "no_population", "out_of_scope"]
units = st.lists(
    st.tuples(st.sampled_from(STATES), st.integers(-1, 9), numbers, numbers), max_size=40
)


@given(units, st.booleans())
@example([("figure", 0, -0.0, -0.0), ("not_reported", -1, 5.0, 5.0)], False)
def test_every_figure_comes_back_to_the_last_bit(
    rows: list[tuple[str, int, float, float]], counted: bool
) -> None:
    state = [row[0] for row in rows]
    klass = np.array([row[1] for row in rows], dtype=int)
    value, count = (
        np.array([row[i] if row[0] == "figure" else np.nan for row in rows], dtype=float)
        for i in (2, 3)
    )
    read = read_values(written(value, count if counted else value, klass, state))
    assert np.array(read.value).tobytes() == value.tobytes()
    assert np.array(read.count).tobytes() == (count if counted else value).tobytes()
    assert (read.state, read.klass) == (state, klass.tolist())


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 10**9)), min_size=1, max_size=40),
    st.sampled_from([1, 100, 1000, 100_000]),
)
def test_a_rate_follows_from_its_count_and_its_inhabitants(
    rows: list[tuple[int, int]], per: int
) -> None:
    count = np.array([float(persons) for persons, _ in rows])
    people = np.array([float(each) for _, each in rows])
    value = np.array([persons / each * per for persons, each in rows])
    klass, state = np.zeros(len(rows), int), ["figure"] * len(rows)
    read = read_values(written(value, count, klass, state, people, per=per))
    assert read.value == value.tolist()
    assert read.count == count.tolist()


def test_rates_cost_no_more_than_the_two_counts_behind_them() -> None:
    count, people = np.array([10.0, 0.0, np.nan]), np.array([7000.0, 9000.0, np.nan])
    state = ["figure", "figure", "not_reported"]
    content = written(count / people * 1000, count, np.array([0, 0, -1]), state, people)
    assert content[8:12] == b"--BH"
    assert content[26:45] == b"figure,not_reported"
    assert list(content[45:48]) == [1, 1, 16]
    assert len(content) == 45 + 3 * (1 + 1 + 2)


def test_another_group_needs_no_bases_where_their_name_is_known() -> None:
    people, state, klass = np.array([7000.0, 9000.0]), ["figure"] * 2, np.zeros(2, int)
    idps, refugees = np.array([0.0, 20.0]), np.array([30.0, 5.0])
    first = read_values(written(idps / people * 1000, idps, klass, state, people))
    short = written(refugees / people * 1000, refugees, klass, state, people, bases=False)
    assert short[8:12] == b"--B*"
    second = read_values(short, first.bases)
    assert first.name == second.name
    assert second.value == (refugees / people * 1000).tolist()
    grown = read_values(written(idps / (people + 1) * 1000, idps, klass, state, people + 1))
    assert grown.name != first.name


def test_a_rate_that_does_not_follow_is_written_out() -> None:
    count, km2 = np.array([10.0, 20.0]), np.array([2**0.5, 3**0.5])
    people = np.array([700.0, 900.0])
    content = written(count / km2, count, np.zeros(2, int), ["figure"] * 2, people)
    assert content[8:12] == b"-dB-"
    assert content[16:24] == bytes(8)


def test_more_states_than_a_byte_has_room_for_are_refused() -> None:
    count = np.full(17, np.nan)
    with pytest.raises(ValueError, match="too many"):
        written(count, count, np.full(17, -1), [f"state-{i}" for i in range(17)])


@given(st.sets(st.integers(0, 10**6), max_size=30))
def test_places_come_back_in_their_order(places: set[int]) -> None:
    none = np.full(len(places), np.nan)
    state = ["out_of_scope"] * len(places)
    content = written(none, none, np.full(len(places), -1), state, places=sorted(places))
    assert read_values(content).place == sorted(places)


# --- over HTTP ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(published_folder: Path, connect: Connect) -> Any:
    return connect(create_app(Settings(stores=(published_folder / ".sitmap" / "store.sqlite",))))


@pytest.mark.parametrize("asked", ["lang=fr", "show=symbols&group=IDP"])
@pytest.mark.parametrize(
    "parts",
    [["parent=XA01", "parent=XA02", "parent=XA03"], ["first=0", "first=1000"],
     ["bbox=10,10,11.5,12", "bbox=11.5,10,13,12"]],
)  # fmt: skip
def test_head_and_parts_say_what_the_whole_columns_say(
    client: Any, asked: str, parts: list[str]
) -> None:
    address = f"{API}/values/idps?{asked}&form="
    whole = client.get(f"{address}columns").json()
    made = client.get(f"{address}head").json()
    areas, symbols = made["areas"], made["symbols"]
    for layer, names in ((areas, ("key", "count", "shown")), (symbols, ())):
        if layer:
            n = len(client.get(f"{API}/units?level={layer['level']}").json()["pcode"])
            layer.update({name: [None] * n for name in names})
            for group in layer.get("groups", ()):
                group.update(value=[None] * n, said={})
    if symbols:
        symbols["moved"] = {}
    for part in parts:
        found = client.get(f"{address}columns&{part}").json()
        assert found["edition"] == made["edition"]
        if areas:
            shown = found["areas"]["shown"].split("|") if found["areas"]["place"] else []
            told = zip(found["areas"]["key"], found["areas"]["count"], shown, strict=True)
            for place, cells in zip(found["areas"]["place"], told, strict=True):
                for name, cell in zip(("key", "count", "shown"), cells, strict=True):
                    areas[name][place] = cell
        if symbols:
            symbols["moved"] |= found["symbols"]["moved"]
            for ours, theirs in zip(symbols["groups"], found["symbols"]["groups"], strict=True):
                ours["said"] |= theirs["said"]
                for place, value in zip(found["symbols"]["place"], theirs["value"], strict=True):
                    ours["value"][place] = value
    if areas:
        areas["shown"] = "|".join(areas["shown"])
    assert made == whole


def test_values_as_bytes_hold_what_the_rows_hold(client: Any) -> None:
    rows = {row["pcode"]: row for row in client.get(f"{API}/values/idps").json()["rows"]}
    read = read_values(client.get(f"{API}/values/idps?form=binary").content)
    assert [rows[code]["value"] for code in sorted(rows)] == read.value
    assert [rows[code]["count"] for code in sorted(rows)] == read.count == [1200, 0, 340]
    assert [rows[code]["klass"] for code in sorted(rows)] == read.klass
    assert read.state == ["figure"] * 3


@pytest.mark.parametrize(
    ("part", "codes"),
    [("parent=XA", ["XA01", "XA02", "XA03"]), ("parent=XA03", ["XA03"])],
)
def test_a_part_holds_the_figures_of_the_whole(client: Any, part: str, codes: list[str]) -> None:
    whole = read_values(client.get(f"{API}/values/idps?form=binary").content)
    some = read_values(client.get(f"{API}/values/idps?form=binary&{part}").content)
    every = client.get(f"{API}/units?level=1").json()["pcode"]
    assert [every[place] for place in some.place] == codes
    for name in ("value", "count", "klass", "state"):
        listed = getattr(whole, name)
        assert getattr(some, name) == [listed[place] for place in some.place]
    rows = client.get(f"{API}/values/idps?{part}").json()["rows"]
    assert [row["pcode"] for row in rows] == codes


def test_a_box_holds_the_units_that_touch_it(client: Any, xaa: Any) -> None:
    west, south, east, north = xaa.at(1).set_index("pcode").geometry["XA03"].bounds
    middle = f"{(west + east) / 2},{(south + north) / 2}"
    point = f"{middle},{(west + east) / 2 + 1e-6},{(south + north) / 2 + 1e-6}"
    rows = client.get(f"{API}/values/idps?bbox={point}").json()["rows"]
    assert [row["pcode"] for row in rows] == ["XA03"]
    some = read_values(client.get(f"{API}/values/idps?form=binary&bbox={point}").content)
    assert (some.place, some.count) == ([2], [340])


def test_bases_are_left_out_for_those_who_have_them(client: Any) -> None:
    address = f"{API}/values/idps?form=binary"
    whole = read_values(client.get(address).content)
    short = client.get(f"{address}&bases=known").content
    assert whole.bases == [100_000, 50_000, 20_000]
    assert len(short) < len(client.get(address).content)
    read = read_values(short, whole.bases)
    assert (read.name, read.value) == (whole.name, whole.value)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("form=head&parent=XA", 400, "bad-parameter"),
        ("form=head&bbox=0,0,1,1", 400, "bad-parameter"),
        ("form=head&first=0", 400, "bad-parameter"),
        ("form=columns&first=-1", 400, "bad-parameter"),
        ("bbox=1,1,0,0", 400, "bad-parameter"),
        ("form=binary&parent=QQ", 404, "unknown-unit"),
    ],
)
def test_a_part_that_cannot_be_had_is_told(client: Any, query: str, status: int, code: str) -> None:
    answer = client.get(f"{API}/values/idps?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("form", ["rows", "columns", "binary"])
@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_values_are_the_same_both_ways(client: Any, form: str, coding: str) -> None:
    address, headers = f"{API}/values/idps?form={form}", {"Accept-Encoding": coding}
    short = client.get(address, headers=headers)
    head = client.request("HEAD", address, headers=headers)
    assert (short.status_code, head.status_code) == (200, 200)
    assert {**short.headers} == {**head.headers}
    known = client.get(address, headers={**headers, "If-None-Match": short.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_values_asked_for_again_are_not_made_again(
    published_folder: Path, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    import service.tile_desk as module

    made: list[object] = []
    make = module.values_content

    def counted(*arguments: Any) -> bytes:
        made.append(arguments[2])
        return make(*arguments)

    monkeypatch.setattr(module, "values_content", counted)
    stores = (published_folder / ".sitmap" / "store.sqlite",)
    client = connect(create_app(Settings(stores=stores)))
    for coding in ("br", "gzip", "br", "identity"):
        client.get(f"{API}/values/idps", headers={"Accept-Encoding": coding})
    assert len(made) == 1
