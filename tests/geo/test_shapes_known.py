"""Shapes with fixed headers, on invented rows. DTM's real data may not be redistributed."""

from datetime import date

import pandas as pd
import pytest

from geo.grids import Sheet
from geo.headers import find_header
from geo.recognising import recognise
from geo.shaping import to_table


def read(*rows, file="xaa.csv"):
    table = [
        row.split(",") if isinstance(row, str) else [str(cell) for cell in row] for row in rows
    ]
    frame = pd.DataFrame(
        table,
        index=range(1, len(rows) + 1),
        columns=range(1, len(table[0]) + 1),
        dtype="str",
    )
    sheet = Sheet(file, "", frame)
    header = find_header(sheet)
    shape = recognise(sheet, header)
    return shape, to_table(sheet, header, shape, source="s")


def cells(shaped, *columns):
    return [tuple(row) for row in shaped.table.frame[list(columns)].to_numpy().tolist()]


UNHCR = (
    "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,"
    "idps,returned_idps,stateless,ooc,oip,hst"
)


def test_a_pair_of_unhcr_statistics_gives_one_figure_per_group_that_has_people():
    shape, shaped = read(
        UNHCR,
        "2016,Xaaland,XAL,XAA,Xbbia,XBI,XBB,120,5,0,0,0,0,0,,0",
        "2016,Xaaland,XAL,XAA,Xaaland,XAL,XAA,0,0,0,300,70,0,0,,0",
        "2016,Xccora,XCC,XCC,Xbbia,XBI,XBB,0,0,0,0,0,0,0,,0",
    )
    assert shape.id == "unhcr-population"
    assert cells(shaped, "row", "pcode", "origin", "group", "measure", "value", "qualifier") == [
        (2, "XBB", "XAA", "REF", "stock", 120, "exact"),
        (2, "XBB", "XAA", "ASY", "stock", 5, "rounded"),
        (3, "XAA", "", "IDP", "stock", 300, "exact"),
        (3, "XAA", "", "RDP", "new", 70, "exact"),
    ]
    assert [(drop.first, drop.reason) for drop in shaped.dropped] == [(4, "no-figure")]


def test_returned_refugees_stand_where_they_returned_to():
    _, shaped = read(UNHCR, "2016,Xaaland,XAL,XAA,Xbbia,XBI,XBB,0,0,90,0,0,0,0,,0")
    assert cells(shaped, "place", "pcode", "origin", "start", "date") == [
        ("Xaaland", "XAA", "XBB", date(2016, 1, 1), date(2016, 12, 31))
    ]


def test_codes_of_unhcr_alone_become_iso():
    _, shaped = read("year,coo,coa,refugees,idps", "2016,MLI,MAU,40,0", "2016,NIG,NGR,9,0")
    assert cells(shaped, "pcode", "origin") == [("MRT", "MLI"), ("NER", "NGA")]


def test_displacement_in_the_year_is_new_and_never_a_stock():
    shape, shaped = read(
        "year,coo,coo_iso,coa,coa_iso,refugees,asylum_seekers,refugee_like,oip",
        "2016,XAL,XAA,XBI,XBB,40,,7,",
    )
    assert shape.id == "unhcr-flows"
    assert cells(shaped, "group", "measure", "start") == [
        ("REF", "new", date(2016, 1, 1)),
        ("ROC", "new", date(2016, 1, 1)),
    ]


def test_demographics_are_totals_at_a_location_in_a_country():
    shape, shaped = read(
        "year,coo_iso,coa_iso,pop_type,location,loc_type,f_total,m_total,total",
        "2016,XBB,XAA,REF,Norda : Region,R,10,12,22",
        "2016,XAA,XAA,RET,Dispersed in the country / territory,V,0,0,50",
        "2016,XBB,XAA,RST,Norda : Region,R,1,1,2",
    )
    assert shape.id == "unhcr-demographics"
    assert cells(shaped, "place", "parent", "origin", "group", "measure", "value") == [
        ("Norda : Region", "XAA", "XBB", "REF", "stock", 22),
        ("Dispersed in the country / territory", "XAA", "", "RET", "new", 50),
    ]
    assert [(drop.first, drop.reason) for drop in shaped.dropped] == [(4, "other-group")]


def test_rows_by_sex_and_age_are_parts_and_are_left_out():
    shape, shaped = read(
        "origin_location_code,asylum_location_code,population_group,gender,age_range,population,"
        "reference_period_start,reference_period_end",
        "XAA,XBB,REF,all,all,10,2020-01-01,2020-12-31",
        "XAA,XBB,REF,f,all,6,2020-01-01,2020-12-31",
        "XAA,XBB,REF,f,0-4,2,2020-01-01,2020-12-31",
        "XAA,XBB,RET,all,all,7,2020-01-01,2020-12-31",
    )
    assert shape.id == "hapi-refugees"
    assert cells(shaped, "pcode", "origin", "group", "value") == [
        ("XBB", "XAA", "REF", 10),
        ("XAA", "XBB", "RET", 7),
    ]
    assert [drop.reason for drop in shaped.dropped] == ["part-of-total"] * 2


