"""A map from far and near: nobody is lost, nobody counted twice, and nothing withheld is told."""

import math
from dataclasses import replace
from itertools import pairwise

import mapbox_vector_tile
import pandas as pd
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.counts import CountQuery, counts
from geo.release import ReleasedFigures
from geo.tables import UNIT_FIGURE_COLUMNS, UNIT_FLOW_COLUMNS, typed_frame
from maps.compose import compose
from maps.compose_wider import WiderScene, wider_scenes
from maps.mvt import map_tile
from maps.spec import LayerSpec, MapSpec
from maps.style import style_json, tilejson
from maps.tile_address import tiles_covering
from maps.tile_geometry import TileGeometry
from maps.tile_levels import LEAST_ACROSS, TILE_PIXELS, MapLevels, across, level_ranges
from maps.tile_values import scene_values
from maps.web_view import ScreenView
from maps.web_wider import wider_marks

DISTRICTS = ("XA0101", "XA0102", "XA0201", "XA0202", "XA0301", "XA0302")
REGIONS = ("XA01", "XA02", "XA03")
TOWNS = pd.DataFrame(
    columns=["name", "name_fr", "name_es", "name_ar", "lon", "lat", "iso3", "kind", "rank", "population"]
)  # fmt: skip
CIRCLES = LayerSpec("symbols", groups=("IDP",), level=2)
BANDS = LayerSpec("flows", groups=("IDP",), measure="new", level=2, ends=2)

persons = st.integers(1, 100_000).map(float)
figures = st.fixed_dictionaries(
    dict.fromkeys(
        DISTRICTS,
        st.one_of(persons, persons, st.just(0.0), st.sampled_from(("not_reported", "suppressed"))),
    )
)
moves = st.dictionaries(
    st.tuples(st.sampled_from((*DISTRICTS, *REGIONS)), st.sampled_from(DISTRICTS)), persons, max_size=12
)  # fmt: skip


def figure(pcode: str, value: float | str, **more: object) -> dict[str, object]:
    known = isinstance(value, float)
    row = dict.fromkeys(UNIT_FIGURE_COLUMNS, "") | {
        "pcode": pcode, "level": len(pcode) // 2 - 1, "unplaced": False, "group": "IDP",
        "measure": "stock", "kind": "registered", "unit": "persons", "start": None,
        "date": pd.Timestamp("2020-12-31").date(), "value": value if known else math.nan,
        "state": "figure" if known else value, "qualifier": "exact", "basis": "stated",
        "sources": "survey", "low": math.nan, "high": math.nan,
    }  # fmt: skip
    return row | more


def rolled_up(districts: dict[str, float | str], unplaced: dict[str, float]) -> list[dict]:
    """Return rows of every level, added up as `join` does: by hand, and what is unknown is not 0."""
    rows = [figure(pcode, value) for pcode, value in districts.items()]
    rows += [
        figure(pcode, value, level=2, unplaced=True) for pcode, value in unplaced.items() if value
    ]
    total = 0.0
    for region in REGIONS:
        mine = [value for pcode, value in districts.items() if pcode.startswith(region)]
        known = [value for value in mine if isinstance(value, float)]
        if not known and not unplaced.get(region):
            rows.append(figure(region, "not_reported", basis="summed"))
            continue
        value = sum(known) + unplaced.get(region, 0.0)
        total += value
        weak = "exact" if len(known) == len(mine) else "at_least"
        rows.append(figure(region, value, basis="summed", qualifier=weak))
    if any(isinstance(value, float) for value in districts.values()) or total:
        rows.append(figure("XA", total, basis="summed", qualifier="at_least"))
    return rows


