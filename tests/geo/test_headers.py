import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import UnreadableTable
from geo.grids import Sheet
from geo.headers import find_header


def sheet(*rows, merged=()):
    width = max(len(row) for row in rows)
    frame = pd.DataFrame(
        [[str(cell) for cell in row] + [""] * (width - len(row)) for row in rows],
        index=range(1, len(rows) + 1),
        columns=range(1, width + 1),
        dtype="str",
    )
    frame = frame.loc[(frame != "").any(axis=1), (frame != "").any(axis=0)]
    return Sheet("xaa.csv", "", frame, merged=merged)


def names(found):
    return [column.name for column in found.columns]


def reasons(found):
    return [(drop.first, drop.last, drop.reason) for drop in found.dropped]


def test_titles_blanks_totals_and_notes_are_listed_and_the_rest_is_data():
    found = find_header(
        sheet(
            ["Situation in Xaaland, 31 December 2020"],
            [],
            ["Region", "IDPs", "Refugees"],
            ["Norda", 120, 7],
            [],
            ["Séna", "-", 3],
            ["Total", 120, 10],
            [],
            ["Source: an invented survey, figures are rounded"],
        )
    )
    assert found.rows == (3,)
    assert found.data.tolist() == [4, 6]
    assert reasons(found) == [
        (1, 1, "title"),
        (2, 2, "blank"),
        (5, 5, "blank"),
        (7, 7, "total"),
        (8, 8, "blank"),
        (9, 9, "footnote"),
    ]


def test_two_header_rows_are_joined():
    found = find_header(
        sheet(
            ["", "IDPs", "", "Refugees", ""],
            ["Region", "Persons", "Households", "Persons", "Households"],
            ["Norda", 120, 24, 7, 2],
            ["Séna", 50, 10, 3, 1],
        )
    )
    assert found.rows == (1, 2)
    assert names(found) == [
        "Region",
        "IDPs / Persons",
        "IDPs / Households",
        "Refugees / Persons",
        "Refugees / Households",
    ]


def test_merged_cells_of_a_header_are_filled_and_those_of_data_are_not():
    found = find_header(
        sheet(
            ["WHO", "", "WHERE", ""],
            ["Org", "Type", "Region", "District"],
            ["A", "NGO", "Norda", "Alto"],
            ["B", "NGO", "", "Basso"],
            merged=((1, 1, 1, 2), (1, 1, 3, 4), (3, 4, 3, 3)),
        )
    )
    assert names(found) == ["WHO / Org", "WHO / Type", "WHERE / Region", "WHERE / District"]
    assert found.data.tolist() == [3, 4]


def test_a_row_of_tags_is_found_under_any_header_and_tags_its_columns():
    found = find_header(
        sheet(
            ["List of something"],
            ["Province", "Note", "Number affected"],
            ["#adm1", "", "#affected +idps"],
            ["Norda", "x", 100],
        )
    )
    assert found.hxl == 3
    assert found.rows == (2,)
    assert [column.tag and column.tag.name for column in found.columns] == [
        "#adm1",
        None,
        "#affected",
    ]
    assert found.data.tolist() == [4]


def test_tags_above_the_names_are_found_too():
    found = find_header(
        sheet(["#adm1", "#affected"], ["Region", "IDPs"], ["Norda", 5], ["Séna", 6])
    )
    assert (found.hxl, found.rows, found.data.tolist()) == (1, (2,), [3, 4])


def test_names_are_short_and_the_full_header_is_kept():
    long = "Cluster\n(Saisir le cluster dans lequel l'activité est mise en cours)"
    found = find_header(sheet(["Region", long], ["Norda", "WASH"], ["Séna", "Health"]))
    assert names(found) == ["Region", "Cluster"]
    assert found.columns[1].full == long


def test_a_name_over_two_columns_is_numbered_and_said():
    found = find_header(sheet(["Region", "n", "n"], ["Norda", 1, 2], ["Séna", 3, 4]))
    assert names(found) == ["Region", "n", "n (2)"]
    assert "'n' stands over several columns" in found.notes[0]


def test_years_may_be_names_of_columns():
    found = find_header(sheet(["Region", 2015, 2016], ["Norda", 1200, 350], ["Séna", 80, 90]))
    assert found.rows == (1,)
    assert names(found) == ["Region", "2015", "2016"]


def test_a_header_that_comes_again_is_no_data():
    rows = [["Region", "IDPs"], ["Norda", 1], ["Region", "IDPs"], ["Séna", 2]]
    found = find_header(sheet(*rows))
    assert found.data.tolist() == [2, 4]
    assert (3, 3, "repeated-header") in reasons(found)


@pytest.mark.parametrize("word", ["TOTAL", "Total général", "Sous-total :", "المجموع", "Итого"])
def test_totals_of_any_language_are_no_places(word):
    found = find_header(sheet(["Region", "IDPs"], ["Norda", 1], ["Séna", 2], [word, 3]))
    assert found.data.tolist() == [2, 3]


def test_total_is_a_category_where_the_column_says_so():
    rows = [[p, s, n] for p in ("Norda", "Séna") for s, n in (("F", 1), ("M", 2), ("Total", 3))]
    found = find_header(sheet(["Region", "Sex", "IDPs"], *rows))
    assert len(found.data) == 6


def test_a_place_without_figures_is_data_and_not_a_note():
    found = find_header(sheet(["Region", "IDPs", "Date"], ["Norda", 5, "2020"], ["Tamar", "", ""]))
    assert found.data.tolist() == [2, 3]


def test_a_sheet_of_numbers_alone_has_no_header():
    with pytest.raises(UnreadableTable, match="no row that names its columns"):
        find_header(sheet([1, 2, 3], [4, 5, 6], [7, 8, 9]))


cells = st.sampled_from(["", "Norda", "Total", "12", "1 200", "#adm1", "Source: x", "2016", "n/a"])


@given(st.lists(st.lists(cells, min_size=4, max_size=4), min_size=1, max_size=14))
def test_every_row_is_header_tags_data_or_dropped_exactly_once(rows):
    table = sheet(["Place", "Group", "Count", "Note"], *rows)
    found = find_header(table)
    seen = [*found.rows, *found.data.tolist(), *([found.hxl] if found.hxl else [])]
    for drop in found.dropped:
        seen += range(drop.first, drop.last + 1)
    assert sorted(seen) == list(range(1, int(table.grid.index.max()) + 1))
