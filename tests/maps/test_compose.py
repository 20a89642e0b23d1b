"""From released figures and a specification to a scene, on the invented country."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from boundaries.units import BoundarySet
from geo.findings import Finding
from geo.release import Note, ReleasedFigures
from maps.compose import compose
from maps.errors import NothingToDraw, WouldMislead
from maps.scene import Scene
from maps.spec import LANGUAGES, LayerSpec, MapSpec

RATE = LayerSpec("choropleth", ("IDP",), per="population")
COUNTS = LayerSpec("symbols", ("IDP", "REF", "RET"))
STOCKS = LayerSpec("flows", ("REF",), measure="stock")
MOVES = LayerSpec("flows", ("IDP",), measure="new")
WHO = LayerSpec("presence")
EVERYTHING = (RATE, COUNTS, STOCKS, MOVES, WHO)

Draw = Callable[..., Scene]


@pytest.fixture(scope="module")
def towns() -> pd.DataFrame:
    """The capital, a regional capital that bears its region's name, one that does not, one abroad."""
    rows = [
        ("Quirim", 11.5, 10.4, "XAA", "capital"),
        ("Norda", 10.5, 11.0, "XAA", "adm1_capital"),
        ("Ubari", 12.5, 10.5, "XAA", "adm1_capital"),
        ("Lumo", 13.4, 11.5, "XBB", "capital"),
    ]
    table = pd.DataFrame(rows, columns=["name", "lon", "lat", "iso3", "kind"])
    return table.assign(name_fr="", name_es="", name_ar="", rank=1, population=0)


@pytest.fixture(scope="module")
def draw(
    xaa: BoundarySet, xaa_world: BoundarySet, xaa_released: ReleasedFigures, towns: pd.DataFrame
) -> Draw:
    """Compose a map of the given layers; ``released`` and fields of the spec may be replaced."""

    def make(
        *layers: LayerSpec,
        lang: str = "en",
        released: ReleasedFigures = xaa_released,
        **spec: Any,
    ) -> Scene:
        wanted = MapSpec("m", {"en": "A map", "fr": "Une carte"}, layers, **spec)
        return compose(wanted, released, xaa, xaa_world, towns, lang=lang, edition="e1")

    return make


