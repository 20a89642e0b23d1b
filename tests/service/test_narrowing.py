"""Narrowing a map: the same figures everywhere, and an error that names what there is."""

import datetime as dt
import io
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geo.errors import NoSuchLevel, UnknownDate, UnknownGroup, UnknownMeasure, UnknownOrigin
from geo.release import ReleasedFigures
from maps.errors import NothingToDraw
from maps.messages import format_number
from maps.spec import LayerSpec, MapSpec
from service.narrowing import AS_PUBLISHED, Narrowing, narrowed, offers_of
from service.published import Published

JUNE, DECEMBER = dt.date(2020, 6, 30), dt.date(2020, 12, 31)
OVERVIEW = MapSpec(
    "overview",
    {"en": "Displaced people"},
    (
        LayerSpec("choropleth", ("IDP",), per="population"),
        LayerSpec("symbols", ("IDP", "REF", "RET")),
    ),
)


@pytest.fixture(scope="module")
def published(xaa: Any, xaa_released: ReleasedFigures) -> Published:
    """An edition of the figures that the other rooms are tested on, without a store."""
    edition = type("Edition", (), {"id": "e1"})()
    return type(
        "InMemory",
        (Published,),
        {"boundaries": xaa, "whole_vintage": xaa},
    )(edition, xaa_released, (OVERVIEW,), xaa.vintage, Path())


def kinds(spec: MapSpec) -> list[tuple[str, tuple[str, ...]]]:
    return [(layer.kind, layer.groups) for layer in spec.layers]


def test_nothing_asked_is_the_map_as_published(published: Published) -> None:
    assert narrowed(published, "overview", AS_PUBLISHED) is published.maps[0]


def test_a_group_keeps_the_layers_that_have_it_and_names_the_map(published: Published) -> None:
    spec = narrowed(published, "overview", Narrowing(group="REF"))
    assert kinds(spec) == [("symbols", ("REF",))]
    assert spec.title["en"] == "Refugees"
    assert spec.title["ar"] == "اللاجئون"


def test_a_group_without_the_layers_figures_gets_a_layer_of_its_own(published: Published) -> None:
    spec = narrowed(published, "overview", Narrowing(show="flows", group="REF"))
    assert kinds(spec) == [("flows", ("REF",))]
    assert spec.layers[0].measure == "stock"


def test_a_day_leaves_out_the_groups_that_have_none(published: Published) -> None:
    spec = narrowed(published, "overview", Narrowing(date=JUNE))
    assert kinds(spec) == [("choropleth", ("IDP",)), ("symbols", ("IDP",))]
    assert spec.as_of == JUNE
    assert spec.title == OVERVIEW.title


def test_two_days_of_a_series_have_the_same_classes_and_the_same_largest_circle(
    published: Published,
) -> None:
    june, december = (
        published.scene("overview", "en", Narrowing(group="IDP", date=day))
        for day in (JUNE, DECEMBER)
    )
    assert june.choropleth_legend.upper == december.choropleth_legend.upper
    assert june.symbol_legend.maximum == december.symbol_legend.maximum == 1200


@pytest.mark.parametrize(
    ("asked", "error", "known"),
    [
        (Narrowing(group="STA"), UnknownGroup, ("IDP", "REF", "RET")),
        (Narrowing(group="IDP", date=dt.date(1999, 1, 1)), UnknownDate, (JUNE, DECEMBER)),
        (Narrowing(group="RET", measure="stock"), UnknownMeasure, ("new",)),
        (Narrowing(group="IDP", level=2), NoSuchLevel, (0, 1)),
        (Narrowing(group="IDP", origin="XB"), UnknownOrigin, None),
        (Narrowing(show="presence", group="IDP"), NothingToDraw, None),
    ],
)
def test_what_is_not_there_is_an_error_that_names_what_is(
    published: Published, asked: Narrowing, error: type[Exception], known: Any
) -> None:
    with pytest.raises(error) as told:
        narrowed(published, "overview", asked)
    if known:
        assert told.value.known == known


