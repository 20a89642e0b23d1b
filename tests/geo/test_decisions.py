"""What a person decided once is replayed; writing it loses nothing."""

import pytest

from geo.decisions import Decision, questions, read_decisions, write_decisions
from geo.errors import DuplicateRow, MissingColumn
from geo.ledger import Asked, LedgerEntry, Suggestion, Verdict

NORDA = Decision("t.csv", "Nordé-sud", "XAA", "XA01", "asked the cluster", "A. N.", "2021-01-15")


def test_decisions_are_read_as_they_were_written(tmp_path):
    path = tmp_path / "decisions.csv"
    out = Decision("", 'Market, "old"', "", "leave out")
    write_decisions(path, [NORDA, out, NORDA])
    assert read_decisions(path) == (out, NORDA)
    assert out.leaves_out
    assert [each.name for each in tmp_path.iterdir()] == ["decisions.csv"]


def test_a_later_decision_on_the_same_name_replaces_the_earlier(tmp_path):
    path = tmp_path / "decisions.csv"
    write_decisions(path, [NORDA, Decision("t.csv", "Nordé-sud", "XAA", "XA02")])
    assert [each.pcode for each in read_decisions(path)] == ["XA02"]


def test_no_file_is_no_decision_and_a_failed_write_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "decisions.csv"
    assert read_decisions(path) == ()
    write_decisions(path, [NORDA])

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", broken)
    with pytest.raises(OSError, match="disk full"):
        write_decisions(path, [])
    assert read_decisions(path) == (NORDA,)
    assert [each.name for each in tmp_path.iterdir()] == ["decisions.csv"]


def test_a_name_decided_in_two_ways_and_a_missing_column_are_said(tmp_path):
    path = tmp_path / "decisions.csv"
    path.write_text("place,pcode\nNorda,XA01\nNorda,XA02\n", encoding="utf-8")
    with pytest.raises(DuplicateRow, match=r"row 3.*XA01 and XA02.*row 2"):
        read_decisions(path)
    path.write_text("place,code\nNorda,XA01\n", encoding="utf-8")
    with pytest.raises(MissingColumn, match="pcode"):
        read_decisions(path)


def entry(row, place, file="t.csv", parent=""):
    asked = (Asked(place, parent, (Suggestion("XA01", "Norda (XA01, level 1)", 80.0),)),)
    return LedgerEntry(
        file, row, place, Verdict.LEFT_OUT, "no place", reason="unknown-place", asked=asked
    )


def test_the_queue_asks_each_name_once_the_most_frequent_first():
    entries = [entry(2, "A"), entry(3, "B"), entry(4, "B"), entry(5, "B", parent="XB")]
    queue = questions([*entries, LedgerEntry("t.csv", 6, "Norda", Verdict.PLACED, "")])
    assert [(q.place, q.parent, q.rows) for q in queue] == [
        ("B", "", (3, 4)),
        ("A", "", (2,)),
        ("B", "XB", (5,)),
    ]
    decided = queue[0].decided("XA01", why="it is", who="A. N.")
    assert decided == Decision("t.csv", "B", "", "XA01", "it is", "A. N.")