@pytest.fixture(scope="module")
def seen(xaa, xaa_world, xaa_released):
    """Return a function: rows of figures and flows to a map's scene and its released figures."""

    def make(
        *layers: LayerSpec, rows: list[dict] = (), flows: list[dict] = ()
    ) -> tuple[tuple[WiderScene, ...], ReleasedFigures]:
        released = replace(
            xaa_released,
            figures=typed_frame(list(rows), UNIT_FIGURE_COLUMNS) if rows else xaa_released.figures,
            flows=typed_frame(list(flows), UNIT_FLOW_COLUMNS) if flows else xaa_released.flows,
            notes=(),
        )
        spec = MapSpec("m", {"en": "A map"}, layers)
        scene = compose(spec, released, xaa, xaa_world, TOWNS, lang="en", edition="e1")
        return wider_scenes(scene, spec, released, xaa, xaa_world), released

    return make


def flow(origin: str, destination: str, value: float | None, **more: object) -> dict[str, object]:
    return {
        "origin": origin, "destination": destination, "group": "IDP", "measure": "new",
        "kind": "estimate", "unit": "persons", "start": pd.Timestamp("2020-12-01").date(),
        "date": pd.Timestamp("2020-12-31").date(), "value": math.nan if value is None else value,
        "state": "not_reported" if value is None else "figure", "qualifier": "exact",
        "basis": "stated", "sources": "survey", "rows": "", "note": "", **more,
    }  # fmt: skip


# --- circles --------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(figures, st.dictionaries(st.sampled_from(REGIONS), persons))
def test_persons_are_as_many_at_every_level_and_who_has_no_district_is_told(
    seen, xaa, districts, unplaced
):
    known = {p: v for p, v in districts.items() if isinstance(v, float)}
    if not known:
        return
    scenes, released = seen(CIRCLES, rows=rolled_up(districts, unplaced))
    assert [each.level for each in scenes] == [0, 1, 2]
    for each in scenes:
        told = {pcode: one for (pcode, _), one in each.sums.items()}
        placed = sum((one.value or 0.0) - one.unplaced for one in told.values())
        assert placed == sum(known.values())
        answer = counts(released, xaa, CountQuery(each.level, "IDP"))
        assert {pcode: (one.value, one.state) for pcode, one in told.items()} == {
            row.pcode: (row.value, row.state) for row in answer.rows if row.pcode in told
        }
        assert all(one.missing <= one.members for one in told.values())
        missing = sum(one.missing for one in told.values())
        if each.level == 0:
            assert missing == len(districts) - len(known)


def test_a_sum_says_how_many_of_its_parts_have_no_figure(seen):
    districts = dict(zip(DISTRICTS, (100.0, "not_reported", 0.0, 5.0, "suppressed", "not_reported"),
                         strict=True))  # fmt: skip
    scenes, _ = seen(CIRCLES, rows=rolled_up(districts, {"XA02": 7.0}))
    country, regions = scenes[0].sums, scenes[1].sums
    assert (country["XA", "IDP"].value, country["XA", "IDP"].members) == (112.0, 6)
    assert (country["XA", "IDP"].missing, country["XA", "IDP"].unplaced) == (3, 7.0)
    assert (regions["XA01", "IDP"].value, regions["XA01", "IDP"].missing) == (100.0, 1)
    assert (regions["XA02", "IDP"].value, regions["XA02", "IDP"].unplaced) == (12.0, 7.0)
    assert ("XA03", "IDP") not in regions


def test_a_wider_unit_whose_figure_is_withheld_has_its_state_and_no_number(seen, xaa):
    rows = rolled_up(dict.fromkeys(DISTRICTS, 50.0), {})
    rows = [row for row in rows if row["pcode"] not in ("XA01", "XA")]
    rows += [figure("XA01", "suppressed")]
    scenes, _ = seen(CIRCLES, rows=rows)
    assert scenes[0].sums["XA", "IDP"].value is None
    assert scenes[0].sums["XA", "IDP"].state == "not_reported"
    withheld = scenes[1].sums["XA01", "IDP"]
    assert (withheld.value, withheld.state, withheld.members) == (None, "suppressed", 2)
    values = scene_values(scenes[-1].scene, TileGeometry.of(xaa, 2), MapLevels.of(scenes, xaa))
    (circle,) = [c for c in values.levels[0].circles if c.attributes["group"] == "IDP"]
    assert math.isnan(circle.attributes["value"])
    assert (circle.radius, circle.attributes["state"]) == (0.0, "not_reported")


