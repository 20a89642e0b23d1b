"""The reader that docs/values.md gives to users, run as it stands there."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from service.value_bytes import written

PAGE = Path(__file__).parents[2] / "docs" / "values.md"

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="needs node: apt install nodejs")


def read_by_script(tmp_path: Path, first: bytes, second: bytes) -> tuple[list[dict], list[dict]]:
    (reader,) = re.findall(r"```js\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "reader.mjs").write_text(reader, "utf-8")
    (tmp_path / "first").write_bytes(first)
    (tmp_path / "second").write_bytes(second)
    (tmp_path / "run.mjs").write_text(
        'import { readFileSync } from "node:fs";\n'
        'import { readValues } from "./reader.mjs";\n'
        "const bytes = (name) => new Uint8Array(readFileSync(name)).buffer;\n"
        'const first = readValues(bytes("first"));\n'
        'const second = readValues(bytes("second"), first.bases);\n'
        "console.log(JSON.stringify([first.units, second.units]));\n",
        "utf-8",
    )
    said = subprocess.run(
        ["node", "run.mjs"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    first_units, second_units = json.loads(said)
    return first_units, second_units


def test_the_reader_of_the_documentation_reads_what_is_written(tmp_path: Path) -> None:
    people = np.array([70_000.0, 300.0, np.nan])
    idps, refugees = np.array([1234.0, 0.0, np.nan]), np.array([np.nan, 7.0, np.nan])
    first = written(
        idps / people * 1000, idps, np.array([2, 0, -1]),
        ["figure", "figure", "not_reported"], people, places=[3, 400, 70_000],
    )  # fmt: skip
    second = written(
        refugees / people * 1000, refugees, np.array([-1, 1, -1]),
        ["suppressed", "figure", "not_reported"], people, places=[3, 400, 70_000], bases=False,
    )  # fmt: skip
    idp_units, refugee_units = read_by_script(tmp_path, first, second)
    assert idp_units == [
        {"place": 3, "state": "figure", "klass": 2, "count": 1234, "value": 1234 / 70_000 * 1000},
        {"place": 400, "state": "figure", "klass": 0, "count": 0, "value": 0},
        {"place": 70_000, "state": "not_reported", "klass": -1, "count": None, "value": None},
    ]
    assert [unit["value"] for unit in refugee_units] == [None, 7 / 300 * 1000, None]
    assert refugee_units[0]["state"] == "suppressed"


def test_the_reader_reads_fractions_and_maps_without_rates(tmp_path: Path) -> None:
    value = np.array([1.5, -2.25, 1e300])
    content = written(value, value, np.array([0, 1, 2]), ["figure"] * 3)
    units, _ = read_by_script(tmp_path, content, content)
    assert [unit["value"] for unit in units] == [unit["count"] for unit in units] == value.tolist()
    assert [unit["place"] for unit in units] == [0, 1, 2]