def figures(
    released: ReleasedFigures, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> ReleasedFigures:
    return replace(released, figures=change(released.figures.copy()))


def words(scene: Scene) -> list[str]:
    """Everything a reader of the map's figures sees."""
    cells = [cell for twin in scene.twins for row in twin.rows for cell in row]
    marks = (*scene.fills, *scene.symbols, *scene.flows, *scene.presence)
    return [scene.alt_text, *scene.footnotes, *cells, *(mark.text for mark in marks)]


# --- areas ----------------------------------------------------------------------------------------


def test_a_choropleth_of_counts_is_refused_with_the_way_out(draw: Draw) -> None:
    with pytest.raises(WouldMislead, match='per = "population"') as error:
        draw(LayerSpec("choropleth", ("IDP",)))
    assert (error.value.map_id, error.value.layer) == ("m", "1 (choropleth)")


def test_areas_show_people_per_thousand_inhabitants(draw: Draw) -> None:
    fills = {fill.pcode: fill for fill in draw(RATE).fills}
    assert fills["XA01"].value == pytest.approx(1200 / 40_000 * 1000)
    assert fills["XA01"].count == 1200
    assert fills["XA03"].value == pytest.approx(340 / 5_000 * 1000)
    assert (fills["XA02"].value, fills["XA02"].count, fills["XA02"].state) == (0, 0, "figure")


def test_zero_stands_apart_in_its_own_colour_and_is_no_gap(draw: Draw) -> None:
    scene = draw(RATE)
    legend = scene.choropleth_legend
    assert legend is not None
    assert legend.zero == ("#ffffff", "0")
    assert legend.empty == ()
    zero = next(fill for fill in scene.fills if fill.pcode == "XA02")
    assert (zero.klass, zero.colour) == (0, "#ffffff")


def test_a_unit_without_a_figure_is_not_drawn_as_the_lowest_class(draw: Draw) -> None:
    scene = draw(replace(RATE, date=date(2020, 6, 30)))
    missing = next(fill for fill in scene.fills if fill.pcode == "XA03")
    legend = scene.choropleth_legend
    assert legend is not None
    assert (missing.klass, missing.value, missing.count) == (-1, None, None)
    assert missing.state == "not_reported"
    assert missing.colour not in legend.colours
    assert legend.empty == (("not_reported", missing.colour, "Not reported"),)
    assert missing.text == "Tamar: Not reported"
    assert ("Tamar", "XA03", "Not reported", "5,000", "Not reported") in scene.twins[0].rows


def test_a_unit_without_inhabitants_keeps_its_count_in_words(
    draw: Draw, xaa_released: ReleasedFigures
) -> None:
    def depopulate(table: pd.DataFrame) -> pd.DataFrame:
        return table[~((table["group"] == "POP") & (table["pcode"] == "XA03"))]

    scene = draw(RATE, released=figures(xaa_released, depopulate))
    tamar = next(fill for fill in scene.fills if fill.pcode == "XA03")
    assert (tamar.state, tamar.klass, tamar.value) == ("no_population", -1, None)
    assert tamar.text == "Tamar: about 340 internally displaced people; No population figure, or 0"


def test_classes_cover_the_values_without_gap_or_overlap(draw: Draw) -> None:
    legend = draw(RATE).choropleth_legend
    assert legend is not None
    assert legend.labels == ("over 0 to 50", "over 50 to 70")
    assert legend.upper == (50.0, 70.0)
    assert len(legend.colours) == len(legend.labels)


def test_the_legend_says_the_dates_of_figures_and_inhabitants(draw: Draw) -> None:
    legend = draw(RATE).choropleth_legend
    assert legend is not None
    assert "as of 31 December 2020" in legend.subtitle
    assert "1 April 2010" in legend.subtitle


# --- symbols --------------------------------------------------------------------------------------


def test_a_symbol_has_a_part_for_each_reported_group_and_zero_is_reported(draw: Draw) -> None:
    parts = {
        mark.place: {part.group: part.value for part in mark.parts} for mark in draw(COUNTS).symbols
    }
    assert parts == {
        "XA01": {"IDP": 1200, "REF": 70, "RET": 60},
        "XA02": {"IDP": 0},
        "XA03": {"IDP": 340, "REF": 400, "RET": 30},
    }


def test_what_is_not_reported_is_said_and_never_zero(draw: Draw) -> None:
    scene = draw(COUNTS)
    senna = next(mark for mark in scene.symbols if mark.place == "XA02")
    assert "Refugees: Not reported" in senna.text
    assert ("Séna", "XA02", "0", "Not reported", "Not reported") in scene.twins[0].rows


def test_each_key_says_the_date_of_its_own_figures(draw: Draw) -> None:
    legend = draw(COUNTS).symbol_legend
    assert legend is not None
    assert [key.label for key in legend.keys] == [
        "Internally displaced people (as of 31 December 2020)",
        "Refugees (as of 31 December 2020)",
        "Refugee returnees (in 2020)",
    ]
    assert legend.maximum == 1200


def test_the_table_ends_in_totals_and_says_who_is_not_placed(draw: Draw) -> None:
    scene = draw(COUNTS)
    assert scene.twins[0].rows[-2] == ("Not placed", "", "0", "30", "0")
    assert scene.twins[0].rows[-1] == ("Total", "", "1,540", "500", "90")
    assert "Not placed on the map, no area given: 30 refugees in Xaaland." in scene.footnotes


def test_parts_that_do_not_add_up_to_what_is_stated_are_said(
    draw: Draw, xaa_released: ReleasedFigures
) -> None:
    def state_more(table: pd.DataFrame) -> pd.DataFrame:
        stated = (table["pcode"] == "XA") & (table["group"] == "IDP") & (table["basis"] == "stated")
        table.loc[stated, "value"] = 1600.0
        return table

    scene = draw(COUNTS, released=figures(xaa_released, state_more))
    assert (
        "Internally displaced people, Xaaland: the figures by area add up to 1,540; "
        "the stated total is 1,600." in scene.footnotes
    )


def test_measures_are_never_chosen_in_silence(draw: Draw, xaa_released: ReleasedFigures) -> None:
    def also_cumulative(table: pd.DataFrame) -> pd.DataFrame:
        returns = table[(table["group"] == "RET") & (table["level"] == 1)]
        return pd.concat([table, returns.assign(measure="cumulative")], ignore_index=True)

    released = figures(xaa_released, also_cumulative)
    with pytest.raises(WouldMislead, match="cumulative and new"):
        draw(LayerSpec("symbols", ("RET",)), released=released)
    scene = draw(LayerSpec("symbols", ("RET",), measure="new"), released=released)
    assert len(scene.symbols) == 2


def test_a_group_that_is_not_there_is_named_with_those_that_are(draw: Draw) -> None:
    with pytest.raises(NothingToDraw, match=r"no figures for STA at level 1; there is IDP"):
        draw(LayerSpec("symbols", ("STA",)))


def test_figures_after_the_map_s_date_are_not_drawn(draw: Draw) -> None:
    scene = draw(LayerSpec("symbols", ("IDP",)), as_of=date(2020, 7, 31))
    assert {mark.place: mark.parts[0].value for mark in scene.symbols} == {"XA01": 100, "XA02": 0}
    with pytest.raises(NothingToDraw, match="up to 2019-01-01"):
        draw(LayerSpec("symbols", ("IDP",)), as_of=date(2019, 1, 1))


# --- presence -------------------------------------------------------------------------------------


def test_organisations_are_counted_once_and_inferred_ones_are_marked(draw: Draw) -> None:
    scene = draw(WHO)
    marks = {mark.pcode: mark for mark in scene.presence}
    assert (marks["XA01"].count, marks["XA01"].orgs) == (2, ("HaR", "WDN"))
    assert marks["XA03"].orgs == ("HaR°",)
    assert "XA02" not in marks
    assert any(note.startswith("° Inferred") for note in scene.footnotes)
    assert scene.presence_legend is not None
    assert "not the same as nobody" in scene.presence_legend.subtitle


def test_presence_known_for_the_country_alone_goes_into_a_footnote(
    draw: Draw, xaa_released: ReleasedFigures
) -> None:
    table = xaa_released.presence.copy()
    table.loc[table["pcode"] == "XA03", ["pcode", "level"]] = ["XA", 0]
    scene = draw(WHO, released=replace(xaa_released, presence=table))
    assert [mark.pcode for mark in scene.presence] == ["XA01"]
    assert "Present without an area on this map: Xaaland: HaR°." in scene.footnotes


# --- words ----------------------------------------------------------------------------------------


def test_a_footnote_names_by_itself_whose_figures_are_of_another_day(
    draw: Draw, xaa_released: ReleasedFigures
) -> None:
    scene = draw(RATE, COUNTS, as_of=date(2021, 2, 28))
    assert scene.as_of == "as of 28 February 2021"
    assert scene.footnotes[:2] == (
        "* Figures for Xaaland (internally displaced people and refugees) are as of 31 December 2020.",
        "* Figures for Xaaland (refugee returnees): in 2020.",
    )
    assert not any(note.startswith("*") for note in draw(RATE).footnotes)


def test_countries_of_different_days_stand_side_by_side_and_the_older_is_named(
    draw: Draw, xaa_world: BoundarySet, xaa_released: ReleasedFigures, towns: pd.DataFrame
) -> None:
    def neighbour(table: pd.DataFrame) -> pd.DataFrame:
        row = table[(table["pcode"] == "XA01") & (table["group"] == "IDP")].iloc[[0]]
        more = row.assign(pcode="XB01", value=77.0, date=date(2020, 6, 30))
        return pd.concat([table, more], ignore_index=True)

    released = replace(figures(xaa_released, neighbour), countries=("XAA", "XBB"))
    spec = MapSpec("m", {"en": "Two"}, (LayerSpec("symbols", ("IDP",)),))
    both = xaa_world.of_countries(["XAA", "XBB"])
    scene = compose(spec, released, both, xaa_world, towns, lang="en")
    assert {mark.place: mark.parts[0].value for mark in scene.symbols}["XB01"] == 77
    assert scene.footnotes[0] == "* Figures for Xbbia are as of 30 June 2020."
    assert scene.symbol_legend is not None
    assert scene.symbol_legend.keys[0].label.endswith("(as of 31 December 2020*)")


def test_a_carried_unit_is_said_where_it_counts_and_nowhere_else(draw: Draw) -> None:
    assert "XA04 is shown within Tamar" in draw(RATE).footnotes
    assert "XA04 est montré dans Tamar" in draw(RATE, lang="fr").footnotes
    assert "XA04 is shown within Tamar" not in draw(LayerSpec("symbols", ("REF",))).footnotes


def test_other_notes_stand_where_they_are_about(draw: Draw, xaa_released: ReleasedFigures) -> None:
    notes = (Note("access", {"en": "Far away"}, ("XC",)), Note("access", {"en": "Everywhere"}))
    footnotes = draw(RATE, released=replace(xaa_released, notes=notes)).footnotes
    assert "Everywhere" in footnotes
    assert "Far away" not in footnotes


def test_open_questions_are_counted_until_they_are_settled(
    draw: Draw, xaa_released: ReleasedFigures
) -> None:
    open_one = Finding("gap:IDP:stock:2020-12-31:XA", "open", "60 more")
    scene = draw(RATE, released=replace(xaa_released, findings=(open_one,)))
    assert any(note.startswith("1 question") for note in scene.footnotes)
    settled = replace(xaa_released, findings=(replace(open_one, why="rounded"),))
    assert not any("question" in note for note in draw(RATE, released=settled).footnotes)


def test_only_sources_in_use_are_named_and_the_boundaries_always(draw: Draw) -> None:
    assert draw(WHO).sources == (
        "Office of XAA, Invented survey, 31 December 2020 (CC0)",
        "Boundaries: XAA, regions of 2010, invented (CC0)",
    )
    assert any("census" in line for line in draw(RATE).sources)


def test_national_figures_of_the_day_stand_beside_the_map(draw: Draw) -> None:
    told = [(each.group, each.value, each.note) for each in draw(COUNTS).key_figures]
    assert told == [
        ("IDP", "1,540", "as of 31 December 2020"),
        ("REF", "500", "as of 31 December 2020"),
        ("RET", "90", "in 2020"),
    ]
    assert draw(COUNTS, as_of=date(2021, 2, 28)).key_figures == ()


def test_every_number_a_reader_sees_is_a_released_figure(
    draw: Draw, xaa_released: ReleasedFigures
) -> None:
    scene = draw(*EVERYTHING)
    known = {round(v) for v in xaa_released.figures["value"].dropna()}
    known |= {round(v) for v in xaa_released.flows["value"]}
    known |= {mark.count for mark in scene.presence}
    known |= {470}  # refugees placed: 500 less the 30 who are not
    known |= {1000}  # per 1,000 inhabitants
    known |= {round(fill.value) for fill in scene.fills if fill.value is not None}
    known |= {len(scene.flows), 3}  # how many bands, of which three are stocks
    dates = r"\d{1,2} (?:April|June|December|January) \d{4}|in (?:December )?20\d\d|XA\d+"
    for text in words(scene):
        rest = re.sub(dates, "", text)
        numbers = {int(each.replace(",", "")) for each in re.findall(r"\d[\d,]*", rest)}
        assert numbers <= known, text


# --- the ground -----------------------------------------------------------------------------------


def test_the_frame_holds_the_country_and_a_far_origin_does_not_stretch_it(draw: Draw) -> None:
    scene = draw(STOCKS)
    west, south, east, north = scene.bbox
    assert west < 10
    assert south < 10
    assert 13 < east < 14  # XCC lies at 31.5° E, XBB's middle at 14° E
    assert north > 12
    assert any(node.id == "XC" and node.lon > east for node in scene.nodes)
    assert "+proj=laea" in scene.projection


def test_an_extent_is_taken_as_given(draw: Draw) -> None:
    assert draw(RATE, extent=(9.0, 9.0, 14.0, 13.0)).bbox == (9.0, 9.0, 14.0, 13.0)


def test_the_focus_lies_above_its_neighbours_and_only_those_near_are_there(draw: Draw) -> None:
    context = draw(RATE).context
    assert [(area.pcode, area.role) for area in context] == [("XB", "neighbour"), ("XA", "focus")]


def test_each_boundary_is_drawn_once_and_explained(draw: Draw) -> None:
    scene = draw(RATE)
    international = [line for line in scene.lines if line.rank == 0]
    internal = [line for line in scene.lines if line.rank == 1]
    assert sum(line.geometry.length for line in international) == pytest.approx(2)  # 13° E
    assert sum(line.geometry.length for line in internal) == pytest.approx(4)  # 11° and 12° E
    assert scene.line_keys == (("agreed", "International boundary"),)


def test_places_are_named_once_and_the_focus_first(draw: Draw) -> None:
    labels = [(label.text, label.kind) for label in draw(RATE).labels]
    assert labels[0] == ("XAALAND", "focus")
    assert ("Quirim", "capital") in labels
    assert ("Ubari", "town") in labels
    assert ("XBBIA", "country") in labels
    assert labels.count(("Norda", "unit")) == 1
    assert ("Norda", "town") not in labels  # the region bears its name already


def test_the_globe_knows_the_whole_world(draw: Draw) -> None:
    world = {area.pcode: area.role for area in draw(RATE).world}
    assert world == {"XA": "focus", "XB": "neighbour", "XC": "neighbour"}


# --- the whole ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_composes_and_says_its_direction(draw: Draw, lang: str) -> None:
    scene = draw(*EVERYTHING, lang=lang)
    assert scene.direction == ("rtl" if lang == "ar" else "ltr")
    assert not [text for text in (*words(scene), *scene.disclaimers) if "{" in text]
    assert len(scene.fills) == 3
    assert [twin.rows[0][1] for twin in scene.twins[:2]] == ["XA01", "XA01"]


def test_places_carry_their_names_in_the_language(draw: Draw) -> None:
    assert [fill.name for fill in draw(RATE, lang="fr").fills] == ["Nordé", "Séna", "Tamar"]
    assert [fill.name for fill in draw(RATE, lang="ar").fills] == ["نوردا", "سينا", "تمار"]


def test_the_same_figures_make_the_same_scene(draw: Draw) -> None:
    assert draw(*EVERYTHING) == draw(*EVERYTHING)


def test_the_order_of_rows_does_not_matter(draw: Draw, xaa_released: ReleasedFigures) -> None:
    shuffled = replace(
        xaa_released,
        figures=xaa_released.figures.iloc[::-1].reset_index(drop=True),
        presence=xaa_released.presence.iloc[::-1].reset_index(drop=True),
    )
    layers = (RATE, COUNTS, WHO)
    assert draw(*layers, released=shuffled) == draw(*layers)


def test_two_layers_of_circles_are_refused(draw: Draw) -> None:
    with pytest.raises(WouldMislead, match="on top of each other"):
        draw(LayerSpec("symbols", ("IDP",)), LayerSpec("symbols", ("REF",)))


def test_a_map_without_layers_is_refused(draw: Draw) -> None:
    with pytest.raises(NothingToDraw):
        draw()


def test_the_scene_says_where_it_comes_from(draw: Draw) -> None:
    scene = draw(RATE)
    assert (scene.edition, scene.vintage, scene.situation) == ("e1", "xaa-2010", "xaa-2020")
    assert scene.metadata["vintage_content"] == "0123456789ab"
    assert scene.metadata["figures"] != draw(COUNTS).metadata["figures"]
