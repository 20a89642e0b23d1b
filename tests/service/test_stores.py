"""One option names every kind of store, and no address is ever shown with its password."""

import os
from pathlib import Path

import pytest

from service.errors import BadStoreAddress
from service.settings import Settings
from service.stores import (
    at_hand,
    home_of,
    is_there,
    joined_addresses,
    marks_of,
    parsed_address,
    shown,
    split_addresses,
)

URL = "postgresql://ann:secret@db.example:5433/figures?sslmode=require"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("stores/a.sqlite", Path("stores/a.sqlite")),
        ("sqlite:///stores/a.sqlite", Path("stores/a.sqlite")),
        ("sqlite:////srv/a.sqlite", Path("/srv/a.sqlite")),
        (URL, URL),
        ("postgres://db/x", "postgres://db/x"),
    ],
)
def test_an_address_is_a_file_or_a_database(text: str, meant: Path | str) -> None:
    assert parsed_address(text) == meant


@pytest.mark.parametrize("text", ["mysql://ann:secret@db/x", "sqlite://", "https://db/x", ""])
def test_another_kind_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadStoreAddress) as error:
        parsed_address(text)
    assert "secret" not in str(error.value)


def test_addresses_travel_to_the_workers_and_back() -> None:
    files = (Path("a"), Path("b c"))
    for addresses in (files, (URL,), (URL, *files)):
        assert split_addresses(joined_addresses(addresses)) == addresses
    assert split_addresses(f"a{os.pathsep}b c") == files
    assert split_addresses("") == ()
    assert Settings.from_environment({"SITMAP_STORES": URL}).stores == (URL,)


def test_a_password_is_not_shown_and_does_not_change_where_things_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITMAP_DATA", str(tmp_path))
    assert shown(URL) == "postgresql://ann@db.example:5433/figures"
    assert home_of(URL) == home_of(URL.replace("secret", "changed"))
    assert home_of(URL).is_relative_to(tmp_path)
    assert marks_of(URL).parent == home_of(URL)
    assert not at_hand(URL)  # nothing kept yet
    assert is_there(URL)  # it has to be asked


def test_what_belongs_to_a_file_lies_beside_it() -> None:
    file = Path("folder") / "store.sqlite"
    assert home_of(file) == Path("folder")
    assert marks_of(file) == Path("folder") / "store.built.json"
    assert shown(file) == str(file)
    assert not at_hand(file)
