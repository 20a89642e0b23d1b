"""A population grid in ``situation.toml``: its people become inhabitants, and its source travels with them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo.errors import ReleaseRefused
from service.app import create_app
from service.errors import BadSituation
from service.pipeline import build
from service.publishing import publish, up_to_date
from service.raster_shelf import kept_rasters
from service.settings import Settings
from service.situation_file import load_situation
from service.terminal import Terminal

# rio-tiler and affine warn of their own futures
pytestmark = pytest.mark.filterwarnings(
    "ignore::PendingDeprecationWarning", "ignore::FutureWarning"
)

GRID_SOURCE = """\
[[source]]
id = "grid"
title = "Gridded population"
publisher = "Xaa Grids"
date = 2020-07-01
licence = "CC BY 4.0"
sensitivity = "public"

[[table]]
file = "idps.csv"
"""


@pytest.fixture
def declared(folder: Path) -> Callable[..., Path]:
    """Declare a grid of half a degree: 1,000 persons a cell in Norda, 500 in Séna, 250 in Tamar."""
    import rasterio
    from rasterio import Affine

    cells = np.repeat([[1000.0, 1000, 500, 500, 250, 250]], 4, axis=0).astype(np.float32)

    def declare(lines: str, *, people: Any = cells, sensitivity: str = "public") -> Path:
        with rasterio.open(
            folder / "grid.tif", "w", driver="GTiff", width=people.shape[1], height=4, count=1,
            dtype="float32", crs="EPSG:4326", transform=Affine(0.5, 0, 10, 0, -0.5, 12), nodata=-99,
        ) as dataset:  # fmt: skip
            dataset.write(people, 1)
        text = (folder / "situation.toml").read_text("utf-8")
        source = GRID_SOURCE.replace('"public"', f'"{sensitivity}"')
        text = text.replace('[[table]]\nfile = "idps.csv"\n', source, 1)
        text = text.replace(
            "[[map]]", f'[[raster]]\nid = "people"\nfile = "grid.tif"\nsource = "grid"\n{lines}\n\n[[map]]', 1
        )  # fmt: skip
        (folder / "situation.toml").write_text(text, "utf-8")
        return folder

    return declare


def scene_of(folder: Path, lang: str = "en") -> Any:
    found = up_to_date(folder, store=None, terminal=Terminal(quiet=True, progress=False))
    return found.scene("idps", lang)


def test_rates_are_per_the_people_of_the_grid_and_say_whose_and_when(declared) -> None:
    scene = scene_of(declared("level = 1"))
    fills = {fill.pcode: fill for fill in scene.fills}
    assert fills["XA01"].value == pytest.approx(1200 / 8000 * 1000)
    assert fills["XA03"].value == pytest.approx(340 / 2000 * 1000)
    assert "Xaa Grids, 1 July 2020" in scene.choropleth_legend.subtitle
    assert any("Xaa Grids" in line and "CC BY 4.0" in line for line in scene.sources)
    (row,) = [row for row in scene.twins[0].rows if row[1] == "XA01"]
    assert row[3] == "8,000"


@pytest.mark.parametrize("form", ["svg", "html", "json", "txt"])
def test_the_grids_source_and_day_are_in_every_output(declared, connect, form: str) -> None:
    folder = declared("level = 1")
    publish(build(load_situation(folder)))
    client = connect(create_app(Settings(stores=(folder / ".sitmap" / "store.sqlite",))))
    if form in ("svg", "html"):
        words = client.get(f"/maps/xaa-2020/idps.{form}").text
        assert "Xaa Grids" in words
        return
    values = client.get("/api/situations/xaa-2020/values/idps?form=columns").json()
    assert any("Xaa Grids" in line for line in values["sources"])
    assert "1 July 2020" in values["areas"]["subtitle"]
    legend = client.get("/maps/xaa-2020/idps/legend.json").json()
    assert "Xaa Grids, 1 July 2020" in legend["choropleth"]["subtitle"]
    (source,) = [
        each for each in client.get("/api/situations/xaa-2020/sources").json()["sources"]
        if each["id"] == "grid"
    ]  # fmt: skip
    assert source["date"] == "2020-07-01"


def test_a_figure_of_a_grid_names_its_file_its_source_and_that_it_is_an_estimate(declared) -> None:
    built = build(load_situation(declared("level = 1")))
    people = built.released.figures
    people = people[(people["group"] == "POP") & (people["date"].astype(str) == "2020-07-01")]
    ours = people[people["pcode"] == "XA01"].iloc[0]
    assert (ours["sources"], ours["rows"], ours["kind"]) == ("grid", "grid.tif:2", "estimate")
    assert people[people["pcode"] == "XA"]["value"].tolist() == [14_000]
    entries = [entry for entry in built.ledger.entries if entry.file == "grid.tif"]
    assert [entry.verdict.value for entry in entries] == ["placed"] * 3
    (table,) = [read for read in built.tables if read.name == "grid.tif"]
    assert "cells of 0.5 × 0.5 degrees; -99 stands for no value" in table.grid
    (source,) = [each for each in built.released.sources if each.id == "grid"]
    assert table.grid in source.note


def test_a_unit_that_the_grid_leaves_out_has_no_rate_and_is_not_zero(declared) -> None:
    narrow = np.full((4, 5), 500, dtype=np.float32)  # half of Tamar is missing
    scene = scene_of(declared("level = 1", people=narrow))
    fills = {fill.pcode: fill for fill in scene.fills}
    assert fills["XA01"].state == "figure"
    assert (fills["XA03"].state, fills["XA03"].value) == ("no_population", None)


def test_a_grid_of_a_source_that_is_not_public_publishes_nothing(declared) -> None:
    folder = declared("level = 1\nunderlay = true", sensitivity="restricted")
    with pytest.raises(ReleaseRefused):
        publish(build(load_situation(folder)))
    assert kept_rasters(folder / ".sitmap", "xaa-2020") == ()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("", "a raster is for something"),
        ("level = 3", "has no units of level 3"),
        ('level = 1\nfiel = "x"', "file"),
    ],
)
def test_what_is_amiss_with_a_declared_grid_is_said(declared, lines: str, told: str) -> None:
    folder = declared(lines)
    with pytest.raises(BadSituation, match=told):
        build(load_situation(folder))


def test_a_grid_that_is_not_there_is_said_at_its_key(declared) -> None:
    folder = declared("level = 1")
    (folder / "grid.tif").unlink()
    with pytest.raises(BadSituation, match=r"\[\[raster\]\] 1, file"):
        load_situation(folder)


# --- under the maps -----------------------------------------------------------------------------------


def test_an_underlay_is_kept_beside_the_store_until_it_is_declared_no_more(declared) -> None:
    folder = declared("underlay = true")
    home = folder / ".sitmap"
    publish(build(load_situation(folder)))
    (kept,) = kept_rasters(home, "xaa-2020")
    assert (kept.name, kept.publisher, kept.date) == ("people", "Xaa Grids", "2020-07-01")
    publish(build(load_situation(folder)))
    assert kept_rasters(home, "xaa-2020") == (kept,)  # not written anew
    text = (folder / "situation.toml").read_text("utf-8")
    (folder / "situation.toml").write_text(text.replace("underlay = true", "level = 1"), "utf-8")
    publish(build(load_situation(folder)))
    assert kept_rasters(home, "xaa-2020") == ()
    assert not list((home / "rasters").rglob("*.tif"))


@pytest.mark.parametrize(("lang", "words"), [("en", "Population grid"), ("ar", "شبكة السكان")])
def test_the_explorer_offers_it_with_legend_day_and_publisher(
    declared, connect, lang, words
) -> None:
    folder = declared("underlay = true")
    publish(build(load_situation(folder)))
    client = connect(create_app(Settings(stores=(folder / ".sitmap" / "store.sqlite",))))
    page = client.get(f"/view/xaa-2020/idps?lang={lang}&under=people").text
    assert f'value="people"> {words} (Xaa Grids' in page.replace("\u2068", "")
    data = json.loads(page.split('id="situation">')[1].split("</script>")[0])
    assert data["state"]["under"] == "people"
    (under,) = data["underlays"]
    assert "2020" in under["said"]
    assert "CC BY 4.0" in under["said"]
    assert "0.5°" in under["unit"]
    assert under["bounds"] == pytest.approx([10, 10, 13, 12])
    lightness = [int(colour[1:3], 16) for colour, _ in under["steps"]]
    assert lightness == sorted(lightness, reverse=True)
    missed = client.get("/view/xaa-2020/idps?under=gone").text
    assert '"missed":["Population grid"]' in missed


def test_the_grid_of_another_file_is_published_anew(declared) -> None:
    folder = declared("underlay = true")
    home = folder / ".sitmap"
    publish(build(load_situation(folder)))
    (before,) = kept_rasters(home, "xaa-2020")
    import rasterio

    with rasterio.open(folder / "grid.tif", "r+") as dataset:
        dataset.write(np.full((1, 4, 6), 7, dtype=np.float32))
    publish(build(load_situation(folder)))
    (after,) = kept_rasters(home, "xaa-2020")
    assert after.content != before.content
    assert after.top == 7