def test_an_origin_narrows_to_the_people_from_there(published: Published) -> None:
    scene = published.scene("overview", "en", Narrowing(group="REF", origin="XC"))
    assert [(mark.place, mark.parts[0].value) for mark in scene.symbols] == [("XA01", 20)]


# --- the same figure wherever it is read ---------------------------------------------------------


@pytest.fixture(scope="module")
def client(published_folder: Path, connect: Callable[..., Any]) -> Any:
    from service.app import create_app
    from service.settings import Settings

    stores = (published_folder / ".sitmap" / "store.sqlite",)
    return connect(create_app(Settings(stores=stores, base_url="https://maps.example")))


def _columns(document: dict[str, Any], codes: list[str]) -> dict[str, list[str]]:
    """Read the figures of each unit out of the columns, as the explorer's table does."""
    found: dict[str, list[str]] = {code: [] for code in codes}
    for unit, code in enumerate(codes):
        areas, symbols = document["areas"], document["symbols"]
        if areas and areas["key"][unit] is not None:
            count = areas["count"][unit]
            found[code].append(_written(count, document["lang"]))
        for group in symbols["groups"] if symbols else ():
            said = group["said"].get(str(unit))
            value = group["value"][unit]
            if said or value is not None:
                found[code].append(said or _written(value, document["lang"]))
    return found


def _written(cell: float | str, lang: str) -> str:
    return cell if isinstance(cell, str) else format_number(cell, lang)


def test_a_figure_is_the_same_in_table_columns_legend_csv_and_print(client: Any) -> None:
    chance = random.Random(7)  # noqa: S311 - which specs are tried is no secret
    codes = client.get("/api/situations/xaa-2020/units?level=1").json()["pcode"]
    for number in range(100):
        asked = {
            "lang": chance.choice(["en", "fr", "es", "ar"]),
            **({"group": "IDP"} if chance.random() < 0.7 else {}),
            **({"show": chance.choice(["choropleth", "symbols"])} if chance.random() < 0.7 else {}),
            **({"date": "2020-12-31"} if chance.random() < 0.5 else {}),
        }
        values = "/api/situations/xaa-2020/values/idps"
        columns = client.get(values, params={**asked, "form": "columns"}).json()
        rows = {row["pcode"]: row for row in client.get(values, params=asked).json()["rows"]}
        counts = client.get(
            "/api/situations/xaa-2020/counts",
            params={"group": "IDP", "level": 1, "format": "csv"},
        ).text
        table = {line.split(",")[0]: line for line in counts.splitlines()[1:]}
        # drawing takes a second: every tenth is read off the printed page too
        printed = (
            client.get("/maps/xaa-2020/idps.svg", params=asked).text if not number % 10 else ""
        )
        for code, cells in _columns(columns, codes).items():
            row = rows[code]
            value = row["count"] if row["count"] is not None else row["figures"]["IDP"]
            assert set(cells) == {format_number(value, asked["lang"])}
            assert f",{value}," in table[code]
            if printed and columns["symbols"] and value:
                assert format_number(value, asked["lang"]) in printed
        if areas := columns["areas"]:
            for unit, code in enumerate(codes):
                colour, _ = areas["keys"][areas["key"][unit]]
                assert colour == rows[code]["colour"]


def test_columns_are_small_and_rows_say_which_series_they_are(client: Any) -> None:
    values = "/api/situations/xaa-2020/values/idps"
    layers = client.get(f"{values}?group=IDP").json()["layers"]
    assert [layer["kind"] for layer in layers] == ["choropleth", "symbols"]
    assert "pcode" not in client.get(f"{values}?form=columns").text


