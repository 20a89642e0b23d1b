"""What every store holds to, whatever it is made of. Each is added to `STORES` and passes all of it."""

import re
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundaries.units import BoundarySet
from geo.counts import CountQuery, available, counts
from geo.errors import FigureError, UnknownEdition, UnknownSituation, WithdrawnEdition
from geo.origin_totals import origin_totals
from geo.postgres_store import PostgresStore
from geo.release import ReleasedFigures
from geo.sqlite_store import SqliteStore
from geo.store import Status, Store
from geo.stored_figures import Sizes, StoredFigures
from geo.unit_profiles import unit_profile

NOON = datetime(2021, 1, 15, 12, tzinfo=UTC)
JUNE = date(2020, 6, 30)

STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgis)]
SMALL = Sizes(by_sheets=1, short_profiles=1, columns=1)  # with these every edition is a large one


@pytest.fixture(params=STORES)
def make(request: pytest.FixtureRequest) -> Generator[Callable[..., Store], None, None]:
    """Make an empty store; what was made is closed at the end."""
    if request.param == "sqlite":
        yield lambda folder, **more: SqliteStore(folder / "store.sqlite", **more)
        return
    postgis = request.getfixturevalue("postgis")
    with ExitStack() as stack:

        def made(folder: Path, **more: Any) -> Store:
            postgis.sql("DROP SCHEMA IF EXISTS sitmap CASCADE")
            store = PostgresStore(postgis.url, columns=folder / "columns", **more)
            stack.callback(store.close)
            return store

        yield made


@pytest.fixture
def store(make: Callable[..., Store], tmp_path: Path) -> Store:
    return make(tmp_path)


def times(released: ReleasedFigures, factor: int) -> ReleasedFigures:
    return replace(
        released, figures=released.figures.assign(value=released.figures["value"] * factor)
    )


def publish(store: Store, released: ReleasedFigures, factor: int = 1) -> str:
    return store.publish(times(released, factor), specs_json="{}", published=NOON).id


def test_a_withdrawn_edition_gives_way_to_the_one_before(
    store: Store, xaa_released: ReleasedFigures
) -> None:
    first, second = publish(store, xaa_released), publish(store, xaa_released, 2)
    now = store.withdraw(second)
    assert now is not None
    assert now.id == first == store.current("xaa-2020").id
    assert [edition.status for edition in store.editions("xaa-2020")] == [
        Status.PUBLISHED,
        Status.WITHDRAWN,
    ]


def test_a_withdrawn_edition_looks_like_a_missing_one(
    store: Store, xaa_released: ReleasedFigures
) -> None:
    publish(store, xaa_released)
    second = publish(store, xaa_released, 2)
    store.withdraw(second)
    told = []
    for asked in (second, "0123456789ab"):
        with pytest.raises(UnknownEdition) as error:
            store.read(asked)
        told.append(str(error.value).replace(asked, "ID"))
        with pytest.raises(UnknownEdition):
            store.specs(asked)
    assert told[0] == told[1]
    assert second not in store.holdings().shown
    figures = store.read(second, withdrawn=True).figures  # who decided it may still look at it
    pd.testing.assert_frame_equal(figures, times(xaa_released, 2).figures)
    assert store.specs(second, withdrawn=True) == "{}"


def test_the_last_edition_withdrawn_leaves_no_situation(
    store: Store, xaa_released: ReleasedFigures
) -> None:
    only = publish(store, xaa_released)
    assert store.withdraw(only) is None
    assert store.situations() == ()
    assert store.holdings().current == {}
    with pytest.raises(UnknownSituation):
        store.current("xaa-2020")
    assert store.restore(only).id == only == store.current("xaa-2020").id


def test_what_was_withdrawn_is_not_published_again_by_accident(
    store: Store, xaa_released: ReleasedFigures
) -> None:
    first, second = publish(store, xaa_released), publish(store, xaa_released, 2)
    store.withdraw(second)
    with pytest.raises(WithdrawnEdition, match="restore"):
        publish(store, xaa_released, 2)
    assert store.current("xaa-2020").id == first


def test_withdrawing_an_older_edition_leaves_the_current_one(
    store: Store, xaa_released: ReleasedFigures
) -> None:
    first, second = publish(store, xaa_released), publish(store, xaa_released, 2)
    now = store.withdraw(first)
    assert now is not None
    assert now.id == second


def test_an_edition_can_be_restored_over_a_later_one(
    store: Store, xaa_released: ReleasedFigures
) -> None:
    first, second = publish(store, xaa_released), publish(store, xaa_released, 2)
    store.restore(first)
    holdings = store.holdings()
    assert holdings.current["xaa-2020"].id == first
    assert set(holdings.shown) == {first, second}


