"""Names that are code to somebody, through every output: none of them runs, all of them are words."""

import html
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import httpx
import pytest
from shapely import box

pytestmark = pytest.mark.browser

HIT = "window.hit=1"
_TAGS = (
    "<img src=x onerror={0}>",
    "<svg onload={0}>",
    "<svg><script>{0}</script></svg>",
    "<script>{0}</script>",
    "<body onload={0}>",
    "<iframe srcdoc='<script>parent.{0}</script>'></iframe>",
    "<iframe src=javascript:parent.{0}></iframe>",
    "<a href=javascript:{0} autofocus onfocus={0}>x</a>",
    "<details open ontoggle={0}>",
    "<video><source onerror={0}></video>",
    "<audio src=x onerror={0}>",
    "<input autofocus onfocus={0}>",
    "<marquee onstart={0}>",
    "<object data=javascript:{0}>",
    "<embed src=javascript:{0}>",
    "<math><mtext><img src=x onerror={0}></mtext></math>",
    "<style>@import 'javascript:{0}'</style>",
    "<link rel=stylesheet href=javascript:{0}>",
    "<meta http-equiv=refresh content='0;javascript:{0}'>",
    "<template><img src=x onerror={0}></template>",
    "<noscript><p title='</noscript><img src=x onerror={0}>'>",
    "<foreignObject><img src=x onerror={0}></foreignObject>",
)
_BREAKS = ("{0}", "\"'>{0}", "</title>{0}", "</script>{0}", "-->{0}", "]]>{0}", "</textarea>{0}")
_OTHERS = (
    "${{{0}}}", "`;{0};//", "';{0};//", '";{0};//', "\\';{0};//", "{{{{ {0} }}}}", "{{% if 1 %}}{0}{{% endif %}}",
    "{{{{ ''.__class__.__mro__ }}}}{0}", "#{{{0}}}", "<%={0}%>", "javascript:{0}", "data:text/html,<script>{0}</script>",
    "\u2028{0}//", "\u2029{0}//", "\u202e{0}", "&lt;img src=x onerror={0}&gt;", "&#60;script&#62;{0}&#60;/script&#62;",
    "\\u003cscript\\u003e{0}\\u003c/script\\u003e", "%3Cscript%3E{0}%3C/script%3E", "<!--<script>{0}", "<![CDATA[<script>{0}</script>]]>",
    "=cmd|'/c calc'!A0 {0}", "@SUM(1+1) {0}", "__proto__ {0}", "constructor {0}",
)  # fmt: skip
PAYLOADS = list(
    dict.fromkeys(
        [wrap.format(tag.format(HIT)) for tag in _TAGS for wrap in _BREAKS[:4]]
        + [wrap.format(_TAGS[0].format(HIT)) for wrap in _BREAKS[4:]]
        + [each.format(HIT) for each in _OTHERS]
    )
)


