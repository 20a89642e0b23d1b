"""Small multiples: one classification and one scale over all dates, each panel its own figures."""

from datetime import date

import pandas as pd
import pytest

from maps.errors import NothingToDraw, WouldMislead
from maps.spec import LANGUAGES, LayerSpec

JUNE, DECEMBER = date(2020, 6, 30), date(2020, 12, 31)
RATES = LayerSpec("choropleth", ("IDP",), per="population", every_date=True)
COUNTS = LayerSpec("symbols", ("IDP", "REF"), every_date=True)


def test_there_is_a_panel_for_each_date_oldest_first(layered) -> None:
    scene = layered(RATES)
    assert [panel.date for panel in scene.panels] == [JUNE, DECEMBER]
    assert [panel.title for panel in scene.panels] == ["30 June 2020", "31 December 2020"]
    assert [panel.subtitle for panel in scene.panels] == [
        "100 internally displaced people",
        "1,540 internally displaced people",
    ]
    assert scene.fills == scene.panels[-1].fills


def test_a_colour_means_the_same_in_every_panel(layered) -> None:
    """June: 2.5, 0 and not reported; December: 30, 0 and 68 per 1,000."""
    scene = layered(RATES)
    legend = scene.choropleth_legend
    assert legend is not None
    values = [[fill.value for fill in panel.fills] for panel in scene.panels]
    assert values == [[2.5, 0, None], [30, 0, 68]]
    for panel in scene.panels:
        for fill in panel.fills:
            if fill.value:
                assert fill.colour == legend.colours[fill.klass]
                assert fill.value <= legend.upper[fill.klass]
                assert fill.klass == 0 or fill.value > legend.upper[fill.klass - 1]
    assert legend.upper[-1] >= 68
    assert legend.zero is not None
    assert [state for state, _, _ in legend.empty] == ["not_reported"]


def test_circles_of_all_panels_share_the_largest_maximum(layered) -> None:
    scene = layered(COUNTS)
    legend = scene.symbol_legend
    assert legend is not None
    assert legend.maximum == 1200
    assert [key.label for key in legend.keys] == ["Internally displaced people", "Refugees"]
    groups = [{p.group for mark in panel.symbols for p in mark.parts} for panel in scene.panels]
    assert groups == [{"IDP"}, {"IDP", "REF"}]  # there are no refugees of June


def test_areas_and_circles_of_the_same_dates_share_the_panels(layered) -> None:
    scene = layered(RATES, COUNTS)
    assert all(panel.fills and panel.symbols for panel in scene.panels)
    assert scene.panels[1].subtitle == "1,540 internally displaced people; 500 refugees"


def test_dates_may_be_chosen_and_one_alone_is_an_ordinary_map(layered) -> None:
    chosen = LayerSpec("choropleth", ("IDP",), per="population", dates=(DECEMBER, JUNE))
    assert [panel.date for panel in layered(chosen).panels] == [JUNE, DECEMBER]
    single = layered(LayerSpec("choropleth", ("IDP",), per="population", dates=(JUNE,)))
    assert single.panels == ()
    assert single.fills[0].value == 2.5


def test_a_layer_that_cannot_have_the_dates_is_refused(layered) -> None:
    with pytest.raises(WouldMislead, match=r"2 \(presence\).*several dates"):
        layered(RATES, LayerSpec("presence"))
    other = LayerSpec("symbols", ("IDP",), dates=(JUNE,))
    both = LayerSpec("choropleth", ("IDP",), per="population", dates=(JUNE, DECEMBER))
    with pytest.raises(WouldMislead, match="different dates"):
        layered(both, other)


def test_more_dates_than_a_page_holds_are_refused_with_the_way_out(layered) -> None:
    def monthly(table: pd.DataFrame) -> pd.DataFrame:
        idps = table[(table["group"] == "IDP") & (table["date"] == DECEMBER)]
        months = [idps.assign(date=date(2019, month, 1)) for month in range(1, 13)]
        return pd.concat([table, *months], ignore_index=True)

    with pytest.raises(WouldMislead, match="Choose up to 12"):
        layered(RATES, change=monthly)


def test_a_date_without_figures_is_said(layered) -> None:
    layer = LayerSpec("choropleth", ("IDP",), per="population", dates=(date(2018, 1, 1), JUNE))
    with pytest.raises(NothingToDraw, match="on 2018-01-01"):
        layered(layer)


def test_counts_are_not_shaded_in_panels_either(layered) -> None:
    with pytest.raises(WouldMislead, match="choropleth of counts"):
        layered(LayerSpec("choropleth", ("IDP",), every_date=True))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_says_it_all(layered, lang: str) -> None:
    scene = layered(RATES, COUNTS, lang=lang)
    assert not [text for text in (scene.alt_text, *scene.footnotes) if "{" in text]


def test_the_table_has_a_column_for_each_date(layered) -> None:
    twin = layered(RATES).twins[0]
    assert twin.columns[2:] == ("30 June 2020", "31 December 2020")
    assert twin.rows[0][2:] == ("2.5 (100)", "30 (1,200)")
    assert twin.rows[2][2:] == ("Not reported", "68 (about 340)")
    assert twin.rows[-1][2:] == ("100", "1,540")