@pytest.mark.parametrize(
    "other",
    [
        {"unit": "households"},
        {"date": pd.Timestamp("2020-06-30").date()},
        {"measure": "new", "start": pd.Timestamp("2020-01-01").date()},
    ],
)
def test_what_is_not_of_the_same_kind_is_no_sum(seen, other):
    rows = [figure(pcode, 50.0) for pcode in DISTRICTS] + [figure("XA", 300.0, **other)]
    scenes, _ = seen(replace(CIRCLES, measure="stock"), rows=rows)
    assert scenes[0].sums["XA", "IDP"].value is None


def test_figures_of_another_period_are_no_sum(seen):
    first = {"measure": "new", "start": pd.Timestamp("2020-12-01").date()}
    year = {"measure": "new", "start": pd.Timestamp("2020-01-01").date()}
    rows = [figure(pcode, 50.0, **first) for pcode in DISTRICTS]
    for period, value in ((first, 300.0), (year, None)):
        scenes, _ = seen(
            replace(CIRCLES, measure="new"), rows=[*rows, figure("XA", 300.0, **period)]
        )
        assert scenes[0].sums["XA", "IDP"].value == value


def test_one_scale_serves_all_levels_and_what_is_beyond_it_says_so(seen, xaa):
    rows = rolled_up(dict(zip(DISTRICTS, (900.0, 40.0, 250.0, 1.0, 0.0, 77.0), strict=True)), {})
    many = rolled_up(dict.fromkeys(DISTRICTS, 500.0), {})
    for some in (rows, many):
        scenes, _ = seen(CIRCLES, rows=some)
        values = scene_values(scenes[-1].scene, TileGeometry.of(xaa, 2), MapLevels.of(scenes, xaa))
        circles = [c for level in values.levels for c in level.circles]
        per_person = {
            round(c.radius**2 / c.attributes["value"], 9)
            for c in circles
            if c.attributes["to_scale"]
        }
        assert len(per_person) == 1
        assert max(c.radius for c in circles) <= ScreenView.largest_circle + 1e-9
    own = scenes[-1].scene
    crowded = replace(own, symbol_legend=replace(own.symbol_legend, widest=500 * 400.0))
    view = ScreenView(crowded)
    assert view.radius(500) == pytest.approx(14)  # no smaller: then the sum meets the limit
    whole = replace(scenes[0].scene.symbols[0].parts[0], value=500 * 400.0)
    mark = replace(scenes[0].scene.symbols[0], parts=(whole,))
    ((circle,),) = ScreenView(replace(crowded, symbols=(mark,)), scale=view).circles
    assert circle.radius == pytest.approx(ScreenView.largest_circle)
    assert not circle.to_scale


# --- bands ----------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(moves, st.integers(0, 3000), st.sampled_from(("two-way", "gross", "net")), st.integers(1, 6))
def test_persons_of_all_bands_and_of_none_are_as_many_at_every_level(
    seen, moved, minimum, balance, most
):
    rows = [flow(origin, destination, value) for (origin, destination), value in moved.items()]
    if not any(o != d and v >= max(minimum, 1) for (o, d), v in moved.items()):
        return
    layer = replace(BANDS, minimum=minimum, balance=balance, most=most)
    scenes, _ = seen(layer, rows=rolled_up(dict.fromkeys(DISTRICTS, 1.0), {}), flows=rows)
    for each in scenes if len(scenes) > 1 else ():
        (told,) = each.flows
        whole = told.bands + told.inside + told.below + told.rest
        assert whole - told.unplaced == pytest.approx(sum(moved.values()))
        if balance == "two-way":
            assert sum(mark.value for mark in each.scene.flows) == pytest.approx(told.bands)