@pytest.fixture(scope="module")
def hostile(serve_store, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a service whose every place, source, organisation and title is a payload."""
    from service.pipeline import build
    from service.publishing import publish
    from service.situation_file import load_situation

    folder = tmp_path_factory.mktemp("hostile") / "xaa"
    folder.mkdir()
    units = [
        {"pcode": f"XA{i:03}", "level": 1, "parent": "XA", "iso3": "XAA", "name": name,
         "geometry": box(10 + i % 12, 10 + i // 12, 11 + i % 12, 11 + i // 12)}
        for i, name in enumerate(PAYLOADS, 1)
    ]  # fmt: skip
    whole = gpd.GeoSeries([unit["geometry"] for unit in units]).union_all()
    country = {"pcode": "XA", "level": 0, "parent": "", "iso3": "XAA", "name": PAYLOADS[0]}
    places = gpd.GeoDataFrame([{**country, "geometry": whole}, *units], crs="EPSG:4326")
    (folder / "boundaries.geojson").write_text(places.to_json(), "utf-8")
    codes = [unit["pcode"] for unit in units]

    def text(words: str) -> str:
        return json.dumps(words)  # of TOML's strings, JSON's are some

    def table(name: str, head: str, rows: list[str]) -> None:
        (folder / name).write_text("\n".join((head, *rows)) + "\n", "utf-8")

    table("idps.csv", "pcode,value", [f"{code},{i * 10}" for i, code in enumerate(codes)])
    table("refugees.csv", "pcode,value", [f"{code},{i * 10}" for i, code in enumerate(codes[:24])])
    table("people.csv", "pcode,value", [f"{code},{1000 + i}" for i, code in enumerate(codes)])
    table(
        "moves.csv",
        "origin_pcode,destination_pcode,value",
        [f"{codes[i]},{codes[i + 20]},{100 + i}" for i in range(0, 60, 6)],
    )
    quoted = ['"' + words.replace('"', '""') + '"' for words in PAYLOADS]
    table(
        "partners.csv",
        "org,sector,sector_code,pcode",
        [f"{quoted[i]},{quoted[-i]},WSH,{codes[i]}" for i in range(1, 40)],
    )
    facts = 'group = "IDP", measure = "stock", kind = "registered", date = 2020-12-31'
    (folder / "situation.toml").write_text(
        f"""
id = "xaa-2020"
title = {{ en = {text(PAYLOADS[1])}, ar = {text(PAYLOADS[2])} }}
as_of = 2020-12-31
created = 2021-01-15
[boundaries]
countries = ["XAA"]
vintage = "boundaries.geojson"
focus = "XAA"
[[source]]
id = "survey"
title = {text(PAYLOADS[3])}
publisher = {text(PAYLOADS[4])}
licence = {text(PAYLOADS[5])}
date = 2020-12-31
sensitivity = "public"
[[table]]
file = "idps.csv"
kind = "figures"
source = "survey"
defaults = {{ {facts} }}
[[table]]
file = "refugees.csv"
kind = "figures"
source = "survey"
defaults = {{ group = "REF", measure = "stock", kind = "registered", date = 2020-12-31 }}
[[table]]
file = "people.csv"
kind = "population"
source = "survey"
defaults = {{ date = 2010-04-01 }}
[[table]]
file = "moves.csv"
kind = "flows"
source = "survey"
defaults = {{ group = "IDP", measure = "new", kind = "estimate", start = 2020-12-01, date = 2020-12-31 }}
[[table]]
file = "partners.csv"
kind = "presence"
source = "survey"
defaults = {{ date = "2020-12-31", basis = "explicit" }}
[[map]]
id = "all"
title = {{ en = {text(PAYLOADS[6])} }}
[map.notes]
en = {text(PAYLOADS[7])}
[[map.layer]]
kind = "choropleth"
group = "IDP"
per = "population"
[[map.layer]]
kind = "symbols"
group = "REF"
[[map.layer]]
kind = "flows"
group = "IDP"
measure = "new"
[[map.layer]]
kind = "presence"
""",
        "utf-8",
    )
    publish(build(load_situation(folder)))
    return serve_store(folder / ".sitmap" / "store.sqlite")


def _unharmed(shown: Any) -> None:
    assert shown.page.evaluate("window.hit") is None
    handlers = shown.page.evaluate(
        "[...document.querySelectorAll('*')].filter((each) => [...each.attributes].some("
        "(one) => one.name.startsWith('on') || one.name === 'srcdoc' || (/^(href|src|action|"
        "formaction|data|xlink:href)$/.test(one.name) && /^\\s*javascript:/i.test(one.value)))).length"
    )
    assert handlers == 0
    allowed = {"about:blank", shown.page.url}
    assert {frame.url for frame in shown.page.frames} <= allowed


def test_there_are_enough_of_them():
    assert len(PAYLOADS) >= 100


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_none_runs_in_the_explorer_whatever_is_opened(hostile, visit, lang):
    with visit(f"{hostile}/view/xaa-2020/all?lang={lang}&place=XA050") as shown:
        shown.ready().settled()
        assert PAYLOADS[49] in shown.page.locator("#profile h2").inner_text()
        said = shown.page.locator("#tables").inner_text()
        assert sum(words.strip() in said for words in PAYLOADS) > 0.8 * len(PAYLOADS)
        box_ = shown.page.locator(".pane").bounding_box()
        for i in range(12):
            shown.page.mouse.move(
                box_["x"] + box_["width"] * (0.2 + 0.05 * i), box_["y"] + box_["height"] * 0.5
            )
        shown.page.locator(".pane").focus()
        for key in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown", "Enter"):
            shown.page.keyboard.press(key)
        shown.settled()
        _unharmed(shown)
        assert [words for words in shown.complaints if "Content Security" in words] == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/docs",
        "/embed/xaa-2020/all",
        "/maps/xaa-2020/all.html",
        "/maps/xaa-2020/all.html?lang=ar",
        "/maps/xaa-2020/all.svg",
        "/maps/xaa-2020/all/legend.svg",
        "/maps/xaa-2020/all.txt",
        "/api/situations/xaa-2020",
        "/api/situations/xaa-2020/units?level=1",
        "/api/situations/xaa-2020/values/all",
        "/api/situations/xaa-2020/counts?group=IDP&format=geojson",
        "/maps/xaa-2020/all/tilejson.json",
    ],
)
def test_none_runs_where_an_answer_is_opened_as_a_page(hostile, visit, path):
    with visit(f"{hostile}{path}") as shown:
        shown.page.wait_for_timeout(300)
        _unharmed(shown)


def test_none_runs_in_a_page_that_takes_our_oembed_and_attribution_as_markup(hostile, visit):
    address = quote(f"{hostile}/view/xaa-2020/all")
    snippet = httpx.get(f"{hostile}/oembed?url={address}").json()["html"]
    credit = httpx.get(f"{hostile}/maps/xaa-2020/all/tilejson.json").json()["attribution"]
    with visit("about:blank") as shown:
        shown.page.set_content(f"<body>{snippet}<hr>{credit}</body>")
        shown.page.wait_for_timeout(1500)
        assert shown.page.evaluate("window.hit") is None
        assert shown.page.locator("body > *:not(iframe, p, hr, a)").count() == 0


def test_none_is_a_formula_in_a_spreadsheet(hostile, tmp_path: Path):
    import openpyxl

    counts = f"{hostile}/api/situations/xaa-2020/counts?group=IDP&format="
    file = tmp_path / "counts.xlsx"
    file.write_bytes(httpx.get(f"{counts}xlsx").content)
    kinds = {
        cell.data_type for sheet in openpyxl.load_workbook(file) for row in sheet for cell in row
    }
    assert "f" not in kinds
    for line in httpx.get(f"{counts}csv").text.splitlines():
        assert not line.split(",")[1].strip('"').startswith(("=", "@"))


def test_every_name_is_still_a_name(hostile):
    names = httpx.get(f"{hostile}/api/situations/xaa-2020/units?level=1").json()["name"]
    assert [" ".join(name.split()) for name in names] == [
        " ".join(words.split()) for words in PAYLOADS
    ]
    page = httpx.get(f"{hostile}/view/xaa-2020/all").text
    assert html.escape(PAYLOADS[6], quote=False).replace("'", "&#39;") in page
