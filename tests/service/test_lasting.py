"""What lasts is set apart once for each edition, and garbage among it still goes."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.lasting import set_apart_what_lasts
from service.settings import Settings


class Ring:
    """Something that only a collection lets go of."""

    def __init__(self) -> None:
        self.me: Any = self


@pytest.fixture
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_what_lasts_is_out_of_later_collections_and_garbage_in_it_goes_with_the_next_edition() -> (
    None
):
    ring = Ring()
    gone = weakref.ref(ring)
    set_apart_what_lasts()
    del ring
    gc.collect()
    assert gone() is not None  # set apart: no collection looks at it
    set_apart_what_lasts()
    assert gone() is None
    assert gc.get_freeze_count() > 0


def test_it_is_told_once_that_an_edition_was_first_asked(published_folder: Path) -> None:
    told: list[str] = []
    settings = Settings(stores=(published_folder / ".sitmap" / "store.sqlite",), cache_entries=1)
    app = create_app(settings, on_first=lambda: told.append("first"))
    client = TestClient(app, base_url="http://127.0.0.1")
    counts = "/api/situations/xaa-2020/counts"
    assert client.get(f"{counts}?group=NONE").status_code == 404
    assert told == []
    for limit in (1, 2, 3):
        assert client.get(f"{counts}?group=IDP&limit={limit}").status_code == 200
    assert told == ["first"]


def test_it_is_told_once_that_tiles_and_values_of_an_edition_were_first_asked(
    published_folder: Path,
) -> None:
    told: list[str] = []
    settings = Settings(stores=(published_folder / ".sitmap" / "store.sqlite",), cache_entries=1)
    app = create_app(settings, on_first=lambda: told.append("first"))
    client = TestClient(app, base_url="http://127.0.0.1")
    maps = client.get("/api/situations/xaa-2020").json()["maps"]
    for tile in ("0/0/0", "4/8/7", "5/16/15"):
        path = f"/tiles/maps/xaa-2020/{maps[0]['id']}/{tile}.mvt"
        assert client.get(path).status_code == 200
    assert told == ["first"]
    for form in ("rows", "columns", "binary"):
        path = f"/api/situations/xaa-2020/values/{maps[0]['id']}?form={form}"
        assert client.get(path).status_code == 200
    assert told == ["first", "first"]