def test_who_moved_within_a_wider_unit_is_inside_and_in_no_band(seen, xaa):
    rows = [
        flow("XA0101", "XA0102", 30.0),
        flow("XA0101", "XA0201", 200.0),
        flow("XA0102", "XA0202", 5.0),
        flow("XA0102", "XA0201", None),
        flow("XA0201", "XA0101", 4.0, group="RDP"),
    ]
    new = [
        {**row, "measure": "new", "start": pd.Timestamp("2020-12-01").date()}
        for row in rolled_up(dict.fromkeys(DISTRICTS, 10.0), {})
    ]
    scenes, _ = seen(replace(CIRCLES, measure="new"), BANDS, rows=new, flows=rows)
    country, regions, own = scenes
    assert [(m.origin, m.destination, m.value) for m in regions.scene.flows] == [
        ("XA01", "XA02", 205.0)
    ]
    assert [(b.members, b.missing) for b in regions.bands] == [(2, 1)]
    assert regions.sums["XA01", "IDP"].inside == 30.0
    assert regions.sums["XA02", "IDP"].inside == 0.0
    assert not country.scene.flows
    assert country.sums["XA", "IDP"].inside == 235.0
    assert [each.inside for each in country.flows] == [235.0]
    assert len(own.scene.flows) == 3
    note = wider_marks(own.scene, MapLevels.of(scenes, xaa))[0]["note"]
    assert "235" in note


def test_households_that_only_add_up_from_afar_are_not_mixed_with_persons(seen):
    rows = [
        flow("XA0101", "XA0201", 200.0),
        flow("XA0101", "XA0202", 6.0, unit="households"),
        flow("XA0102", "XA0202", 7.0, unit="households"),
    ]
    layer = replace(BANDS, minimum=10)
    scenes, _ = seen(layer, rows=rolled_up(dict.fromkeys(DISTRICTS, 1.0), {}), flows=rows)
    regions = scenes[1]
    assert [(m.origin, m.destination, m.value) for m in regions.scene.flows] == [
        ("XA01", "XA02", 200.0)
    ]
    assert {(each.unit, each.bands, each.below) for each in regions.flows} == {
        ("persons", 200.0, 0.0),
        ("households", 0.0, 13.0),
    }


# --- levels and zooms -----------------------------------------------------------------------------


@given(st.dictionaries(st.integers(0, 3), st.floats(1e-6, 0.5), min_size=1), st.integers(0, 14))
def test_a_deeper_level_is_never_shown_farther_away(wide, home):
    ranges = level_ranges(wide, home=home)
    assert [each.level for each in ranges] == sorted({each.level for each in ranges})
    assert (ranges[0].first, ranges[-1].last) == (0, 14)
    assert all(a.last + 1 == b.first for a, b in pairwise(ranges))
    assert ranges[-1].level == max(wide)
    for each in ranges[1:]:
        enough = wide[each.level] * TILE_PIXELS * 2**each.first >= LEAST_ACROSS
        assert enough or each.first == home


def test_the_width_of_units_is_that_of_the_middling_one(xaa):
    # districts are one degree squares near 11° North: 1/360 of the world, stretched by 1/cos
    assert across(xaa, DISTRICTS) == pytest.approx(1 / 360 / math.sqrt(math.cos(math.radians(11))), rel=0.01)  # fmt: skip
    assert across(xaa, ()) == 0


