"""Every name of every unit, with what tells it from the same name elsewhere."""

from boundaries.files import read_boundaries
from boundaries.gazetteer import GAZETTEER_COLUMNS, gazetteer
from boundaries.natural_earth import open_natural_earth


def test_a_row_is_one_name_of_one_unit(xaa, tmp_path):
    table = xaa.assign(admin1AltName1_fr=["Bt", None, None, None]).rename(
        columns={"pcode": "admin1Pcode", "name": "admin1Name_fr", "parent": "admin0Pcode"}
    )
    table.drop(columns="level").to_file(tmp_path / "xaa.geojson")
    names = gazetteer(read_boundaries(tmp_path / "xaa.geojson"))
    assert list(names.columns) == list(GAZETTEER_COLUMNS)
    beta = names[names["pcode"] == "XA01"]
    assert beta[["name", "kind", "language", "key"]].to_numpy().tolist() == [
        ["Région de Béta", "name", "", "beta"],
        ["Région de Béta", "language", "fr", "beta"],
        ["Bt", "alias", "", "bt"],
    ]
    assert set(beta["parent"]) == {"XA"}
    assert set(names["vintage"]) == {"xaa"}


def test_every_unit_of_mali_has_a_name_in_each_language():
    names = gazetteer(open_natural_earth(("MLI",)))
    assert not names.isna().any().any()
    assert (names["name"] != "").all()
    by_language = names[names["kind"] == "language"].groupby("language")["pcode"].nunique()
    assert (by_language == 10).all()
    assert set(names.loc[names["level"] == 1, "parent_name"]) == {"Mali"}
