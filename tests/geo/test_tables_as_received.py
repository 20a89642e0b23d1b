"""The real files: each is read whole or refused in one sentence, and hand-picked cells are right."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from geo.errors import UnreadableTable
from geo.grids import read_grid
from geo.headers import find_header
from geo.recognising import recognise
from geo.shaping import to_table
from geo.sheet_choice import choose_sheet

TABLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "tables"
SUFFIXES = {".csv", ".tsv", ".ssv", ".xlsx", ".xls", ".gz", ".json", ".html", ".zip", ".geojson"}
FILES = sorted(path for path in TABLES.rglob("*") if path.suffix in SUFFIXES)
LARGE = 300_000  # read by their own tests
REFUSED = {
    "input-notag1.html": "web page",
    "input-valid.xls": "old Excel workbook",
    "input-zip-invalid.zip": "zip archive that holds input-valid.xlsx",
    "idmc_idu_conflict_2020.geojson": "a map",
}

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not TABLES.is_dir(), reason="the real tables are not beside the checkout"),
]


def shaped(name):
    path = TABLES / name
    sheet, _ = choose_sheet(read_grid(path, name=path.name))
    header = find_header(sheet)
    shape = recognise(sheet, header)
    return header, shape, to_table(sheet, header, shape, source="s")


def rows_of(found, **same):
    frame = found.table.frame
    for column, value in same.items():
        frame = frame[frame[column] == value]
    return frame


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.stat().st_size < LARGE],
    ids=lambda path: path.name,
)
def test_every_real_file_is_accounted_for_row_by_row_or_refused_in_one_sentence(path):
    if path.name in REFUSED:
        with pytest.raises(UnreadableTable, match=REFUSED[path.name]):
            read_grid(path)
        return
    for sheet in read_grid(path, name=path.name):
        if sheet.grid.empty:
            continue
        header = find_header(sheet)
        seen = Counter([*header.rows, *header.data.tolist()])
        seen.update([header.hxl] if header.hxl else [])
        for drop in header.dropped:
            seen.update(range(drop.first, drop.last + 1))
        assert seen == Counter(range(1, int(sheet.grid.index.max()) + 1))
        shape = recognise(sheet, header)
        if shape.kind == "unknown":
            continue
        found = to_table(sheet, header, shape, source="s")
        kept = set(found.table.frame["row"])
        left_out = {drop.first for drop in found.dropped}
        assert kept | left_out == set(header.data.tolist())
        assert not kept & left_out


def test_the_whole_table_of_unhcr_keeps_every_pair_and_every_person():
    header, shape, found = shaped("unhcr/unhcr_population_1951_2025.csv.gz")
    assert (shape.id, len(header.data)) == ("unhcr-population", 138_893)
    end_2016 = rows_of(found, date=date(2016, 12, 31))
    assert (
        rows_of(found, date=date(2016, 12, 31), group="IDP", pcode="MLI")["value"].sum() == 36_690
    )
    malians = end_2016[(end_2016["origin"] == "MLI") & (end_2016["group"] == "REF")]
    by_country = dict(zip(malians["pcode"], malians["value"], strict=True))
    assert (by_country["NER"], by_country["BFA"], by_country["MRT"]) == (60_154, 32_017, 46_644)
    returned = end_2016[(end_2016["pcode"] == "MLI") & (end_2016["group"] == "RET")]
    assert returned["value"].sum() == 9_757


def test_malis_regions_of_2016_are_the_published_ones():
    _, shape, found = shaped("mali/unhcr_mali_by_location_2001_2025.csv")
    assert shape.id == "unhcr-demographics"
    idps = rows_of(found, date=date(2016, 12, 31), group="IDP", parent="MLI")
    assert idps["value"].sum() == 36_690
    places = dict(zip(idps["place"], idps["value"], strict=True))
    assert next(value for place, value in places.items() if place.startswith("Gao")) == 8_571
    assert not any("+¬" in place for place in places)


def test_somalias_movements_keep_every_person_and_both_ends():
    header, shape, found = shaped("somalia/som_prmn_displacement_2016_2023.xlsx")
    assert (shape.kind, len(header.data)) == ("flows", 57_666)
    frame = found.table.frame
    assert len(frame) == 57_666
    assert frame["value"].sum() == 7_904_052
    pairs = frame[["origin", "origin_parent", "destination", "destination_parent"]]
    assert len(frame[["origin", "destination"]].drop_duplicates()) == 1_259
    assert tuple(pairs.iloc[3]) == ("Lughaye", "Awdal", "Borama", "Awdal")
    assert (frame["start"].iloc[0], frame["date"].iloc[0]) == (date(2016, 4, 1), date(2016, 4, 30))


def test_the_monthly_series_in_french_months_is_read_to_the_month():
    _, shape, found = shaped("mali/cmp_monthly_2012_2014_hxl.csv")
    assert shape.id == "hxl"
    february = rows_of(found, date=date(2014, 2, 28), group="IDP")
    assert february["value"].tolist() == [199_575]
    assert len(found.table.frame) == 42


def test_latin_1_population_has_its_accents():
    _, shape, found = shaped("cod_ps/caf_admpop_adm3_2015.csv")
    assert shape.kind == "population"
    assert rows_of(found, place="Bossembélé")["value"].tolist() == [30_542]


def test_the_data_sheet_of_a_population_workbook_is_chosen_among_its_notes():
    path = TABLES / "cod_ps" / "vct_admpop_2022.xlsx"
    sheet, reasons = choose_sheet(read_grid(path))
    assert sheet.name == "vct_admpop_adm0_2022"
    assert any("COD population" in reason for reason in reasons)


def test_p_codes_of_chad_are_found_under_title():
    _, shape, found = shaped("op_presence/tcd_3w_2025-04.xlsx")
    assert shape.kind == "presence"
    assert rows_of(found, row=3)[["place", "pcode", "sector"]].to_numpy().tolist() == [
        ["Barh El Gazel", "TD19", "Nutrition"]
    ]


def test_old_tags_and_unhcr_codes_are_read_together():
    _, _, found = shaped("hxl/unhcr_refugees_2012_hxl.csv")
    zimbabwe = rows_of(found, pcode="ZWE", origin="SDN")
    assert zimbabwe["value"].tolist() == [14]