def test_tiles_of_a_zoom_hold_one_level_and_tilejson_says_which(seen, xaa):
    moved = [flow("XA0101", "XA0102", 30.0), flow("XA0101", "XA0201", 200.0)]
    districts = rolled_up(
        dict(zip(DISTRICTS, (10.0, 20.0, 30.0, 40.0, 50.0, 60.0), strict=True)), {}
    )
    scenes, _ = seen(CIRCLES, BANDS, rows=districts, flows=moved)
    levels = MapLevels.of(scenes, xaa)
    own = scenes[-1].scene
    values = scene_values(own, TileGeometry.of(xaa, 2), levels)
    document = tilejson(own, tiles_url="/{z}/{x}/{y}", seen=levels)
    told = {
        zoom: each
        for each in document["levels"]
        for zoom in range(each["minzoom"], each["maxzoom"] + 1)
    }
    assert sorted(told) == list(range(15))
    assert len({each["level"] for each in told.values()}) > 1
    fields = {layer["id"]: set(layer["fields"]) for layer in document["vector_layers"]}
    for zoom in range(8):
        persons, found = 0.0, set()
        for address in tiles_covering((8, 8, 15, 14), zoom):
            tile = mapbox_vector_tile.decode(
                map_tile(values, TileGeometry.of(xaa, 2), *address),
                default_options={"y_coord_down": True},
            )
            for name in ("symbols", "flows", "labels"):
                for each in tile.get(name, {"features": []})["features"]:
                    assert set(each["properties"]) <= fields[name]
            for circle in tile.get("symbols", {"features": []})["features"]:
                column, row = circle["geometry"]["coordinates"]
                if 0 <= column < 4096 and 0 <= row < 4096:
                    persons += circle["properties"]["value"]
                    found.add(circle["properties"]["level"])
        assert persons == 210
        assert found == {told[zoom]["level"]}


def test_a_style_does_not_draw_a_circle_of_no_figure(seen, xaa):
    scenes, _ = seen(CIRCLES, rows=rolled_up(dict.fromkeys(DISTRICTS, 1.0), {}))
    style = style_json(scenes[-1].scene, tiles_url="/t", seen=MapLevels.of(scenes, xaa))
    (circles,) = [layer for layer in style["layers"] if layer["id"] == "symbols"]
    assert circles["filter"] == [">", ["get", "radius"], 0]
    assert [each["level"] for each in style["metadata"]["levels"]][-1] == 2


def test_a_map_of_countries_is_the_same_from_anywhere(seen):
    rows = rolled_up(dict.fromkeys(DISTRICTS, 1.0), {})
    scenes, _ = seen(replace(CIRCLES, level=0), rows=rows)
    assert [each.level for each in scenes] == [0]


def test_gdal_reads_each_circle_once_and_sees_numbers(seen, xaa, tmp_path):
    districts = dict(zip(DISTRICTS, (900.0, 40.0, 250.0, 1.0, "suppressed", 77.0), strict=True))
    scenes, _ = seen(CIRCLES, rows=rolled_up(districts, {}))
    geometry = TileGeometry.of(xaa, 2)
    values = scene_values(scenes[-1].scene, geometry, MapLevels.of(scenes, xaa))
    for zoom in (0, 5, 6, 7):
        frames = []
        for z, x, y in tiles_covering((8, 8, 15, 14), zoom):
            tile = map_tile(values, geometry, z, x, y, layers=("symbols",))
            if tile:
                path = tmp_path / str(z) / str(x) / f"{y}.pbf"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(tile)
                frames.append(pyogrio.read_dataframe(path, layer="symbols"))
        found = pd.concat(frames)
        assert found["pcode"].is_unique
        assert found["value"].sum() == 1268
        assert {str(found[name].dtype) for name in ("value", "radius")} == {"float64"}


def test_from_far_away_a_countrys_name_belongs_to_its_circle(xaa, xaa_world, xaa_released):
    """The context names Xaaland a degree from the point of the situation's own boundaries."""
    frame = xaa_world.frame.copy()
    frame["label_lon"] += 1.0
    world = replace(xaa_world, frame=frame)
    xbb = replace(xaa_released, focus="")
    spec = MapSpec("m", {"en": "A map"}, (replace(CIRCLES, level=1),))
    scene = compose(spec, xbb, xaa, world, TOWNS, lang="en", edition="e1")
    farthest = wider_scenes(scene, spec, xbb, xaa, world)[0]
    (circle,) = farthest.scene.symbols

    def at(seen, name):
        return [(e.lon, e.lat) for e in seen.labels if e.text.casefold() == name]

    assert at(scene, "xaaland") != [(circle.lon, circle.lat)]
    assert at(farthest.scene, "xaaland") == [(circle.lon, circle.lat)]
    assert at(farthest.scene, "xbbia") == at(scene, "xbbia")  # no circle of its own