def test_pictures_tiles_and_styles_take_the_same_filters(client: Any) -> None:
    asked = "group=IDP&date=2020-12-31&show=symbols"
    for path in ("idps.svg", "idps.txt", "idps/legend.svg", "idps/legend.json"):
        assert client.get(f"/maps/xaa-2020/{path}?{asked}").status_code == 200
    tiles = client.get(f"/maps/xaa-2020/idps/tilejson.json?{asked}").json()["tiles"][0]
    words = tiles.removeprefix("https://maps.example").replace("{z}/{x}/{y}", "0/0/0")
    assert set(re.findall(r"(\w+)=", words)) == {"group", "date", "show"}
    assert client.get(words).status_code == 200
    lines = client.get("/tiles/maps/xaa-2020/idps/5/16/15.mvt?layers=land,boundaries")
    assert lines.status_code == 200
    assert client.get("/tiles/maps/xaa-2020/idps/0/0/0.mvt?layers=roads").status_code == 400


def test_a_tile_of_a_situations_countries_has_the_ids_of_its_units(client: Any) -> None:
    import mapbox_vector_tile

    document = client.get("/api/situations/xaa-2020").json()
    vintage = document["vintage"]["content"]
    at = f"/tiles/boundaries/{vintage}/1/5/16/15.mvt"
    codes = client.get("/api/situations/xaa-2020/units?level=1").json()["pcode"]
    tile = mapbox_vector_tile.decode(client.get(f"{at}?countries=XAA").content)
    units = {f["id"]: f["properties"]["pcode"] for f in tile["units"]["features"]}
    assert units == {i: code for i, code in enumerate(codes) if code in units.values()}
    assert client.get(f"{at}?countries=FRA").status_code == 404
    assert client.get(f"{at}?countries=XA").status_code == 400


def test_a_spreadsheet_of_counts_has_the_figures_of_the_map(client: Any) -> None:
    answer = client.get("/api/situations/xaa-2020/counts?group=IDP&level=1&format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    head, *rows = sheet.iter_rows(values_only=True)
    value = head.index("value")
    assert {row[0]: row[value] for row in rows if str(row[0]).startswith("XA0")} == {
        "XA01": 1200,
        "XA02": 0,
        "XA03": 340,
    }


# --- people per km² and hosts -------------------------------------------------------------------------


def related(published: Published, per: str, *, inhabitants: bool = True) -> Published:
    """The edition with a map of its own that shades IDPs, with or without a count of inhabitants."""
    from dataclasses import replace

    shaded = MapSpec("shaded", {"en": "Shaded"}, (LayerSpec("choropleth", ("IDP",), per=per),))
    released = published.released
    if not inhabitants:
        table = released.figures
        released = replace(released, figures=table[table["group"] != "POP"])
    return type(published)(
        published.edition, released, (OVERVIEW, shaded), published.vintage, published.home
    )


def shown(published: Published, map_id: str) -> set[tuple[str, dt.date]]:
    there = offers_of(published, published.map(map_id))
    return {(o.group, day) for o in there if o.show == "choropleth" for day in o.dates}


def test_a_map_of_people_per_km2_is_offered_without_inhabitants_and_the_others_are_not(
    published: Published,
) -> None:
    bare = related(published, "area", inhabitants=False)
    assert ("IDP", JUNE) in shown(bare, "shaded")
    assert shown(bare, "overview") == set()
    spec = narrowed(bare, "shaded", Narrowing(group="REF"))
    assert [(layer.kind, layer.per) for layer in spec.layers] == [("symbols", None)]
    spec = narrowed(bare, "shaded", Narrowing(show="choropleth", group="REF"))
    assert [(layer.kind, layer.per) for layer in spec.layers] == [("choropleth", "area")]


def test_a_map_of_rates_is_never_narrowed_to_people_per_km2(published: Published) -> None:
    both = related(published, "area")
    spec = narrowed(both, "overview", Narrowing(group="IDP", date=JUNE))
    assert [layer.per for layer in spec.layers if layer.kind == "choropleth"] == ["population"]


@pytest.mark.parametrize("per", ["area", "displaced"])
def test_days_of_a_series_share_their_classes_whatever_people_are_related_to(
    published: Published, per: str
) -> None:
    both = related(published, per)
    breaks = {
        narrowed(both, "shaded", Narrowing(group="IDP", date=day)).layers[0].breaks
        for day in (JUNE, DECEMBER)
    }
    assert len(breaks) == 1
    assert next(iter(breaks))