@pytest.mark.parametrize("act", ["withdraw", "restore"])
def test_what_is_not_there_cannot_be_taken_back(
    store: Store, xaa_released: ReleasedFigures, act: str
) -> None:
    publish(store, xaa_released)
    with pytest.raises(UnknownEdition):
        getattr(store, act)("0123456789ab")


def test_the_stamp_changes_with_what_is_shown(store: Store, xaa_released: ReleasedFigures) -> None:
    stamps = [store.stamp()]
    first = publish(store, xaa_released)
    stamps.append(store.stamp())
    publish(store, xaa_released, 2)
    stamps.append(store.stamp())
    store.withdraw(first)
    stamps.append(store.stamp())
    assert stamps[0] is None or len(set(stamps)) == 4


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example makes its own store
)
@given(
    acts=st.lists(st.tuples(st.sampled_from(["publish", "withdraw", "restore"]), st.integers(1, 3)))
)
def test_what_is_shown_follows_every_decision(
    acts: list[tuple[str, int]],
    make: Callable[..., Store],
    tmp_path_factory: pytest.TempPathFactory,
    xaa_released: ReleasedFigures,
) -> None:
    """Against a model: an ordered list of editions with a status, and which one is current."""
    for store in [make(tmp_path_factory.mktemp("store"))]:
        order: list[str] = []
        withdrawn: set[str] = set()
        current: str | None = None
        ids: dict[int, str] = {}
        for act, factor in acts:
            if act == "publish":
                if ids.get(factor) in withdrawn:
                    continue
                current = ids[factor] = publish(store, xaa_released, factor)
                order += [] if current in order else [current]
            elif factor in ids:
                edition = ids[factor]
                if act == "restore":
                    store.restore(edition)
                    withdrawn.discard(edition)
                    current = edition
                else:
                    store.withdraw(edition)
                    withdrawn.add(edition)
                    if current == edition:
                        at = order.index(edition)
                        left = [each for each in order if each not in withdrawn]
                        before = [each for each in order[:at] if each not in withdrawn]
                        current = (before or left or [None])[-1]  # type: ignore[list-item]
        holdings = store.holdings()
        assert set(holdings.shown) == {each for each in order if each not in withdrawn}
        assert {each.id for each in holdings.current.values()} == ({current} - {None})


# --- what is published and read, asked of every store ------------------------------------------------


def assert_same(one: ReleasedFigures, other: ReleasedFigures) -> None:
    for field in fields(ReleasedFigures):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, pd.DataFrame):
            pd.testing.assert_frame_equal(mine, theirs)
        else:
            assert mine == theirs, field.name


def hard(released: ReleasedFigures) -> ReleasedFigures:
    """The figures with texts and numbers that are easily changed on the way."""
    figures = released.figures.assign(low=float("nan"), high=float("nan"))
    values = [0.1 + 0.2, 1e-300, 1.7976931348623157e308, 12345678901234567.0, 1 / 3]
    figures.loc[figures.index[: len(values)], "value"] = values
    figures.loc[figures.index[0], ["low", "high"]] = [0.1, 2 / 3]
    notes = [
        'a "quoted", cell',
        "two\nlines\r\n",
        "\\N",
        " space ",
        "إكسا \u200f…",
        "NULL",
        "\\.",
        "'",
    ]
    figures.loc[figures.index[: len(notes)], "note"] = notes
    return replace(released, figures=figures)


def test_what_is_read_is_what_was_published(store: Store, xaa_released: ReleasedFigures) -> None:
    for content in (xaa_released, hard(xaa_released)):
        edition = store.publish(content, specs_json='{"maps": []}', published=NOON)
        assert_same(
            store.read(edition.id), hard(content) if content is not xaa_released else content
        )
        assert_same(store.open(edition.id), store.read(edition.id))
        assert store.specs(edition.id) == '{"maps": []}'
        assert store.current("xaa-2020") == edition
        assert (edition.published, edition.situation) == (NOON, "xaa-2020")
    assert [each.number for each in store.editions("xaa-2020")] == [1, 2]
    assert store.situations() == ("xaa-2020",)
    assert store.health().ok
    assert store.trouble() is None


def test_the_same_content_is_the_same_edition(store: Store, xaa_released: ReleasedFigures) -> None:
    first = publish(store, xaa_released)
    shuffled = xaa_released.figures.sample(frac=1, random_state=1).reset_index(drop=True)
    assert publish(store, replace(xaa_released, figures=shuffled)) == first
    assert len(store.editions("xaa-2020")) == 1


