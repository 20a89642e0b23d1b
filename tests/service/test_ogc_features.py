"""OGC API Features, Part 1: the abstract tests of its Annex A, by their names, on the invented country.

Norda, Séna and Tamar are one degree wide and two high, from 10, 11 and 12° E, 10° N.
"""

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from service.app import create_app
from service.ogc.conformance import CONFORMANCE_CLASSES
from service.settings import Settings

Connect = Callable[..., Any]
BASE = "https://maps.example"
COUNTS, FIGURES = "/ogc/collections/xaa-2020.counts-1", "/ogc/collections/xaa-2020.figures-1"
FLOWS, PRESENCE = "/ogc/collections/xaa-2020.flows", "/ogc/collections/xaa-2020.presence"
REGIONS = "/ogc/collections/boundaries.xaa-2010.level-1"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def client(released_store: Path, connect: Connect) -> Any:
    return connect(create_app(Settings(stores=(released_store,), base_url=BASE)))


def _links(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {link["rel"]: link for link in document["links"]}


def _ids(client: Any, address: str, **query: str | int) -> list[str]:
    answer = client.get(address, params=query)
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


# --- A.2.2: landing page, API definition, conformance ----------------------------------------------


def test_conf_core_http(client: Any) -> None:
    assert client.get("/ogc").status_code == 200
    assert client.get("/ogc/").json() == client.get("/ogc").json()
    assert client.request("HEAD", "/ogc").content == b""
    assert client.request("POST", "/ogc").status_code == 405


def test_conf_core_root_op_and_root_success(client: Any) -> None:
    document = client.get("/ogc").json()
    links = _links(document)
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= set(links)
    assert links["service-desc"]["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert "not been certified" in document["description"]


def test_conf_core_api_definition_op_and_success(client: Any) -> None:
    href = _links(client.get("/ogc").json())["service-desc"]["href"]
    answer = client.get(href.removeprefix(BASE))
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert answer.json()["openapi"].startswith("3.0.")


def test_conf_core_conformance_op_and_success(client: Any) -> None:
    claimed = client.get("/ogc/conformance").json()["conformsTo"]
    assert claimed == list(CONFORMANCE_CLASSES)
    features = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
    assert {f"{features}/{name}" for name in ("core", "geojson", "html", "oas30")} <= set(claimed)


def test_every_link_of_every_document_leads_somewhere(client: Any) -> None:
    seen: set[str] = set()

    def follow(address: str) -> None:
        answer = client.get(address)
        assert answer.status_code == 200, address
        if "json" in answer.headers["content-type"]:
            for link in _all_links(answer.json()):
                href = link["href"].removeprefix(BASE)
                assert link["href"].startswith(BASE)
                page = "items?" in href or "/items/" in href
                if not link.get("templated") and href not in seen and not page:
                    seen.add(href)
                    if href.startswith("/ogc"):
                        follow(href)

    follow("/ogc")
    assert len(seen) > 30


def _all_links(document: Any) -> Iterator[dict[str, Any]]:
    if isinstance(document, dict):
        if isinstance(document.get("href"), str) and "rel" in document:
            yield document
        for value in document.values():
            yield from _all_links(value)
    elif isinstance(document, list):
        for value in document:
            yield from _all_links(value)


# --- A.2.3: collections ----------------------------------------------------------------------------


def test_conf_core_fc_md_op_and_success(client: Any) -> None:
    document = client.get("/ogc/collections").json()
    assert {"self", "alternate"} <= set(_links(document))
    ids = [each["id"] for each in document["collections"]]
    assert len(ids) == len(set(ids))
    assert {
        "xaa-2020.counts-0", "xaa-2020.counts-1", "xaa-2020.figures-1", "xaa-2020.flows",
        "xaa-2020.presence", "xaa-2020.sites", "xaa-2020.map-idps", "xaa-2020.map-moves",
        "boundaries.xaa-2010.level-0", "boundaries.xaa-2010.level-2",
    } <= set(ids)  # fmt: skip


def test_conf_core_fc_md_items_links(client: Any) -> None:
    for each in client.get("/ogc/collections").json()["collections"]:
        types = [link["type"] for link in each["links"] if link["rel"] == "items"]
        assert sorted(types) == ["application/geo+json", "text/html"]


def test_conf_core_fc_md_extent(client: Any) -> None:
    for each in client.get("/ogc/collections").json()["collections"]:
        [[west, south, east, north]] = each["extent"]["spatial"]["bbox"]
        assert -180 <= west <= east <= 180
        assert -90 <= south <= north <= 90
    counts = client.get(COUNTS).json()["extent"]
    assert counts["spatial"]["bbox"] == [[10, 10, 13, 12]]
    assert counts["temporal"]["interval"] == [["2010-04-01T00:00:00Z", "2020-12-31T23:59:59Z"]]


def test_conf_core_sfc_md_op_and_success(client: Any) -> None:
    listed = client.get("/ogc/collections").json()["collections"]
    for each in listed:
        assert client.get(f"/ogc/collections/{each['id']}").json() == each


def test_a_collection_that_is_not_there_is_404_and_those_there_are_listed(client: Any) -> None:
    answer = client.get("/ogc/collections/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "xaa-2020.counts-1" in answer.json()["known"]


# --- A.2.4: features -------------------------------------------------------------------------------


def test_conf_core_fc_op_and_fc_response(client: Any) -> None:
    answer = client.get(f"{COUNTS}/items")
    assert answer.headers["content-type"] == "application/geo+json"
    document = answer.json()
    assert document["type"] == "FeatureCollection"
    assert {"self", "alternate"} <= set(_links(document))
    assert (document["numberMatched"], document["numberReturned"]) == (3, 3)
    assert document["timeStamp"] == "2021-01-15T12:30:15Z"  # when published, never today
    assert document["notes"] == ["XA04 is shown within Tamar"]


def test_counts_are_the_ones_the_api_gives(client: Any) -> None:
    features = client.get(f"{COUNTS}/items").json()["features"]
    mine = {f["id"]: f["properties"] for f in features}
    for group, column in (("IDP", "IDP_stock"), ("REF", "REF_stock"), ("RET", "RET_new")):
        rows = client.get(f"/api/situations/xaa-2020/counts?group={group}&level=1").json()
        assert {code: p[column] for code, p in mine.items()} == {
            row["pcode"]: row["value"] for row in rows["rows"]
        }
        assert {p[f"{column}_date"] for p in mine.values()} == {rows["date"]}


def test_a_reported_zero_is_0_and_what_is_not_reported_is_null(client: Any) -> None:
    sena = client.get(f"{COUNTS}/items/XA02").json()["properties"]
    assert (sena["IDP_stock"], sena["IDP_stock_state"]) == (0, "figure")
    assert (sena["REF_stock"], sena["REF_stock_state"]) == (None, "not_reported")


def test_stock_and_new_stand_in_columns_of_their_own(client: Any) -> None:
    norda = client.get(f"{COUNTS}/items/XA01").json()["properties"]
    assert (norda["IDP_stock"], norda["RET_new"]) == (1200, 60)


def test_conf_core_fc_limit_definition_and_response(client: Any) -> None:
    for limit in (1, 2, 3, 10_000):
        document = client.get(f"{COUNTS}/items?limit={limit}").json()
        assert document["numberReturned"] == len(document["features"]) == min(limit, 3)
        assert document["numberMatched"] == 3


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5", "1_0", "", "٣"])
def test_a_limit_that_is_no_number_is_refused(client: Any, limit: str) -> None:
    assert client.get(f"{COUNTS}/items", params={"limit": limit}).status_code == 400


def test_next_links_lead_through_every_feature_once(client: Any) -> None:
    address, found = f"{FIGURES}/items?limit=4&group=IDP", []
    while address:
        answer = client.get(address)
        document = answer.json()
        found += [feature["id"] for feature in document["features"]]
        after = _links(document).get("next")
        assert ("link" in answer.headers) == (bool(after) or "prev" in _links(document))
        address = after["href"].removeprefix(BASE) if after else ""
    assert len(found) == len(set(found)) == document["numberMatched"] == 6
    assert sorted(found) == sorted(_ids(client, f"{FIGURES}/items", group="IDP"))


def test_conf_core_fc_bbox_definition_and_response(client: Any) -> None:
    assert _ids(client, f"{COUNTS}/items", bbox="12.5,10,13,11") == ["XA03"]
    assert _ids(client, f"{COUNTS}/items", bbox="12.5,10,0,13,11,9000") == ["XA03"]
    assert sorted(_ids(client, f"{COUNTS}/items", bbox="10.5,10,11.5,11")) == ["XA01", "XA02"]
    assert _ids(client, f"{COUNTS}/items", bbox="40,10,41,11") == []


def test_a_box_over_the_antimeridian_goes_the_way_round_that_is_asked_for(client: Any) -> None:
    assert _ids(client, f"{COUNTS}/items", bbox="170,-90,-170,90") == []
    assert sorted(_ids(client, f"{COUNTS}/items", bbox="12.5,10,-170,12")) == ["XA03"]
    assert len(_ids(client, f"{REGIONS}/items", bbox="12.5,-10,10.5,20")) == 3  # not XA02


@given(
    west=st.floats(-180, 180), east=st.floats(-180, 180),
    south=st.floats(-90, 90), north=st.floats(-90, 90),
)  # fmt: skip
def test_a_box_returns_exactly_the_features_it_touches(
    xaa: Any, west: float, east: float, south: float, north: float
) -> None:
    from service.ogc.placed_features import boundaries_table
    from service.ogc.windows import Box

    south, north = min(south, north), max(south, north)
    table = boundaries_table(xaa, 1, "en")
    halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    expected = [
        i
        for i, shape in enumerate(table.shapes)
        if any(shape.intersects(shapely.box(a, south, b, north)) for a, b in halves)
    ]
    assert table.matching(Box(west, south, east, north)).tolist() == expected


@pytest.mark.parametrize(
    "bbox",
    ["1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,0,1,1", "0,0,inf,1", "0,5,1,4", "0,-91,1,0", "0,0,181,1",
     "0,0,9,1,1,8", "", HOSTILE, "1," * 60],
)  # fmt: skip
def test_a_box_that_is_none_is_400_and_is_not_repeated(client: Any, bbox: str) -> None:
    answer = client.get(f"{COUNTS}/items", params={"bbox": bbox})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-parameter")
    assert not bbox or bbox not in answer.text


def test_conf_core_fc_time_definition_and_response(client: Any) -> None:
    def days(text: str) -> set[str]:
        found = client.get(f"{FIGURES}/items", params={"datetime": text, "group": "IDP"}).json()
        return {feature["properties"]["date"] for feature in found["features"]}

    june, december = "2020-06-30", "2020-12-31"
    assert days("2020-06-30") == days("2020-06-30T12:00:00Z") == {june}
    assert days("2020-07-01T01:00:00+02:00") == {june}  # 23:00 of the day before, UTC
    assert days("2020-06-30T00:00:00Z/2020-12-31T00:00:00Z") == {june, december}
    assert days("../2020-12-30") == days("/2020-12-30") == {june}
    assert days("2020-07-01/..") == days("2020-07-01T00:00:00Z/") == {december}
    assert days("1999-01-01") == set()


def test_a_period_is_found_by_any_day_within_it(client: Any) -> None:
    asked = {"group": "RET", "datetime": "2020-05-05"}
    assert len(_ids(client, f"{FIGURES}/items", **asked)) == 2


def test_a_time_chooses_the_figures_of_the_units(client: Any) -> None:
    found = client.get(f"{COUNTS}/items", params={"datetime": "2020-06-30", "group": "IDP"}).json()
    rows = {f["id"]: f["properties"] for f in found["features"]}
    assert {code: row["IDP_stock"] for code, row in rows.items()} == {
        "XA01": 100, "XA02": 0, "XA03": None,
    }  # fmt: skip
    assert {row["IDP_stock_date"] for row in rows.values()} == {"2020-06-30"}
    assert "REF_stock" not in rows["XA01"]
    assert _ids(client, f"{COUNTS}/items", datetime="1999-01-01") == []


def test_features_about_no_time_are_in_every_time(client: Any) -> None:
    assert len(_ids(client, f"{REGIONS}/items", datetime="1999-01-01")) == 4


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2020", "2020-13-01", "2020-06-30T12:00:00", "2020-12-31/2020-01-01", "../..", "/",
     "2020-01-01/2020-02-01/2020-03-01", "", "0001-01-01T00:00:00+23:59", "2020-01-01T25:00:00Z"],
)  # fmt: skip
def test_a_time_that_is_none_is_400(client: Any, text: str) -> None:
    assert client.get(f"{COUNTS}/items", params={"datetime": text}).status_code == 400


def test_conf_core_query_param_unknown(client: Any) -> None:
    for address in (
        "/ogc", "/ogc/conformance", "/ogc/api", "/ogc/collections", COUNTS, f"{COUNTS}/items",
        f"{COUNTS}/items/XA01", "/ogc/tiles", "/ogc/tileMatrixSets",
    ):  # fmt: skip
        answer = client.get(address, params={"unbekannt": HOSTILE})
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown-parameter")
        assert HOSTILE not in answer.text


def test_conf_core_query_param_invalid(client: Any) -> None:
    for query in ("group=XYZ", "measure=sum", "lang=de", "f=xml", "offset=-1", "limit=1&limit=2"):
        assert client.get(f"{COUNTS}/items?{query}").status_code == 400, query
    answer = client.get(f"{COUNTS}/items?group=XYZ").json()
    assert answer["known"] == ["IDP", "POP", "REF", "RET"]


def test_a_filter_of_another_collection_is_unknown(client: Any) -> None:
    assert client.get(f"{REGIONS}/items?group=IDP").status_code == 400
    assert sorted(_ids(client, f"{REGIONS}/items", parent="XA")) == ["XA01", "XA02", "XA03"]


def test_filters_keep_the_features_with_that_property(client: Any) -> None:
    assert _ids(client, f"{FIGURES}/items", pcode="XA02", group="IDP", datetime="2020-12-31") == [
        "XA02.IDP.stock.2020-12-31"
    ]
    assert _ids(client, f"{COUNTS}/items", pcode="XA03") == ["XA03"]
    assert _ids(client, f"{COUNTS}/items", pcode=HOSTILE) == []
    assert len(_ids(client, f"{PRESENCE}/items", sector_code="SHL")) == 2


def test_conf_core_f_op_and_f_success(client: Any) -> None:
    answer = client.get(f"{COUNTS}/items/XA03")
    assert answer.headers["content-type"] == "application/geo+json"
    feature = answer.json()
    assert (feature["type"], feature["id"]) == ("Feature", "XA03")
    assert {"self", "alternate", "collection"} <= set(_links(feature))
    listed = client.get(f"{COUNTS}/items?pcode=XA03").json()["features"][0]
    assert listed["properties"] == feature["properties"]
    assert listed["geometry"] == feature["geometry"]


def test_a_feature_that_is_not_there_is_404(client: Any) -> None:
    for name in ("XA99", HOSTILE.replace("/", "")):
        assert client.get(f"{COUNTS}/items/{name}").status_code == 404


def test_every_feature_can_be_asked_for_by_its_id(client: Any) -> None:
    for each in client.get("/ogc/collections").json()["collections"]:
        found = client.get(f"/ogc/collections/{each['id']}/items?limit=5").json()["features"]
        for feature in found:
            one = client.get(f"/ogc/collections/{each['id']}/items/{feature['id']}").json()
            assert one["properties"] == feature["properties"]


# --- A.3 and A.4: GeoJSON and HTML -----------------------------------------------------------------


def test_conf_geojson_content_and_definition(client: Any) -> None:
    for each in client.get("/ogc/collections").json()["collections"]:
        document = client.get(f"/ogc/collections/{each['id']}/items").json()
        west, south, east, north = each["extent"]["spatial"]["bbox"][0]
        for feature in document["features"]:
            assert set(feature) == {"type", "id", "geometry", "properties"}
            if feature["geometry"] is None:
                continue
            shape = shapely.from_geojson(str(feature["geometry"]).replace("'", '"'))
            assert shape.is_valid
            assert shapely.box(west, south, east, north).buffer(1e-5).covers(shape)
            for polygon in shapely.get_parts(shape):
                assert polygon.geom_type != "Polygon" or polygon.exterior.is_ccw


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "application/geo+json"),
        ("*/*", "application/geo+json"),
        ("application/json", "application/geo+json"),
        ("application/geo+json;q=0.5, text/html;q=0.4", "application/geo+json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/*", "text/html"),
    ],
)
def test_what_accept_likes_best_is_answered(client: Any, accept: str, form: str) -> None:
    answer = client.get(f"{COUNTS}/items", headers={"accept": accept})
    assert answer.headers["content-type"].startswith(form)
    assert "Accept" in answer.headers["vary"]


