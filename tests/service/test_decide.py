"""Doubtful names are asked once; the answer is kept at once and replayed by every build."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geo.decisions import Decision, read_decisions, write_decisions
from service.cli import main

Edited = Callable[[str, str, str], Path]


def sitmap(*arguments: object, typed: str = "") -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], input=typed)


@pytest.fixture
def doubtful(edited: Edited) -> Path:
    """The situation with two names that no unit has: one near to Tamar, one near to nothing."""
    edited("idps.csv", "Tamar,XA03,240", "Tamorosa,,200\nBlue market,,40")
    return edited("idps.csv", "Norda,XA01", "Norda,")


def test_what_is_open_is_listed_with_suggestions_and_nothing_is_asked(doubtful: Path) -> None:
    result = sitmap("decide", doubtful, "--json")
    assert result.exit_code == 1
    first, second = json.loads(result.stdout)
    assert (first["place"], first["rows"], second["place"]) == ("Blue market", [5], "Tamorosa")
    assert "Tamar (XA03, level 1)" in [each["place"] for each in second["suggestions"]]
    listed = sitmap("decide", doubtful, "--list")
    assert "Blue market  (idps.csv, row 5)" in listed.stdout
    assert not (doubtful / "decisions.csv").exists()


def test_answers_are_kept_and_the_next_build_asks_nothing(doubtful: Path) -> None:
    result = sitmap("decide", doubtful, "--by", "A. N.", typed="x\nNowhere\nXA03\n")
    assert result.exit_code == 0, result.stderr
    assert "'Nowhere' is no place of the situation" in result.stderr
    kept = read_decisions(doubtful / "decisions.csv")
    assert [(each.place, each.pcode, each.who) for each in kept] == [
        ("Blue market", "leave out", "A. N."),
        ("Tamorosa", "XA03", "A. N."),
    ]
    assert "Every name is placed or decided." in sitmap("decide", doubtful).stderr
    report = json.loads(sitmap("check", doubtful, "--json").stdout)
    by_place = {entry["place"]: entry for entry in report["ledger"]}
    assert (by_place["Tamorosa"]["pcode"], by_place["Tamorosa"]["how"]) == ("XA03", "decision")
    assert by_place["Blue market"]["reason"] == "decided-out"


def test_stopping_early_keeps_what_was_answered(doubtful: Path) -> None:
    result = sitmap("decide", doubtful, typed="\nXA03\n")
    assert result.exit_code == 1
    assert "1 name is still open." in result.stderr
    assert [each.place for each in read_decisions(doubtful / "decisions.csv")] == ["Tamorosa"]
    assert sitmap("decide", doubtful, typed="q\n").exit_code == 1


def test_a_new_decision_makes_a_new_edition(doubtful: Path) -> None:
    before = sitmap("counts", doubtful, "--level", "1", "--group", "IDP", "--format", "json")
    write_decisions(doubtful / "decisions.csv", [Decision("", "Tamorosa", "", "XA03")])
    after = sitmap("counts", doubtful, "--level", "1", "--group", "IDP", "--format", "json")
    values = [
        {row["pcode"]: row["value"] for row in json.loads(each.stdout)["rows"]}
        for each in (before, after)
    ]
    assert (values[0]["XA03"], values[1]["XA03"]) == (100, 300)


def test_a_broken_list_of_decisions_ends_in_one_sentence(doubtful: Path) -> None:
    text = "place,pcode\nTamorosa,XA03\nTamorosa,XA01\n"
    (doubtful / "decisions.csv").write_text(text, encoding="utf-8")
    result = sitmap("check", doubtful)
    assert result.exit_code == 2
    assert "decisions.csv, row 3" in result.stderr