def test_hapi_states_people_at_their_own_level_with_the_providers_name():
    shape, shaped = read(
        "location_code,provider_admin1_name,provider_admin2_name,admin1_code,admin1_name,"
        "admin2_code,admin2_name,admin_level,population,reporting_round,assessment_type,operation,"
        "reference_period_start,reference_period_end",
        "XAA,,,,,,,0,100,3,BA,Op,2020-06-01,2020-06-30",
        "XAA,NORDA,,XA01,Norda,,,1,100,3,BA,Op,2020-06-01,2020-06-30",
        "XAA,NORDA,alto,XA01,Norda,XA0101,Alto Norda,2,60,3,BA,Op,2020-06-01,2020-06-30",
    )
    assert shape.id == "hapi-idps"
    assert cells(shaped, "place", "pcode", "parent", "level") == [
        ("", "XAA", "", "0"),
        ("NORDA", "XA01", "XAA", "1"),
        ("alto", "XA0101", "XA01", "2"),
    ]
    assert any("several levels" in note for note in shape.notes)


DTM = (
    "id,operation,admin0Name,admin0Pcode,admin1Name,admin1Pcode,admin2Name,admin2Pcode,adminLevel,"
    "numPresentIdpInd,reportingDate,roundNumber,assessmentType"
)


def test_dtm_rows_are_stocks_at_the_level_they_say():
    shape, shaped = read(
        DTM,
        "1,Xaa conflict,Xaaland,XAA,,,,,0,500,2020-06-30T00:00:00,4,BA",
        "2,Xaa conflict,Xaaland,XAA,Norda,XA01,,,1,500,2020-06-30T00:00:00,4,BA",
        "3,Xaa conflict,Xaaland,XAA,Norda,XA01,Alto Norda,XA0101,2,180,2020-06-30T00:00:00,4,BA",
    )
    assert shape.id == "iom-dtm"
    assert cells(shaped, "pcode", "level", "group", "measure", "date", "value") == [
        ("XAA", "0", "IDP", "stock", date(2020, 6, 30), 500),
        ("XA01", "1", "IDP", "stock", date(2020, 6, 30), 500),
        ("XA0101", "2", "IDP", "stock", date(2020, 6, 30), 180),
    ]
    assert any("redistributed" in note for note in shape.notes)


def test_the_wide_and_the_long_population_table_give_the_same():
    wide, from_wide = read(
        "ADM1_EN,ADM1_PCODE,year,F_TL,M_TL,T_TL",
        "Norda,XA01,2020,60,50,110",
        "Séna,XA02,2020,5,5,10",
    )
    long, from_long = read(
        "ADM1_NAME,ADM1_PCODE,Population_group,Gender,Age_range,Population,Reference_year",
        "Norda,XA01,T_TL,all,all,110,2020",
        "Norda,XA01,F_TL,f,all,60,2020",
        "Séna,XA02,T_TL,all,all,10,2020",
    )
    assert (wide.id, long.id) == ("cod-ps-wide", "cod-ps-long")
    assert wide.kind == long.kind == "population"
    columns = ("place", "pcode", "level", "group", "date", "value")
    assert cells(from_wide, *columns) == cells(from_long, *columns)
    assert cells(from_wide, "level", "date", "value")[0] == ("1", date(2020, 12, 31), 110)


def test_displacement_events_are_flows_of_whole_months():
    shape, shaped = read(
        "Month End,Year Week,Current (Arrival) Region,Current (Arrival) District,Previous "
        "(Departure) Region,Previous (Departure) District,Reason,Number of Individuals",
        "30/06/2020,202025,Norda,Alto Norda,Séna,Quirim,Flood,60",
        "31/07/2020,202030,Norda,Alto Norda,Norda,Alto Norda,Flood,8",
        "31/07/2020,202030,Norda,Alto Norda,Unknown,Unknown,Flood,3",
    )
    assert shape.kind == "flows"
    assert cells(shaped, "origin", "origin_parent", "destination", "start", "date", "value") == [
        ("Quirim", "Séna", "Alto Norda", date(2020, 6, 1), date(2020, 6, 30), 60),
        ("Alto Norda", "Norda", "Alto Norda", date(2020, 7, 1), date(2020, 7, 31), 8),
        ("Unknown", "Unknown", "Alto Norda", date(2020, 7, 1), date(2020, 7, 31), 3),
    ]


@pytest.mark.parametrize(
    ("code", "measure"), [("C", "cumulative"), ("", "stock")], ids=["cumulative", "snapshot"]
)
def test_the_portal_says_which_of_its_series_are_cumulative(code, measure):
    shape, shaped = read(
        "geomaster_name,geomaster_id,admin_level,individuals,date,pop_type_code,pop_origin_name,"
        "pop_frequency_cumulative_code",
        f"Xbbia,7,Country,1968,2022-08-02,REF,Xaaland,{code}",
    )
    assert shape.id == "unhcr-portal"
    assert cells(shaped, "place", "level", "origin", "measure", "value") == [
        ("Xbbia", "0", "Xaaland", measure, 1968)
    ]