def test_accept_of_nothing_there_is_is_406_and_f_goes_before_it(client: Any) -> None:
    only = {"accept": "application/xml"}
    assert client.get(f"{COUNTS}/items", headers=only).status_code == 406
    assert client.get(f"{COUNTS}/items?f=json", headers=only).status_code == 200


def test_conf_html_content_and_definition(client: Any) -> None:
    for address in (
        "/ogc", "/ogc/conformance", "/ogc/api", "/ogc/collections", COUNTS, f"{COUNTS}/items",
        f"{COUNTS}/items/XA01", f"{FLOWS}/items", "/ogc/collections/xaa-2020.map-idps",
    ):  # fmt: skip
        answer = client.get(f"{address}?f=html")
        assert answer.status_code == 200, address
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "<script" not in answer.text
        assert "style=" not in answer.text
        policy = answer.headers["content-security-policy"]
        assert "script-src" not in policy
        assert "default-src 'none'" in policy


def test_every_link_of_every_page_leads_somewhere(client: Any) -> None:
    seen, ahead = {"/ogc?f=html"}, ["/ogc?f=html"]
    while ahead:
        page = client.get(ahead.pop())
        assert page.status_code == 200, page.url
        if page.headers["content-type"].startswith("text/html") and "/items" not in str(page.url):
            for link in re.findall(r'(?:href|src)="([^"]+)"', page.text):
                path = html.unescape(link).removeprefix(BASE)
                if path.startswith("/ogc") and path not in seen:
                    seen.add(path)
                    ahead.append(path)
    assert len(seen) > 50


