"""Matches of real tables are right, judged by labels made by hand that no rule was chosen on."""

import importlib
from pathlib import Path

import pytest

pytestmark = pytest.mark.shared

_BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def bench():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(_BENCHMARKS)
        return importlib.import_module("bench_matching")


def test_rows_that_name_a_unit_are_matched_and_none_is_wrong(bench, shared_data):
    labels = bench.read_labels("places_holdout.csv")
    result = bench.score(shared_data, labels)
    assert result.texts >= 300
    assert result.errors == ()
    assert result.recall >= 0.95


def test_the_spellings_of_mali_are_matched(bench, shared_data):
    labels = bench.read_labels("places_mali.csv")
    result = bench.score(shared_data, labels)
    assert result.texts == 55
    assert result.errors == ()
    assert result.recall >= 0.95


def test_names_of_other_countries_are_not_taken(bench, shared_data):
    tried, taken, _ = bench.foreign_names(shared_data, ["CIV", "MRT", "TCD"], 20260304)
    assert tried == 1200
    assert taken / tried <= 0.001
