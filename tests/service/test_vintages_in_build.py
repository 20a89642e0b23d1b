"""Tables collected on other boundaries: stopped where nobody says so, carried where somebody does.

The old XAA has its codes dealt otherwise: Norda is XA02, Séna XA03 and Tamar XA01; and old Tamar
reached half a degree into what is Séna now, a third of its ground.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from click.testing import CliRunner, Result
from shapely import box

from service.cli import main

Edited = Callable[[str, str, str], Path]

OLD = "place,pcode,value\nNorda,XA02,90\nSéna,XA03,40\nTamar,XA01,300\nXaaland,XA,430\n"


def sitmap(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def said(result: Result) -> str:
    return " ".join(result.stderr.split())


def answer(folder: Path, level: int = 1) -> dict[str, Any]:
    result = sitmap("counts", folder, "--level", level, "--group", "IDP", "--format", "json")
    assert result.exit_code in (0, 1), result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def by_unit(document: dict[str, Any], key: str = "value") -> dict[str, Any]:
    return {row["pcode"]: row.get(key) for row in document["rows"]}


@pytest.fixture
def old(edited: Edited) -> Path:
    """The situation, its table of displaced people collected on the old boundaries."""
    units = [
        ("XA", 0, "", "Xaaland", box(10, 10, 13, 12)),
        ("XA02", 1, "XA", "Norda", box(10, 10, 11, 12)),
        ("XA03", 1, "XA", "Séna", box(11, 10, 11.5, 12)),
        ("XA01", 1, "XA", "Tamar", box(11.5, 10, 13, 12)),
    ]
    frame = gpd.GeoDataFrame(
        [
            dict(zip(("pcode", "level", "parent", "name", "geometry"), u, strict=True))
            for u in units
        ],
        crs="EPSG:4326",
    ).assign(iso3="XAA")
    folder = edited(
        "situation.toml", 'file = "idps.csv"', 'file = "idps.csv"\nvintage = "old.geojson"'
    )
    (folder / "old.geojson").write_text(frame.to_json(), "utf-8")
    (folder / "idps.csv").write_text(OLD, "utf-8")
    return folder


def undeclared(folder: Path) -> Path:
    file = folder / "situation.toml"
    file.write_text(file.read_text("utf-8").replace('vintage = "old.geojson"\n', ""), "utf-8")
    return folder


def test_a_table_on_other_boundaries_is_stopped_and_the_right_ones_are_named(old: Path) -> None:
    result = sitmap("build", undeclared(old))
    assert result.exit_code == 2
    assert "idps.csv was collected on other boundaries: 3 of 4 codes bear another name" in said(
        result
    )
    assert 'Write vintage = "old.geojson" in its [[table]]' in said(result)
    assert not (old / ".sitmap").exists()


def test_declared_with_its_vintage_it_is_carried_and_the_total_is_exact(old: Path) -> None:
    result = sitmap("build", old)
    assert result.exit_code == 0, result.stderr
    found = answer(old)
    assert by_unit(found) == {"XA01": 90, "XA02": 40 + 100, "XA03": 200}
    assert (found["total"], found["stated_total"], found["unplaced"]) == (430, 430, 0)


def test_only_what_was_shared_out_is_a_range_and_the_whole_of_it_is_none(old: Path) -> None:
    low, high = by_unit(answer(old), "low"), by_unit(answer(old), "high")
    assert low["XA01"] is high["XA01"] is None
    assert 40 <= low["XA02"] < 140 < high["XA02"] <= 340
    # what is too few in one is too many in the other
    assert low["XA02"] - 40 + high["XA03"] == 300
    whole = answer(old, level=0)
    assert by_unit(whole) == {"XA": 430}
    assert by_unit(whole, "low") == {"XA": None}


def test_what_was_shared_out_is_marked_as_an_estimate_and_explained(old: Path) -> None:
    found = answer(old)
    assert by_unit(found, "carried") == {"XA01": [], "XA02": ["XA01", "XA03"], "XA03": ["XA01"]}
    assert any("old.geojson were shared out by area" in note for note in found["notes"])
    result = sitmap("render", old, "--format", "html", "--out", old / "out")
    assert result.exit_code == 0, result.stderr
    (page,) = (old / "out").glob("*.html")
    words = page.read_text("utf-8")
    assert "shared out by area" in words
    assert "about 140" in words


def test_every_row_of_a_carried_table_is_in_the_ledger_once(old: Path) -> None:
    document = json.loads(sitmap("check", old, "--json").stdout)
    (table, _) = document["tables"]
    assert table["collected_on"] == "old.geojson"
    assert (table["rows"], table["placed"], table["carried"]) == (4, 2, 2)
    why = {
        e["place"].split(" ")[0]: e["why"] for e in document["ledger"] if e["file"] == "idps.csv"
    }
    assert why["Tamar"] == "Tamar (XA01, level 1) is shared out by area: Séna (33%), Tamar (67%)"
    assert why["Séna"] == "Séna (XA03, level 1) is carried into Séna (XA02, level 1)"
    assert why["Norda"] == "Norda (XA02, level 1) is Norda (XA01, level 1) on our boundaries"


def test_given_shares_go_before_all_others(old: Path) -> None:
    with (old / "situation.toml").open("a", encoding="utf-8") as file:
        for into, weight in (("XA02", 0.25), ("XA03", 0.75)):
            file.write(f'\n[[crosswalk]]\nfrom = "XA01"\nto = "{into}"\nweight = {weight}\n')
    found = answer(old)
    assert by_unit(found) == {"XA01": 90, "XA02": 40 + 75, "XA03": 225}
    assert any("by given shares" in note for note in found["notes"])


def test_shares_that_do_not_sum_to_one_are_bad_input(old: Path) -> None:
    with (old / "situation.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[crosswalk]]\nfrom = "XA01"\nto = "XA02"\nweight = 0.25\n')
    result = sitmap("build", old)
    assert result.exit_code == 2
    assert "shares of unit 'XA01': [0.25] sum to 0.25" in said(result)


def test_a_share_of_a_unit_that_the_vintage_does_not_have_is_bad_input(old: Path) -> None:
    with (old / "situation.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[crosswalk]]\nfrom = "XA77"\nto = "XA02"\nweight = 1\n')
    result = sitmap("build", old)
    assert result.exit_code == 2
    assert "[[crosswalk]] from 'XA77': there is no such unit in vintage old" in said(result)


def weighted(folder: Path, weights: str) -> Path:
    file = folder / "situation.toml"
    text = file.read_text("utf-8")
    key = 'vintage = "old.geojson"\n'
    file.write_text(text.replace(key, f"{key}weights = {weights}\n"), "utf-8")
    return folder


def test_a_population_grid_tells_where_the_people_of_a_cut_unit_live(old: Path) -> None:
    import rasterio

    people = np.zeros((4, 6), dtype="float32")
    people[:, 3] = 90  # 11.5° to 12° E: of old Tamar, in Séna now
    people[:, 5] = 10
    with rasterio.open(
        old / "people.tif", "w", driver="GTiff", width=6, height=4, count=1, dtype="float32",
        crs="EPSG:4326", transform=rasterio.Affine(0.5, 0, 10, 0, -0.5, 12),
    ) as grid:  # fmt: skip
        grid.write(people, 1)
    found = answer(weighted(old, '{ grid = "people.tif" }'))
    assert by_unit(found) == {"XA01": 90, "XA02": 40 + 270, "XA03": 30}
    assert any("by a population grid" in note for note in found["notes"])


def test_settlements_tell_where_the_people_of_a_cut_unit_live(old: Path) -> None:
    towns = gpd.GeoDataFrame(
        {"population": [100, 200]}, geometry=gpd.points_from_xy([11.7, 12.5], [11, 11]), crs=4326
    )
    (old / "towns.geojson").write_text(towns.to_json(), "utf-8")
    found = answer(weighted(old, '{ settlements = "towns.geojson" }'))
    assert by_unit(found) == {"XA01": 90, "XA02": 40 + 100, "XA03": 200}
    assert any("by settlements" in note for note in found["notes"])


def test_a_grid_that_is_none_is_bad_input(old: Path) -> None:
    (old / "people.tif").write_text("404 not found", "utf-8")
    result = sitmap("build", weighted(old, '{ grid = "people.tif" }'))
    assert result.exit_code == 2
    assert "expected a georeferenced raster" in said(result)


def test_weights_without_a_vintage_are_bad_input(edited: Edited) -> None:
    folder = edited("situation.toml", 'file = "idps.csv"', 'file = "idps.csv"\nweights = "area"')
    result = sitmap("build", folder)
    assert result.exit_code == 2
    assert "the key 'weights' says how to carry a table" in said(result)


def test_what_could_not_be_placed_in_a_cut_unit_is_counted_in_what_holds_it(old: Path) -> None:
    table = old / "idps.csv"
    text = OLD.replace("place,pcode", "place,parent,pcode").replace(",XA", ",,XA")
    table.write_text(text.replace("430", "437") + "dispersed,XA01,,7\n", "utf-8")
    found = answer(old)
    assert by_unit(found) == {"XA01": 90, "XA02": 140, "XA03": 200}
    assert (found["total"], found["stated_total"]) == (430, 437)


FLOWS = """\
origin,origin_pcode,destination,destination_pcode,value
Séna,XA03,Norda,XA02,7
Norda,XA02,Tamar,XA01,11
"""
PRESENCE = """\
place,pcode,org,sector
Norda,XA02,Well Diggers,Water
Tamar,XA01,Well Diggers,Water
"""
MORE = """
[[table]]
file = "flows.csv"
kind = "flows"
source = "survey"
vintage = "old.geojson"
[table.defaults]
group = "IDP"
measure = "new"
kind = "estimate"
start = 2020-12-01
date = 2020-12-31

