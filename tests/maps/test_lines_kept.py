"""Borders are worked out once for maps that differ in their figures alone."""

from typing import Any

import pandas as pd
import pytest

import maps.compose_ground as ground
from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from maps.compose import compose
from maps.spec import LayerSpec, MapSpec


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return what grows with every working out of lines."""
    done: list[int] = []
    plain = ground.boundary_lines

    def counted(units: Any, **more: Any) -> Any:
        done.append(len(units))
        return plain(units, **more)

    monkeypatch.setattr(ground, "boundary_lines", counted)
    monkeypatch.setattr(ground, "_LINES", {})
    return done


def scene_of(
    released: ReleasedFigures, places: BoundarySet, world: BoundarySet, layer: LayerSpec
) -> Any:
    columns = [
        "name",
        "lon",
        "lat",
        "country",
        "kind",
        "population",
        "name_fr",
        "name_es",
        "name_ar",
    ]
    towns = pd.DataFrame(columns=columns)
    spec = MapSpec("one", {"en": "One"}, (layer,))
    return compose(spec, released, places, world, towns, lang="en")


def test_another_kind_of_map_of_the_same_units_has_the_same_lines(
    xaa: BoundarySet, xaa_world: BoundarySet, xaa_released: ReleasedFigures, worked_out: list[int]
) -> None:
    rates = LayerSpec("choropleth", ("IDP",), "stock", per="population")
    first = scene_of(xaa_released, xaa, xaa_world, rates)
    once = len(worked_out)
    again = scene_of(xaa_released, xaa, xaa_world, rates)
    assert once > 0
    assert len(worked_out) == once
    assert again.lines == first.lines


def test_other_units_have_lines_of_their_own(
    xaa: BoundarySet, xaa_world: BoundarySet, xaa_released: ReleasedFigures, worked_out: list[int]
) -> None:
    rates = LayerSpec("choropleth", ("IDP",), "stock", per="population")
    first = scene_of(xaa_released, xaa, xaa_world, rates)
    once = len(worked_out)
    moved = xaa.frame.copy()
    moved["geometry"] = xaa.frame.geometry.translate(0.05, 0.05)
    other = scene_of(xaa_released, BoundarySet(xaa.vintage, moved), xaa_world, rates)
    assert len(worked_out) > once
    assert other.lines != first.lines