def test_an_empty_edition_keeps_its_columns_and_types(
    store: Store, xaa_released: ReleasedFigures
) -> None:
    empty = {
        name: getattr(xaa_released, name).iloc[:0] for name in ("figures", "flows", "presence")
    }
    edition = store.publish(replace(xaa_released, **empty), specs_json="", published=NOON)
    assert_same(store.read(edition.id), replace(xaa_released, **empty))


def test_a_large_edition_is_asked_by_parts_and_answers_the_same(
    make: Callable[..., Store], tmp_path: Path, xaa: BoundarySet, xaa_released: ReleasedFigures
) -> None:
    store = make(tmp_path, sizes=SMALL)
    large = store.open(publish(store, xaa_released))
    assert isinstance(large, StoredFigures)
    assert available(large) == available(xaa_released)
    asked = [
        CountQuery(each.level, each.group, day, each.measure, origin)
        for each in available(xaa_released)
        for day in (None, *each.dates)
        for origin in (None, *each.origins)
    ]
    assert len(asked) > 20
    for query in asked:
        try:
            expected: object = counts(xaa_released, xaa, query)
        except FigureError as error:
            with pytest.raises(type(error), match=re.escape(str(error))):
                counts(large, xaa, query)
            continue
        assert counts(large, xaa, query) == expected, query
    for pcode in xaa.frame["pcode"]:
        assert repr(unit_profile(large, xaa, pcode)) == repr(unit_profile(xaa_released, xaa, pcode))
    assert large.levels == xaa_released.levels
    for source in xaa_released.sources:
        assert large.fed_by(source.id) == xaa_released.fed_by(source.id)
    assert sorted(map(repr, large.dated([]).drop_duplicates().to_numpy().tolist())) == sorted(
        map(repr, xaa_released.dated(xaa.frame["pcode"]).drop_duplicates().to_numpy().tolist())
    )
    some = large.for_groups({"IDP"}, by_origin=False).figures
    assert set(some["group"]) == {"IDP"}
    assert len(some) == (xaa_released.figures["group"] == "IDP").sum()
    assert "figures" not in large.__dict__  # nothing of this has read the whole
    assert_same(large, xaa_released)


def test_a_units_profile_in_a_large_edition_has_the_latest_day_of_each_origin(
    make: Callable[..., Store], tmp_path: Path, xaa_released: ReleasedFigures
) -> None:
    earlier = xaa_released.figures.query("group == 'REF'").assign(date=JUNE)
    released = replace(
        xaa_released, figures=pd.concat([earlier, xaa_released.figures], ignore_index=True)
    )
    store = make(tmp_path, sizes=SMALL)
    found = pd.DataFrame(store.open(publish(store, released)).of_unit("XA01"))
    by_origin = found[found["origin"] != ""]
    assert set(by_origin["date"]) == {"2020-12-31"}
    assert sorted(by_origin["value"]) == [20, 50]
    together = found[(found["origin"] == "") & (found["group"] == "REF")]
    assert set(together["date"]) == {str(JUNE), "2020-12-31"}


def test_where_people_come_from_is_the_same_from_rows_and_from_sheets(
    make: Callable[..., Store], tmp_path: Path, xaa_released: ReleasedFigures
) -> None:
    earlier = xaa_released.figures.assign(date=JUNE).query("group == 'REF'")
    earlier = earlier.assign(value=earlier["value"] * 3)
    released = replace(
        xaa_released, figures=pd.concat([earlier, xaa_released.figures], ignore_index=True)
    )
    store = make(tmp_path, sizes=SMALL)
    sheets = store.open(publish(store, released))
    assert isinstance(sheets, StoredFigures)
    answers = [origin_totals(each, level=1, group="REF").frame for each in (released, sheets)]
    pd.testing.assert_frame_equal(*answers)
    found = answers[0].set_index(["origin", "pcode"])
    assert found.loc[("XB", "XA01"), ["latest", "peak", "days"]].tolist() == [50, 150, 2]
    assert found["total"].isna().all()  # a stock is not added up over days
    assert ("XB", "XA") not in found.index  # 30 people who could not be placed in a region
    for origin in (None, "XB", "unknown", "nobody"):
        for first, size in ((0, None), (0, 1), (1, 2), (2, 1), (0, 99), (50, 5)):
            asked = {"level": 1, "group": "REF", "origin": origin, "first": first, "size": size}
            one, other = (origin_totals(each, **asked) for each in (released, sheets))
            assert one.rows == other.rows
            pd.testing.assert_frame_equal(one.frame, other.frame)


def test_a_large_edition_is_kept_in_columns_too(
    make: Callable[..., Any], tmp_path: Path, xaa_released: ReleasedFigures
) -> None:
    store = make(tmp_path, sizes=SMALL)
    assert store.columns.is_whole(publish(store, xaa_released))
