"""Kill whoever publishes, again and again, at random moments; each time the store must be whole.

A child publishes editions one after another and says which are published. It is killed (SIGKILL);
then the current edition is read, which hashes it: it is the old one or the new one, and everything
the child was told is published is there.

    python benchmarks/killed_publisher.py out/killed.sqlite --kills 200
    python benchmarks/killed_publisher.py postgresql://sitmap@127.0.0.1:5433/sitmap --kills 200
"""

import argparse
import datetime as dt
import os
import random
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from geo.postgres_store import PostgresStore
from geo.release import ReleasedFigures
from geo.sources import Sensitivity, Source
from geo.sqlite_store import SqliteStore
from geo.store import Store
from geo.tables import (
    UNIT_FIGURE_COLUMNS,
    UNIT_FLOW_COLUMNS,
    UNIT_PRESENCE_COLUMNS,
    typed_columns,
    typed_frame,
)

__all__ = ["Killed", "killed"]

_DAY = dt.date(2024, 1, 1)
_SITUATION = "killed"


@dataclass(frozen=True, slots=True)
class Killed:
    """How many kills left the edition before, and how many a new one; how many were acknowledged."""

    old: int
    new: int
    acknowledged: int


def killed(address: str, *, kills: int, rows: int = 50, seed: int = 1) -> Killed:
    """Kill ``kills`` publishers; raises AssertionError at the first mixture, damage or loss."""
    dice = random.Random(seed)  # noqa: S311 - moments, not secrets
    before = _publish(address, _figures(rows, 0))
    began = time.perf_counter()
    before = _publish(address, _figures(rows, 1))
    once = time.perf_counter() - began
    old = new = told = 0
    for number in range(kills):
        acknowledged = _one(address, _figures(rows, 2 + number), dice.uniform(0, 3 * once))
        now, editions = _look(address)
        lost = set(acknowledged) - set(editions)
        assert not lost, f"acknowledged and lost: {lost}"
        assert now == before or now == editions[-1] or now in acknowledged
        assert not acknowledged or now != before, "acknowledged, but the old one is current"
        old, new = old + (now == before), new + (now != before)
        told += len(acknowledged)
        before = now
    return Killed(old, new, told)


def _one(address: str, released: ReleasedFigures, after: float) -> list[str]:
    reading, writing = os.pipe()
    began, begun = os.pipe()
    child = os.fork()
    if not child:
        try:
            store = _store(address)
            store.situations()
            os.write(begun, b".")
            for factor in range(1, 10_000):
                figures = released.figures.assign(value=released.figures["value"] + factor)
                edition = store.publish(
                    replace(released, figures=figures),
                    specs_json="{}",
                    published=dt.datetime.now(dt.UTC),
                )
                os.write(writing, f"{edition.id}\n".encode())
        finally:
            os._exit(1)
    os.close(writing), os.close(begun)
    os.read(began, 1)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading) as said:
        lines = [line.strip() for line in said if line.endswith("\n")]
    os.close(began)
    return lines


def _look(address: str) -> tuple[str, list[str]]:
    store = _store(address)
    now = store.current(_SITUATION).id
    store.read(now)  # hashes what it reads, and refuses what does not say what was published
    editions = [edition.id for edition in store.editions(_SITUATION)]
    _close(store)
    return now, editions


def _publish(address: str, released: ReleasedFigures) -> str:
    store = _store(address)
    edition = store.publish(released, specs_json="{}", published=dt.datetime.now(dt.UTC))
    _close(store)
    return edition.id


def _store(address: str) -> Store:
    return PostgresStore(address) if "://" in address else SqliteStore(Path(address))


def _close(store: Store) -> None:
    if isinstance(store, PostgresStore):
        store.close()


def _figures(rows: int, number: int) -> ReleasedFigures:
    cells: dict[str, list[object]] = {name: [""] * rows for name in UNIT_FIGURE_COLUMNS}
    fixed = {
        "level": 1, "unplaced": False, "group": "IDP", "measure": "stock", "kind": "registered",
        "unit": "persons", "start": None, "date": _DAY, "state": "figure", "qualifier": "exact",
        "basis": "stated", "sources": "survey",
    }  # fmt: skip
    cells |= {name: [cell] * rows for name, cell in fixed.items()}
    cells["pcode"] = [f"XA{place:06}" for place in range(rows)]
    cells["value"] = (np.arange(rows) + number * 1e6).tolist()
    figures: pd.DataFrame = typed_columns(cells)
    return ReleasedFigures(
        situation=_SITUATION, title={"en": "Generated"}, as_of=_DAY, created=_DAY,
        vintage="xaa-2010", countries=("XAA",), focus="XAA", figures=figures,
        flows=typed_frame([], UNIT_FLOW_COLUMNS), presence=typed_frame([], UNIT_PRESENCE_COLUMNS),
        sources=(Source("survey", "Generated", "Nobody", _DAY, "CC0", Sensitivity.PUBLIC),),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("address", help="an SQLite file, or the URL of a PostgreSQL database")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=50)
    asked = parser.parse_args()
    found = killed(asked.address, kills=asked.kills, rows=asked.rows)
    print(
        f"{asked.kills} kills: {found.old} left the old edition, {found.new} a new one, 0 a mixture; "
        f"{found.acknowledged} acknowledged, 0 lost"
    )


if __name__ == "__main__":
    main()
