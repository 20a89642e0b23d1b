"""Where people come from over all time, asked over HTTP; stocks of different days are never added."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.app import create_app
from service.settings import Settings

ORIGINS = "/api/situations/xaa-2020/origins"


@pytest.fixture(scope="module")
def client(released_store: Path, connect: Callable[..., Any]) -> Any:
    return connect(create_app(Settings(stores=(released_store,))))


def test_each_origin_and_unit_is_one_row(client: Any) -> None:
    answer = client.get(f"{ORIGINS}?level=1&group=REF").json()
    assert (answer["measure"], answer["unit"]) == ("stock", "persons")
    rows = {(row["origin"], row["pcode"]): row for row in answer["rows"]}
    assert {key: row["latest"] for key, row in rows.items()} == {
        ("XB", "XA01"): 50,
        ("XB", "XA03"): 400,
        ("XC", "XA01"): 20,
    }
    row = rows[("XC", "XA01")]
    assert (row["days"], row["first"], row["last"]) == (1, "2020-12-31", "2020-12-31")
    assert (row["peak"], row["total"]) == (20, None)
    assert (row["origin_name"], row["name"]) == ("XC", "Norda")  # of no country of the world


def test_one_origin_and_pages(client: Any) -> None:
    only = client.get(f"{ORIGINS}?group=REF&origin=XC").json()["rows"]
    assert [row["origin"] for row in only] == ["XC"]
    first = client.get(f"{ORIGINS}?group=REF&limit=2")
    assert len(first.json()["rows"]) == 2
    assert 'rel="next"' in first.headers["link"]
    tag = {"If-None-Match": first.headers["etag"]}
    assert client.get(f"{ORIGINS}?group=REF&limit=2", headers=tag).status_code == 304


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ("group=STA", 404, "unknown-group"),
        ("group=REF&level=3", 404, "no-such-level"),
        ("group=REF&measure=new", 404, "unknown-measure"),
        ("", 400, "bad-parameter"),
        ("group=REF&limit=10001", 400, "limit-exceeded"),
    ],
)
def test_what_is_not_there_has_a_code(client: Any, asked: str, status: int, code: str) -> None:
    answer = client.get(f"{ORIGINS}?{asked}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
