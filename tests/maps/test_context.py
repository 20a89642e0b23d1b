"""Water and towns round the figures: as much as a frame can bear, and never more than is known."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, box

from maps.compose_towns import compose_towns
from maps.compose_water import compose_water, name_water
from maps.page import draw_page
from maps.scene import WaterShape

SMALL, WIDE = (10.0, 10.0, 14.0, 13.0), (-20.0, -10.0, 40.0, 40.0)


@pytest.fixture(scope="module")
def water() -> gpd.GeoDataFrame:
    """A main river, a brook, a lake and a pond, all near 12° E, 11° N."""
    rows = [
        ("river", "Great Xa", 1, LineString([(9, 11), (12, 11.2), (15, 11)])),
        ("river", "Brook", 7, LineString([(11, 10), (11, 11)])),
        ("lake", "Lake Xa", 0, box(12, 12, 13, 12.8)),
        ("lake", "", 6, box(11.9, 10.4, 11.91, 10.41)),
    ]
    return gpd.GeoDataFrame(
        rows, columns=["kind", "name", "rank", "geometry"], geometry="geometry", crs="EPSG:4326"
    )


def test_small_rivers_are_shown_in_small_frames_only(water):
    assert [each.name for each in compose_water(water, SMALL)] == ["Lake Xa", "Great Xa", "Brook"]
    assert [each.name for each in compose_water(water, WIDE)] == ["Great Xa"]


def test_water_is_cut_near_the_frame(water):
    (river,) = (each for each in compose_water(water, (10.5, 10.5, 11.5, 11.5)) if each.rank == 1)
    west, _, east, _ = river.geometry.bounds
    assert (west, east) == pytest.approx((9.5, 12.5))


def test_only_rivers_that_run_through_the_frame_are_named(water):
    names = [label.text for label in name_water(compose_water(water, SMALL), SMALL, "en")]
    assert "Great Xa" in names
    assert "Brook" not in names


def test_water_has_no_names_in_a_script_that_its_source_does_not_know(water):
    assert name_water(compose_water(water, SMALL), SMALL, "ar") == ()


def test_rivers_are_drawn_over_areas_and_under_boundaries(make_scene):
    laea = "+proj=laea +lat_0=11 +lon_0=11.75 +datum=WGS84 +units=m"
    rivers = (
        WaterShape("lake", "Lake Xa", 0, box(11.2, 10.2, 11.6, 10.6)),
        WaterShape("river", "Great Xa", 1, LineString([(9.8, 11), (13.5, 11.3)])),
    )
    page = draw_page(make_scene(projection=laea, water=rivers))
    order = [layer.id for layer in page.layers]
    assert order.index("areas") < order.index("rivers") < order.index("lines")
    drawn = {item.role: item for item in page.paths if item.role in ("lake", "river")}
    assert (drawn["lake"].fill, drawn["lake"].stroke) == ("#E1EEF9", "#79AAC9")
    assert (drawn["river"].stroke, drawn["river"].stroke_width) == ("#79AAC9", 0.5)


@pytest.fixture(scope="module")
def towns() -> pd.DataFrame:
    rows = [
        ("Large", 11.0, 11.0, "town", 5, 90_000, "كبيرة"),
        ("Near it", 11.02, 11.0, "town", 5, 10_000, ""),
        ("Small", 13.0, 11.0, "town", 9, 500, ""),
        ("Capital", 12.0, 11.0, "capital", 0, 1_000_000, ""),
    ]
    columns = ["name", "lon", "lat", "kind", "rank", "population", "name_ar"]
    return pd.DataFrame(rows, columns=columns).assign(name_fr="", name_es="", iso3="XAA")


def test_towns_stand_by_rank_and_not_on_top_of_each_other(towns):
    assert [label.text for label in compose_towns(towns, SMALL, (), "en")] == ["Large", "Small"]
    assert [label.text for label in compose_towns(towns, (5, 5, 15, 15), (), "en")] == ["Large"]
    assert compose_towns(towns, WIDE, (), "en") == ()


def test_a_town_that_is_named_already_is_not_named_again(towns):
    assert [label.text for label in compose_towns(towns, SMALL, ("LARGE",), "en")] == [
        "Near it",
        "Small",
    ]


def test_towns_of_an_arabic_map_have_arabic_names(towns):
    assert [label.text for label in compose_towns(towns, SMALL, (), "ar")] == ["كبيرة"]
