"""The keys of the less common layers in ``situation.toml``: told at their line, with the nearest word."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from maps.spec import LayerSpec
from service.errors import BadSituation
from service.published import specs_from_json, specs_to_json
from service.situation_file import load_situation
from service.toml_lines import line_of

Edited = Callable[[str, str, str], Path]

CHOROPLETH = 'kind = "choropleth"\ngroup = "IDP"\nper = "population"'


@pytest.mark.parametrize(
    ("written", "layer"),
    [
        (
            'kind = "bivariate"\ngroup = "IDP"\nagainst = "presence"\nagainst_breaks = [2, 5]',
            LayerSpec("bivariate", ("IDP",), against="presence", against_breaks=(2, 5)),
        ),
        (
            'kind = "difference"\ngroup = "IDP"\ndates = [2019-12-31, 2020-12-31]\nsmall_base = 50\n'
            'comparable = "the same register"',
            LayerSpec(
                "difference",
                ("IDP",),
                dates=(date(2019, 12, 31), date(2020, 12, 31)),
                small_base=50,
                comparable={"en": "the same register"},
            ),
        ),
        (
            f'{CHOROPLETH}\ndates = "all"\nbreaks = [1, 5.5, 20]',
            LayerSpec(
                "choropleth", ("IDP",), per="population", every_date=True, breaks=(1, 5.5, 20)
            ),
        ),
        (
            'kind = "dots"\ngroup = ["IDP", "REF"]\nper_dot = 500',
            LayerSpec("dots", ("IDP", "REF"), per_dot=500),
        ),
        (
            'kind = "flows"\ngroup = "IDP"\nbalance = "net"\nmost = 20\nends = 0\ntotals = true',
            LayerSpec("flows", ("IDP",), balance="net", most=20, ends=0, totals=True),
        ),
        (
            'kind = "flows"\ngroup = "REF"\norigin = "XBB"\nlayout = "tree"',
            LayerSpec("flows", ("REF",), origin="XBB", layout="tree"),
        ),
        (
            'kind = "presence"\nshow = "sectors"\nsector = ["WSH", "PRO"]',
            LayerSpec("presence", show="sectors", sectors=("WSH", "PRO")),
        ),
    ],
)
def test_a_layer_says_everything_its_keys_say_and_survives_the_store(
    edited: Edited, written: str, layer: LayerSpec
) -> None:
    situation = load_situation(edited("situation.toml", CHOROPLETH, written))
    assert situation.maps[0].layers[0] == layer
    from boundaries.vintage import Vintage

    vintage = Vintage(id="v", label="", source="", licence="", content="0")
    assert specs_from_json(specs_to_json(situation.maps, vintage))[0] == situation.maps


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('kind = "chloropleth"', "Did you mean 'choropleth'?"),
        ('kind = "bivariat"', "Did you mean 'bivariate'?"),
        (
            f'{CHOROPLETH}\nscheme = "quantile"',
            "'quantile' is not a classification scheme; did you",
        ),
        (f'{CHOROPLETH}\nscheme = "jenks"', "'jenks' is not a classification scheme; expected"),
        (f'{CHOROPLETH}\npalette = "red-yelow"', "did you mean 'red-yellow'?"),
        (f"{CHOROPLETH}\nbreaks = [1, 5, 5]", "5 does not lie above 5"),
        (f"{CHOROPLETH}\nbreaks = [1, nan]", "breaks"),
        (f'{CHOROPLETH}\ndates = "every"', "'every' is no list of dates"),
        (f'{CHOROPLETH}\ndates = ["soon"]', "Expected a date, written as 2016-12-31"),
        (f'{CHOROPLETH}\nagainst = "REF"', "the key 'against' says nothing for kind 'choropleth'"),
        (f"{CHOROPLETH}\nper_dot = 5", "it belongs to dots"),
        ('kind = "bivariate"\ngroup = "IDP"', 'write against = "presence", or a group'),
        ('kind = "bivariate"\ngroup = "IDP"\nagainst = "presense"', "did you mean 'presence'?"),
        ('kind = "bivariate"\ngroup = ["IDP", "REF"]\nagainst = "RET"', "shows one group"),
        ('kind = "difference"\ngroup = "IDP"\ndates = [2020-01-01]', "between two dates, not 1"),
        ('kind = "difference"\ngroup = "IDP"\nsmall_base = 0', "small_base"),
        ('kind = "dots"', "dots need a group"),
        ('kind = "flows"\ngroup = "IDP"\nbalance = "nett"', "Did you mean 'net'?"),
        ('kind = "flows"\ngroup = "IDP"\nlayout = "tre"', "Did you mean 'tree'?"),
        ('kind = "flows"\ngroup = "IDP"\nmost = 0', "most: 0 cannot be used"),
        (f"{CHOROPLETH}\ntotals = true", "it belongs to flows"),
        ('kind = "dots"\ngroup = "IDP"\nper_dot = 0', "per_dot: 0 cannot be used"),
        ('kind = "presence"\nshow = "sector"', "Did you mean 'sectors'?"),
        ('kind = "presence"\nsector = "WSHH"', "'WSHH' is not a sector; did you mean 'WSH'?"),
        (f"{CHOROPLETH}\nper_dots = 5", "unknown key 'per_dots'. Did you mean 'per_dot'?"),
    ],
)
def test_a_wrong_key_or_value_is_told_with_the_nearest_and_its_line(
    edited: Edited, written: str, told: str
) -> None:
    folder = edited("situation.toml", CHOROPLETH, written)
    with pytest.raises(BadSituation) as caught:
        load_situation(folder)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.line
    line = (folder / "situation.toml").read_text("utf-8").splitlines()[caught.value.line - 1]
    assert line == "[[map.layer]]" or line in written.splitlines()


TEXT = '''id = "x"
[boundaries]
focus = "XAA"
[[map]]
id = "one"
title = """
[[map]]
not = "a key"
"""
[[map.layer]]
kind = "dots"
[[map.layer]]
kind = "symbols"
group = [
  "IDP",
]
[[map]]
id = "two"
[[map.layer]]
kind = "flows"
'''


@pytest.mark.parametrize(
    ("loc", "line"),
    [
        (("id",), 1),
        (("boundaries", "focus"), 3),
        (("boundaries", "vintage"), 2),
        (("map", 0), 4),
        (("map", 0, "title"), 6),
        (("map", 0, "layer", 1, "kind"), 13),
        (("map", 0, "layer", 1, "group", 0), 14),
        (("map", 1, "layer", 0, "kind"), 20),
        (("map", 1, "title"), 17),
        (("nowhere",), None),
    ],
)
def test_the_line_of_a_value_is_that_of_its_key_or_of_its_table(loc, line) -> None:
    assert line_of(TEXT, loc) == line
