from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from maps.spec import LayerSpec
from service.errors import BadSituation
from service.situation_file import load_situation

Edited = Callable[[str, str, str], Path]


def test_a_situation_says_everything_its_file_says(folder: Path) -> None:
    situation = load_situation(folder)
    assert (situation.id, situation.as_of, situation.created) == (
        "xaa-2020",
        date(2020, 12, 31),
        date(2021, 1, 15),
    )
    assert situation.countries == ("XAA",)
    assert [table.name for table in situation.tables] == ["idps.csv", "people.csv"]
    assert situation.tables[0].profile.defaults["date"] == "2020-12-31"
    assert situation.carries[0].into == (("XA03", 1.0),)
    assert situation.maps[0].layers == (
        LayerSpec(kind="choropleth", groups=("IDP",), per="population"),
        LayerSpec(kind="symbols", groups=("IDP",)),
    )


def test_the_inputs_are_the_file_the_tables_and_the_boundaries(folder: Path) -> None:
    names = {path.name for path in load_situation(folder).inputs}
    assert names == {"situation.toml", "idps.csv", "people.csv", "boundaries.geojson"}


def test_without_an_id_the_folder_gives_it(edited: Edited) -> None:
    folder = edited("situation.toml", 'id = "xaa-2020"\n', "")
    assert load_situation(folder).id == "xaa"


def test_a_title_may_be_one_text(edited: Edited) -> None:
    folder = edited(
        "situation.toml",
        'title = { en = "Internally displaced people", fr = "Personnes déplacées internes" }',
        'title = "Displaced"',
    )
    assert load_situation(folder).maps[0].title == {"en": "Displaced"}


def test_a_profile_file_names_the_columns_and_the_table_overrides_it(edited: Edited) -> None:
    folder = edited(
        "situation.toml",
        'file = "idps.csv"',
        'file = "idps.csv"\nprofile = "plain.toml"\ncolumns = { value = "persons" }',
    )
    (folder / "plain.toml").write_text(
        'missing = ["?"]\n[columns]\nplace = "region"\nvalue = "n"\n', "utf-8"
    )
    situation = load_situation(folder)
    assert situation.tables[0].profile.columns == {"place": "region", "value": "persons"}
    assert situation.tables[0].profile.missing == ("?",)
    assert folder / "plain.toml" in situation.inputs


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'group = "IDP"\nper',
            'grup = "IDP"\nper',
            "[[map]] 1, [[map.layer]] 1: unknown key 'grup'",
        ),
        ('group = "IDP"\nper', 'grup = "IDP"\nper', "Did you mean 'group'?"),
        ("as_of", "asof", "unknown key 'asof'. Did you mean 'as_of'?"),
        ("created = 2021-01-15", 'created = "soon"', "Expected a date, written as 2016-12-31"),
        ("as_of = 2020-12-31\n", "", "the key 'as_of' is missing"),
        ('kind = "figures"', 'kind = "figure"', "Did you mean 'figures'?"),
        ('group = "IDP"\nper', 'group = "IPD"\nper', "Known are REF, ROC, ASY, OIP, IDP"),
        ('"survey"\ndefaults', '"survy"\ndefaults', "there is no [[source]] with id 'survy'"),
        ('focus = "XAA"', 'focus = "XBB"', "focus 'XBB' is not one of the countries"),
        ('["XAA"]', '["Xaa"]', "Expected an ISO 3166-1 code of three capitals"),
        ('id = "idps"', 'id = "idps"\npaper = "A9"', "'A9' is not a paper"),
        ('id = "idps"', 'id = "idps"\nextent = [9, 0, 3, 1]', "[west, south, east, north]"),
        ('pcode = "XA03" }', 'pcode = "XA03", weight = 0.5 }', "the weights sum to 0.5"),
        ('group = "IDP"\nper', 'group = ["IDP", "REF"]\nper', "a choropleth shows one group"),
        ('sensitivity = "public"', 'sensitivity = "secret"', "Expected one of public, sensitive"),
        ('file = "idps.csv"', 'file = "../idps.csv"', "leads out of the folder"),
        ('file = "idps.csv"', 'file = "/etc/passwd"', "leads out of the folder"),
        ('file = "idps.csv"', 'file = "idps.csv"\nprofile = "hapi"', "no profile 'hapi'"),
        ("[[map]]", "[[map]", "line 36"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_at_its_key(
    edited: Edited, old: str, new: str, told: str
) -> None:
    folder = edited("situation.toml", old, new)
    with pytest.raises(BadSituation) as caught:
        load_situation(folder)
    assert told in str(caught.value)
    assert "situation.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_second_map_of_one_id_is_refused(folder: Path) -> None:
    file = folder / "situation.toml"
    text = file.read_text("utf-8")
    file.write_text(text + text[text.index("[[map]]") :], "utf-8")
    with pytest.raises(BadSituation, match="'idps' stands there a second time"):
        load_situation(folder)


def test_a_file_that_is_no_utf8_is_told_with_its_line(folder: Path) -> None:
    file = folder / "situation.toml"
    file.write_bytes(file.read_bytes().replace("é".encode(), b"\xe9"))
    with pytest.raises(BadSituation, match=r"line \d+: the file is not UTF-8"):
        load_situation(folder)


def test_a_folder_without_a_situation_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadSituation, match="there is no such file"):
        load_situation(tmp_path)