def test_pages_escape_what_was_asked(client: Any) -> None:
    page = client.get(f"{COUNTS}/items", params={"pcode": HOSTILE, "f": "html"}).text
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


def test_a_page_of_features_says_what_every_output_must_say(client: Any) -> None:
    page = client.get(f"{COUNTS}/items?f=html&lang=fr").text
    assert "XA04 est montré dans Tamar" in page
    assert "Nordé" in page


# --- what clients lean on --------------------------------------------------------------------------


def test_the_two_forms_of_an_answer_have_different_tags_and_are_304_when_known(client: Any) -> None:
    tags = set()
    for form in ("json", "html"):
        accept = {"accept": {"json": "application/json", "html": "text/html"}[form]}
        first = client.get(f"{COUNTS}/items", headers=accept)
        tags.add(first.headers["etag"])
        again = client.get(
            f"{COUNTS}/items", headers={**accept, "if-none-match": first.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
        assert "Accept" in again.headers["vary"]
    assert len(tags) == 2


def test_the_same_edition_answers_with_the_same_bytes(
    client: Any, released_store: Path, connect: Connect
) -> None:
    other = connect(create_app(Settings(stores=(released_store,), base_url=BASE)))
    for address in (f"{COUNTS}/items", f"{FLOWS}/items", "/ogc/api", "/ogc/collections"):
        assert client.get(address).content == other.get(address).content


def test_the_first_features_have_something_in_every_column(client: Any) -> None:
    document = client.get(f"{COUNTS}/items?limit=10").json()
    columns = [k for k in document["features"][0]["properties"] if re.fullmatch("[A-Z]+_[a-z]+", k)]
    for column in columns:
        assert any(f["properties"][column] is not None for f in document["features"][:10])


def test_a_flow_is_a_line_between_its_ends_and_a_point_is_where_the_unit_is_named(
    client: Any,
) -> None:
    flows = {f["id"]: f for f in client.get(f"{FLOWS}/items").json()["features"]}
    line = flows["XB.XA01.REF.stock.2020-12-31"]["geometry"]
    assert line == {"type": "LineString", "coordinates": [[14.0, 11.0], [10.5, 11.0]]}
    presence = client.get(f"{PRESENCE}/items?pcode=XA01").json()["features"]
    assert {tuple(f["geometry"]["coordinates"]) for f in presence} == {(10.5, 11.0)}


@given(
    st.tuples(st.floats(-179, 179), st.floats(-80, 80)),
    st.tuples(st.floats(-179, 179), st.floats(-80, 80)),
)
def test_a_line_never_goes_the_long_way_round(
    origin: tuple[float, float], destination: tuple[float, float]
) -> None:
    from service.ogc.placed_features import straight_line

    line = straight_line(origin, destination)
    if line is None:
        assert origin == destination
        return
    parts = shapely.get_parts(line)
    assert sum(abs(p.coords[-1][0] - p.coords[0][0]) for p in parts) <= 180 + 1e-9
    assert (parts[0].coords[0], parts[-1].coords[-1]) == (origin, destination)
    assert all(abs(x) <= 180 for p in parts for x, _ in p.coords)
