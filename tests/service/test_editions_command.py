"""`sitmap editions`: a decision about an edition stands until it is taken back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service.cli import main
from service.pipeline import build
from service.publishing import publish
from service.situation_file import load_situation


@pytest.fixture
def sitmap() -> Callable[..., Any]:
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def two(folder: Path) -> tuple[Path, str, str]:
    """A situation published twice: 340 people in Tamar, then 350."""
    first = publish(build(load_situation(folder))).id
    table = folder / "idps.csv"
    text = table.read_text("utf-8")
    table.write_text(text.replace("240", "250").replace("1,540", "1,550"), "utf-8")
    return folder, first, publish(build(load_situation(folder))).id


def tamar(sitmap: Callable[..., Any], folder: Path) -> int:
    said = sitmap("counts", folder, "--level", 1, "--group", "IDP", "--format", "json", "--quiet")
    rows = json.loads(said.stdout)["rows"]
    return int(next(row["value"] for row in rows if row["pcode"] == "XA03"))


def test_comparing_says_which_figures_changed(
    sitmap: Callable[..., Any], two: tuple[Path, str, str]
) -> None:
    folder, first, second = two
    document = json.loads(sitmap("editions", folder, "compare", first, second, "--json").stdout)
    changed = {(f["pcode"], f["group"]): (f["before"], f["after"]) for f in document["figures"]}
    assert changed == {("XA03", "IDP"): (340, 350), ("XA", "IDP"): (1540, 1550)}
    text = sitmap("editions", folder, "diff", first[:6], second[:6]).stdout
    assert "Tamar" in text
    assert "+10" in text


def test_a_withdrawn_edition_stays_away_though_its_folder_did_not_change(
    sitmap: Callable[..., Any], two: tuple[Path, str, str]
) -> None:
    folder, first, second = two
    assert tamar(sitmap, folder) == 350
    said = sitmap("editions", folder, "withdraw", second)
    assert said.stdout.split()[-3:] == [first, "is", "current"]
    assert tamar(sitmap, folder) == 340
    again = sitmap("build", folder)
    assert again.exit_code == 2
    assert "was withdrawn" in again.stderr
    listed = json.loads(sitmap("editions", folder, "--json").stdout)
    assert [(e["id"], e["current"], e["status"]) for e in listed] == [
        (first, True, "published"),
        (second, False, "withdrawn"),
    ]


def test_an_edition_restored_stays_though_its_folder_has_another(
    sitmap: Callable[..., Any], two: tuple[Path, str, str]
) -> None:
    folder, first, second = two
    sitmap("editions", folder, "restore", first)
    assert tamar(sitmap, folder) == 340
    sitmap("editions", folder, "restore", second)
    assert tamar(sitmap, folder) == 350


@pytest.mark.parametrize(
    "words", [["compare", "a"], ["withdraw"], ["withdraw", "zzz"], ["restore", ""], ["burn", "a"]]
)
def test_what_cannot_be_done_ends_in_one_sentence(
    sitmap: Callable[..., Any], two: tuple[Path, str, str], words: list[str]
) -> None:
    said = sitmap("editions", two[0], *words)
    assert said.exit_code == 2
    assert "Traceback" not in said.output