[[table]]
file = "presence.csv"
kind = "presence"
source = "survey"
vintage = "old.geojson"
defaults = { date = 2020-12-31 }
"""


def test_movements_and_partners_of_other_boundaries_are_never_split_by_shares(old: Path) -> None:
    from service.pipeline import build
    from service.situation_file import load_situation

    (old / "flows.csv").write_text(FLOWS, "utf-8")
    (old / "presence.csv").write_text(PRESENCE, "utf-8")
    file = old / "situation.toml"
    file.write_text(file.read_text("utf-8").replace("\n[[carry]]", f"{MORE}\n[[carry]]"), "utf-8")
    built = build(load_situation(old))
    assert built.released is not None
    flows = built.released.flows
    # from old Séna, which is in Séna; to old Tamar, of which only the country holds all
    assert sorted(zip(flows["origin"], flows["destination"], flows["value"], strict=True)) == [
        ("XA01", "XA", 11),
        ("XA02", "XA01", 7),
    ]
    presence = built.released.presence
    assert sorted(zip(presence["pcode"], presence["basis"], strict=True)) == [
        ("XA01", "explicit"),
        ("XA02", "inferred"),
        ("XA03", "inferred"),
    ]
    assert {
        e.file: sum(o.file == e.file for o in built.ledger.entries) for e in built.ledger.entries
    } == {
        "idps.csv": 4,
        "people.csv": 3,
        "flows.csv": 2,
        "presence.csv": 2,
    }


def test_the_fingerprint_knows_the_other_boundaries(old: Path) -> None:
    from service.publishing import fingerprint
    from service.situation_file import load_situation

    before = fingerprint(load_situation(old))
    text = (old / "old.geojson").read_text("utf-8")
    (old / "old.geojson").write_text(text.replace("Tamar", "Tamara"), "utf-8")
    assert fingerprint(load_situation(old)) != before


# --- Mali ---------------------------------------------------------------------------------------------

MALI = """\
id = "mali"
title = "Mali"
as_of = 2020-12-31
[boundaries]
countries = ["MLI"]
focus = "MLI"
vintage = "cod_2019.geojson"
[[source]]
id = "invented"
title = "Invented figures"
publisher = "Nobody"
date = 2020-12-31
sensitivity = "public"
[[table]]
file = "idps.csv"
kind = "figures"
source = "invented"
defaults = {{ group = "IDP", measure = "stock", kind = "registered", date = 2020-12-31 }}
{more}
[[map]]
id = "idps"
title = "Displaced people"
[[map.layer]]
kind = "symbols"
level = 2
group = "IDP"
"""


@pytest.fixture
def mali(tmp_path: Path, shared_data: Path) -> Callable[[str], Path]:
    """A table of invented figures for the cercles of 2015, on the boundaries of 2019."""
    from boundaries.files import read_boundaries

    folder = shared_data / "boundaries"
    shutil.copy(folder / "cod_2019_sahel" / "MLI_adm2.geojson", tmp_path / "cod_2019.geojson")
    for path in (folder / "mli_cod_2015").glob("mli_admbnda_adm2_gov_ocha_itos.*"):
        shutil.copy(path, tmp_path / f"cod_2015{path.suffix}")
    cercles = read_boundaries(tmp_path / "cod_2015.shp").at(2)
    lines = [
        f"{name},{code},{100 + 7 * n}"
        for n, (name, code) in enumerate(zip(cercles["name"], cercles["pcode"], strict=True))
    ]
    (tmp_path / "idps.csv").write_text("\n".join(["place,pcode,value", *lines]), "utf-8")

    def situation(more: str) -> Path:
        (tmp_path / "situation.toml").write_text(MALI.format(more=more), "utf-8")
        return tmp_path

    return situation


@pytest.mark.shared
def test_a_table_coded_in_2015_is_stopped_on_the_boundaries_of_2019_naming_2015(
    mali: Callable[[str], Path],
) -> None:
    result = sitmap("build", mali(""))
    assert result.exit_code == 2
    assert "41 of 50 codes bear another name in vintage cod-2019" in said(result)
    assert "vintage cod_2015.shp fits, 50 of 50 agree" in said(result)


@pytest.mark.shared
def test_declared_as_2015_it_is_carried_to_2019_with_the_total_exact(
    mali: Callable[[str], Path],
) -> None:
    folder = mali('vintage = "cod_2015.shp"')
    result = sitmap("build", folder, "--json")
    assert result.exit_code == 0, result.stderr
    (table,) = json.loads(result.stdout)["tables"]
    assert (table["rows"], table["placed"], table["carried"]) == (50, 32, 18)
    found = answer(folder, level=2)
    total = sum(100 + 7 * n for n in range(50))
    assert found["total"] == sum(by_unit(found).values()) == total
    ranges = [row for row in found["rows"] if "low" in row]
    assert ranges
    assert all(row["low"] <= row["value"] <= row["high"] for row in ranges)
    assert answer(folder, level=0)["total"] == total


def test_a_vintage_brought_in_anew_makes_counts_build_anew(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITMAP_DATA", str(tmp_path / "shelf"))
    file = old / "situation.toml"
    file.write_text(file.read_text("utf-8").replace('"old.geojson"', '"xaa-old"'), "utf-8")
    drawn = gpd.read_file(old / "old.geojson").drop(columns="id", errors="ignore")
    drawn.to_file(tmp_path / "first.geojson")
    # the second drawing has no Tamar beyond its own ground: nobody is shared out
    narrow = {"XA03": box(11, 10, 12, 12), "XA01": box(12, 10, 13, 12)}
    drawn["geometry"] = [
        narrow.get(code, shape) for code, shape in zip(drawn["pcode"], drawn.geometry, strict=True)
    ]
    drawn.to_file(tmp_path / "second.geojson")

    found = []
    for name, *anew in (("first.geojson",), ("second.geojson", "--replace")):
        brought = sitmap("boundaries", "import", tmp_path / name, "--as", "xaa-old", "--yes", *anew)
        assert brought.exit_code == 0, brought.stderr
        found.append(by_unit(answer(old)))
    assert found == [
        {"XA01": 90, "XA02": 140, "XA03": 200},
        {"XA01": 90, "XA02": 40, "XA03": 300},
    ]
