"""Presence by sector and as a matrix: every organisation once, silence never absence."""

import pandas as pd
import pytest

from maps.errors import NothingToDraw, WouldMislead
from maps.scene_layers import SectorCount
from maps.spec import LANGUAGES, LayerSpec

SECTORS = LayerSpec("presence", show="sectors")
MATRIX = LayerSpec("presence", show="matrix")


def test_a_unit_counts_its_organisations_by_sector(layered) -> None:
    scene = layered(SECTORS)
    found = {mark.pcode: mark.by_sector for mark in scene.presence}
    assert found == {
        "XA01": (SectorCount("SHL", 1), SectorCount("WSH", 1)),
        "XA03": (SectorCount("SHL", 1, inferred=True),),
    }
    assert "XA02" not in found
    legend = scene.presence_legend
    assert legend is not None
    assert [key.label for key in legend.sectors] == [
        "Shelter and household items",
        "Water, sanitation and hygiene",
    ]
    assert legend.inferred.startswith("Outline: inferred")
    assert "not the same as nobody" in legend.subtitle


def test_an_organisation_of_several_rows_counts_once_in_a_sector(layered) -> None:
    def again(table: pd.DataFrame) -> pd.DataFrame:
        first = table[table["pcode"] == "XA01"]
        return pd.concat([table, first.assign(activity="more")], ignore_index=True)

    marks = {mark.pcode: mark for mark in layered(SECTORS, presence=again).presence}
    assert marks["XA01"].count == 2
    assert [each.count for each in marks["XA01"].by_sector] == [1, 1]


def test_one_sector_can_be_shown_alone(layered) -> None:
    scene = layered(LayerSpec("presence", sectors=("WSH",)))
    assert [(mark.pcode, mark.count) for mark in scene.presence] == [("XA01", 1)]
    legend = scene.presence_legend
    assert legend is not None
    assert legend.title == "Organisations present: Water, sanitation and hygiene"
    with pytest.raises(NothingToDraw, match=r"in EDU up to .* in SHL, WSH"):
        layered(LayerSpec("presence", sectors=("EDU",)))


def test_the_matrix_has_each_organisation_and_every_place(layered) -> None:
    matrix = layered(MATRIX).matrix
    assert matrix is not None
    assert [name for _, name in matrix.places] == ["Norda", "Séna", "Tamar"]
    assert matrix.totals == (2, 0, 1)
    assert {row.short: row.cells for row in matrix.rows} == {
        "HaR": ((SectorCount("SHL", 1),), (), (SectorCount("SHL", 1, inferred=True),)),
        "WDN": ((SectorCount("WSH", 1),), (), ()),
    }
    assert "not the same as nobody" in matrix.note
    assert matrix.inferred


def test_the_matrix_s_totals_are_those_of_the_map(layered) -> None:
    scene = layered(MATRIX)
    assert scene.matrix is not None
    counted = {mark.pcode: mark.count for mark in scene.presence}
    totals = {
        code: n for (code, _), n in zip(scene.matrix.places, scene.matrix.totals, strict=True)
    }
    assert counted == {code: n for code, n in totals.items() if n}


def test_the_table_says_not_reported_in_every_empty_cell(layered) -> None:
    twin = layered(MATRIX).twins[0]
    rows = {row[0]: row[1:] for row in twin.rows}
    assert rows["HaR, Hearth and Roof"] == (
        "Shelter and household items",
        "Not reported",
        "Shelter and household items°",
    )


def test_a_matrix_is_a_page_of_its_own(layered) -> None:
    with pytest.raises(WouldMislead, match="page of its own"):
        layered(MATRIX, LayerSpec("symbols", ("IDP",)))


def test_presence_known_for_the_country_alone_is_in_the_notes_of_both(layered) -> None:
    def national(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[table["pcode"] == "XA03", ["pcode", "level"]] = ["XA", 0]
        return table

    for layer in (SECTORS, MATRIX):
        scene = layered(layer, presence=national)
        assert "Present without an area on this map: Xaaland: HaR°." in scene.footnotes


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("layer", [SECTORS, MATRIX])
def test_every_language_says_it_all(layered, layer: LayerSpec, lang: str) -> None:
    scene = layered(layer, lang=lang)
    assert not [text for text in (scene.alt_text, *scene.footnotes) if "{" in text]
