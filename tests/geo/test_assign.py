"""Points to places: every row is placed or counted by its reason, and sums do not depend on who adds."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries.id_grid_shelf import keep_grid
from boundaries.units import BoundarySet
from geo.assign import AssignTask, PartCounts, added, assign_partition
from geo.assign_run import BadPartition, assign_points
from geo.assign_table import Told, assigned_table, ledger_document, swap_suspected
from geo.errors import MissingColumn, UnreadableTable
from geo.figure_reading import read_figures, read_flows
from geo.point_files import content_of, files_in, partitions
from geo.profiles import Profile
from geo.sources import Sensitivity

TOLD = Told(kind="registered", sensitivity=Sensitivity.PUBLIC)


@pytest.fixture(scope="module")
def task(xaa: BoundarySet, tmp_path_factory: pytest.TempPathFactory) -> AssignTask:
    """Regions of XAA: Norda from 10° E, Séna from 11°, Tamar from 12°, all from 10° N to 12° N."""
    folder = tmp_path_factory.mktemp("grids")
    land = keep_grid(xaa, 0, per_degree=16, folder=folder)
    grid = keep_grid(xaa, 1, per_degree=16, folder=folder)
    return AssignTask(grid=grid, land=land, lon="x", lat="y")


def counted(task: AssignTask, *files: Path, **more: Any) -> PartCounts:
    return assign_points(task, partitions(files_in(files), task.columns), **more)


def written(folder: Path, text: str, name: str = "points.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def table_of(counts: PartCounts, task: AssignTask, xaa: BoundarySet, told: Told = TOLD) -> Any:
    frame = assigned_table(counts, task, xaa, 1, told)
    return [tuple(row) for row in frame.itertuples(index=False)]


def test_persons_are_summed_by_unit_group_and_day(
    task: AssignTask, xaa: BoundarySet, tmp_path: Path
) -> None:
    path = written(
        tmp_path,
        "x,y,who,when,n\n10.5,11,IDP,2020-06-30,3\n10.6,10.2,idp,2020-06-30,4\n"
        "10.7,11,RET,2020-06-30,5\n12.5,11,IDP,2020-12-31,6\n11.0,11,IDP,2020-06-30,7\n",
    )
    asked = replace(task, group="who", date="when", count="n")
    counts = counted(asked, path)
    assert (counts.rows, counts.placed) == (5, 5)
    same = ("stock", "registered", "persons")
    assert table_of(counts, asked, xaa) == [
        # 11.0° E is the border of Norda and Séna: the smaller P-code has it
        ("Norda", "XA01", "IDP", *same, "2020-06-30", 14),
        ("Norda", "XA01", "RET", *same, "2020-06-30", 5),
        ("Tamar", "XA03", "IDP", *same, "2020-12-31", 6),
    ]


def test_each_row_that_cannot_be_placed_has_its_reason_and_is_shown(
    task: AssignTask, xaa: BoundarySet, tmp_path: Path
) -> None:
    rows = {
        "10.5,11,IDP,2020-06-30,1": "",
        ",11,IDP,2020-06-30,1": "no-coordinates",
        "nan,11,IDP,2020-06-30,1": "no-coordinates",
        "\"10,5\",11,IDP,2020-06-30,1": "text-coordinates",
        "here,there,IDP,2020-06-30,1": "text-coordinates",
        "190,11,IDP,2020-06-30,1": "off-the-globe",
        "inf,11,IDP,2020-06-30,1": "text-coordinates",
        "0,0,IDP,2020-06-30,1": "zero-zero",
        "10.5,11,XYZ,2020-06-30,1": "bad-group",
        "10.5,11,,2020-06-30,1": "bad-group",
        "10.5,11,IDP,30/06/2020,1": "bad-date",
        "10.5,11,IDP,2020-06-31,1": "bad-date",
        "10.5,11,IDP,2020-06-30,-1": "bad-count",
        "10.5,11,IDP,2020-06-30,1.5": "bad-count",
        "10.5,11,IDP,2020-06-30,": "bad-count",
        "20,20,IDP,2020-06-30,1": "on-water",
    }  # fmt: skip
    path = written(tmp_path, "x,y,g,d,n\n" + "\n".join(rows))
    asked = replace(task, group="g", date="d", count="n")
    counts = counted(asked, path)
    wanted = pd.Series([why for why in rows.values() if why]).value_counts().to_dict()
    assert counts.left_out == wanted
    assert counts.rows == counts.placed + sum(counts.left_out.values()) == len(rows)
    assert counts.examples["text-coordinates"][0] == ("points.csv", 5, "10,5, 11")
    assert counts.examples["bad-group"] == [("points.csv", 10, "XYZ"), ("points.csv", 11, "")]
    told = ledger_document(counts, xaa, 1, TOLD)
    assert told["rows"] == told["placed"] + sum(each["rows"] for each in told["left_out"])
    assert told["sensitivity"] == "public"


def test_land_of_others_is_not_water(
    task: AssignTask, xaa_world: BoundarySet, tmp_path: Path
) -> None:
    land = keep_grid(xaa_world, 0, per_degree=16, folder=tmp_path)
    path = written(tmp_path, "x,y\n14,11\n50,11\n")
    counts = counted(replace(task, land=land), path)
    assert counts.left_out == {"outside": 1, "on-water": 1}
    assert counted(replace(task, land=None), path).left_out == {"on-water": 2}


def test_movements_are_summed_by_both_ends(
    task: AssignTask, xaa: BoundarySet, tmp_path: Path
) -> None:
    path = written(
        tmp_path,
        "x,y,fx,fy,n\n10.5,11,12.5,11,3\n10.6,11,12.6,11,4\n12.5,11,10.5,11,5\n"
        "10.5,11,50,11,6\n50,11,10.5,11,7\n10.5,11,,,8\n",
    )
    asked = replace(task, origin_lon="fx", origin_lat="fy", count="n", land=None)
    counts = counted(asked, path)
    assert counts.left_out == {"origin-on-water": 1, "on-water": 1, "origin-no-coordinates": 1}
    told = Told(group="IDP", date="2020-12-31", measure="new", kind="estimate")
    rows = [row[:4] + row[-1:] for row in table_of(counts, asked, xaa, told)]
    assert rows == [
        ("Tamar", "XA03", "Norda", "XA01", 7),
        ("Norda", "XA01", "Tamar", "XA03", 5),
    ]
    out = written(tmp_path, assigned_table(counts, asked, xaa, 1, told).to_csv(), "flows.csv")
    frame = read_flows(out, Profile(), source="survey").frame
    assert frame["destination_pcode"].tolist() == ["XA01", "XA03"]
    assert frame["start"].tolist() == [date(2020, 12, 31)] * 2


def test_what_is_new_in_a_month_is_read_as_a_period(
    task: AssignTask, xaa: BoundarySet, tmp_path: Path
) -> None:
    path = written(
        tmp_path,
        "x,y,d\n10.5,11,2020-02-03\n10.5,11,2020-02-29T10:00:00\n10.5,11,2020-03-01 08:00\n",
    )
    asked = replace(task, date="d", period="month")
    told = Told(group="IDP", measure="new", kind="registered")
    table = assigned_table(counted(asked, path), asked, xaa, 1, told)
    frame = read_figures(
        written(tmp_path, table.to_csv(index=False), "out.csv"), Profile(), source="survey"
    ).frame
    assert frame[["start", "date", "value"]].to_numpy().tolist() == [
        [date(2020, 2, 1), date(2020, 2, 29), 2.0],
        [date(2020, 3, 1), date(2020, 3, 31), 1.0],
    ]


def test_exchanged_coordinates_are_suspected_and_good_ones_are_not(
    task: AssignTask, tmp_path: Path
) -> None:
    good = written(tmp_path, "x,y\n" + "12.6,10.6\n" * 50 + "60,60\n" * 3)
    assert not swap_suspected(counted(task, good))
    # Tamar, the other way round, is at 10° E and 12° N and beyond: outside
    turned = counted(replace(task, lon="y", lat="x"), good)
    assert turned.placed == 0
    assert (turned.tried, turned.swapped) == (53, 50)
    assert swap_suspected(turned)


def test_parquet_and_csv_of_the_same_points_say_the_same(task: AssignTask, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "x": [10.5, np.nan, 12.25, 200.0],
            "y": [11.0, 11.0, 10.5, 11.0],
            "g": ["IDP", "IDP", "REF", "REF"],
            "d": pd.to_datetime(["2020-06-30"] * 4),
            "n": [1, 2, 3, 4],
        }
    )
    frame.to_csv(tmp_path / "points.csv", index=False)
    frame.to_parquet(tmp_path / "points.parquet")
    asked = replace(task, group="g", date="d", count="n")
    one = counted(asked, tmp_path / "points.csv")
    other = counted(asked, tmp_path / "points.parquet")
    assert one.counts == other.counts
    assert one.left_out == other.left_out == {"no-coordinates": 1, "off-the-globe": 1}


def test_a_large_parquet_file_is_several_parts_with_rows_numbered_through(
    task: AssignTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo.point_files._ROWS", 30)
    lon = np.full(100, 10.5)
    lon[[0, 55, 99]] = 300
    points = pa.table({"x": lon, "y": np.full(100, 11.0)})
    pq.write_table(points, tmp_path / "points.parquet", row_group_size=10)
    parts = partitions([tmp_path / "points.parquet"], task.columns)
    assert [part.rows for part in parts] == [30, 30, 30, 10]
    assert len({content_of(part) for part in parts}) == 4
    counts = assign_points(task, parts)
    assert counts.placed == 97
    assert [row for _, row, _ in counts.examples["off-the-globe"]] == [1, 56, 100]


def many_parts(folder: Path, count: int = 6) -> Path:
    random = np.random.default_rng(0)
    for at in range(count):
        lines = (f"{x:.4f},{y:.4f}" for x, y in random.uniform((9, 9), (14, 13), (200, 2)))
        written(folder, "x,y\n" + "\n".join(lines), f"part{at}.csv")
    return folder


@given(st.permutations(range(6)))
def test_partitions_add_up_to_the_same_in_any_order(
    task: AssignTask, tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "orders"
    if not folder.exists():
        folder.mkdir()
        many_parts(folder)
    parts = partitions(files_in([folder]), task.columns)
    one_by_one = [assign_partition(task, part) for part in parts]
    assert added(one_by_one[at] for at in order) == added(one_by_one)


def test_a_run_that_stopped_goes_on_with_what_it_had_done(
    task: AssignTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, kept = many_parts(tmp_path), tmp_path / "out.csv.parts"
    whole = counted(task, folder)
    done: list[str] = []

    def stop_after_three(part: Any, _counts: PartCounts) -> None:
        done.append(part.name)
        if len(done) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        counted(task, folder, keep_in=kept, step=stop_after_three)
    results = sorted(kept.iterdir())
    assert len(results) == 3
    results[0].write_text("{", encoding="utf-8")  # a disk that lost its end
    again: list[str] = []

    def watched(asked: AssignTask, part: Any) -> PartCounts:
        again.append(part.name)
        return assign_partition(asked, part)

    monkeypatch.setattr("geo.assign_run.assign_partition", watched)
    assert counted(task, folder, keep_in=kept) == whole
    assert len(again) == 4
    assert set(again) >= {"part3.csv", "part4.csv", "part5.csv"}


def test_a_file_that_changed_or_another_question_is_counted_anew(
    task: AssignTask, tmp_path: Path
) -> None:
    path, kept = written(tmp_path, "x,y,n\n10.5,11,2\n"), tmp_path / "kept"
    assert counted(task, path, keep_in=kept).counts == {(0, -1, "", ""): [1, 1]}
    assert counted(replace(task, count="n"), path, keep_in=kept).counts[0, -1, "", ""] == [2, 1]
    written(tmp_path, "x,y,n\n10.5,11,2\n10.5,11,3\n")
    assert counted(task, path, keep_in=kept).counts == {(0, -1, "", ""): [2, 2]}
    assert len(list(kept.iterdir())) == 3


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("points.csv", "lon,lat\n1,2\n", "no column 'x'"),
        ("points.csv", "", "not well-formed CSV"),
        ("points.parquet", "no parquet", "not well-formed Parquet"),
        ("points.xlsx", "x,y\n", "ends in .xlsx"),
    ],
)
def test_a_file_that_is_no_table_of_points_is_one_sentence(
    task: AssignTask, tmp_path: Path, name: str, text: str, says: str
) -> None:
    with pytest.raises((MissingColumn, UnreadableTable), match=says):
        counted(task, written(tmp_path, text, name))


def test_a_row_with_too_many_cells_is_said_with_the_file(task: AssignTask, tmp_path: Path) -> None:
    with pytest.raises(BadPartition, match=r"points\.csv: cannot be read after row 2"):
        counted(task, written(tmp_path, "x,y\n1,2\n1,2,3\n"))


def sums(rows: Iterable[tuple[Any, ...]]) -> int:
    return sum(row[-1] for row in rows)


def test_points_without_any_group_date_or_kind_leave_these_columns_to_the_situation(
    task: AssignTask, xaa: BoundarySet, tmp_path: Path
) -> None:
    counts = counted(task, written(tmp_path, "x,y\n10.5,11\n12.5,11\n12.5,11\n"))
    table = assigned_table(counts, task, xaa, 1, Told())
    assert list(table.columns) == ["place", "pcode", "measure", "unit", "value"]
    assert sums(table.itertuples(index=False)) == 3
