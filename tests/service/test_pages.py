"""Pages and their policies: nothing inline runs, nothing comes from elsewhere, names are checked."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.app import create_app
from service.page_assets import assets, assets_digest
from service.settings import Settings
from service.words import page_words

PAGES = ("/view/xaa-2020/idps", "/embed/xaa-2020/idps")


@pytest.fixture(scope="module")
def stores(published_folder: Path) -> tuple[Path, ...]:
    return (published_folder / ".sitmap" / "store.sqlite",)


@pytest.fixture(scope="module")
def client(stores: tuple[Path, ...], connect: Callable[..., Any]) -> Any:
    return connect(create_app(Settings(stores=stores, base_url="https://maps.example")))


def parts(policy: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/docs", *PAGES, "/maps/xaa-2020/idps.html", "/maps/xaa-2020/idps.svg"),
        *("/maps/xaa-2020/idps/legend.svg", "/api/situations", "/nothing", "/view/offline.js"),
    ],
)
def test_no_answer_allows_inline_code_or_another_host(client: Any, path: str) -> None:
    answer = client.get(path)
    policy = parts(answer.headers["content-security-policy"])
    assert policy["default-src"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"https?:", "".join(policy.values()))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    if path.endswith(".svg"):
        assert "sandbox" in policy


@pytest.mark.parametrize("path", PAGES)
def test_scripts_of_a_page_run_by_a_nonce_that_is_never_given_twice(client: Any, path: str) -> None:
    nonces = set()
    for _ in range(3):
        answer = client.get(path)
        (nonce,) = re.findall(
            r"script-src 'nonce-([\w-]+)'", answer.headers["content-security-policy"]
        )
        scripts = re.findall(r"<script([^>]*)>", answer.text)
        assert [f'nonce="{nonce}"' in script for script in scripts] == [False, True]
        assert 'type="application/json"' in scripts[0]
        assert "etag" not in answer.headers
        nonces.add(nonce)
    assert len(nonces) == 3


def test_everything_a_page_loads_is_there_for_ever_and_under_its_content(client: Any) -> None:
    page = client.get(PAGES[0]).text
    loaded = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)
    assert len(loaded) == 3
    for name in assets():
        answer = client.get(f"/assets/{assets_digest()}/{name}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert client.get(f"/assets/000000000000/{name}").status_code == 404
    for name in ("explorer/nothing.js", "maplibre/LICENSE"):
        assert client.get(f"/assets/{assets_digest()}/{name}").status_code == 404


def test_modules_import_only_what_is_served() -> None:
    for name, asset in assets().items():
        if not name.startswith("explorer/") or not name.endswith(".js"):
            continue
        text = asset.content.decode()
        for address in re.findall(r"""(?:from|import\(|new URL\()\s*"([^"]+)\"""", text):
            path = (
                address.removeprefix("../")
                if address.startswith("../")
                else "explorer/" + address[2:]
            )
            assert path in assets(), f"{name} imports {address}"
        assert "innerHTML" not in text
        assert "http://" not in re.sub(r"http://www\.w3\.org/\S+", "", text)


def test_every_word_a_page_asks_for_is_there_in_every_language() -> None:
    scripts = "".join(
        asset.content.decode() for name, asset in assets().items() if name.startswith("explorer/")
    )
    asked = set(re.findall(r'word\("([\w.]+)"', scripts))
    template = Path("service/templates/map.html")
    folder = Path(__file__).resolve().parents[2]
    asked |= set(re.findall(r'words\["([\w.]+)"\]', (folder / template).read_text("utf-8")))
    english = page_words("en")
    for lang in ("en", "fr", "es", "ar"):
        words = page_words(lang)
        assert set(words) == set(english)
        assert asked <= set(words)
        for key, text in words.items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[key]))


def test_the_state_of_a_page_is_data_that_ends_no_script(client: Any) -> None:
    page = client.get(PAGES[0]).text
    data = re.search(r'<script type="application/json" id="situation">(.*?)</script>', page).group(
        1
    )
    assert "<" not in data
    document = json.loads(data)
    assert document["situation"] == "xaa-2020"
    assert document["state"] == {}


def test_an_unknown_state_falls_back_and_is_never_repeated(client: Any) -> None:
    page = client.get(f"{PAGES[0]}?group=WICKED&date=yesterday&level=2&at=1/2&foo=<b>").text
    assert "WICKED" not in page
    assert "<b>" not in page
    data = re.search(r'id="situation">(.*?)</script>', page).group(1)
    assert json.loads(data)["missed"] == ["Date", "Who", "Level", "Map", "What is shown"]


@pytest.mark.parametrize("lang", ["en", "fr", "es", "ar"])
def test_a_page_speaks_its_language_and_has_the_table_and_the_words(client: Any, lang: str) -> None:
    page = client.get(f"{PAGES[0]}?lang={lang}").text
    assert f'<html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">' in page
    assert page_words(lang)["legend"] in page
    assert page.count("<table>") == 2


def test_a_map_that_is_not_there_is_a_problem_and_no_page(client: Any) -> None:
    assert client.get("/view/xaa-2020/nothing").json()["code"] == "unknown-map"
    assert client.get("/embed/nowhere/idps").json()["code"] == "unknown-situation"


# --- who may frame, and who may ask ---------------------------------------------------------------


def test_only_named_sites_may_frame_a_map(stores: tuple[Path, ...], connect: Any) -> None:
    open_to_all = connect(create_app(Settings(stores=stores)))
    named = connect(create_app(Settings(stores=stores, embed_origins=("https://portal.example",))))

    def ancestors(client: Any, path: str) -> str:
        return parts(client.get(path).headers["content-security-policy"])["frame-ancestors"]

    assert ancestors(open_to_all, PAGES[1]) == "*"
    assert ancestors(named, PAGES[1]) == "'self' https://portal.example"
    assert ancestors(named, "/maps/xaa-2020/idps.html") == "'self' https://portal.example"
    assert ancestors(named, PAGES[0]) == ancestors(open_to_all, PAGES[0]) == "'none'"


def test_a_request_to_another_name_is_refused_before_any_work(
    stores: tuple[Path, ...], connect: Any
) -> None:
    client = connect(create_app(Settings(stores=stores, hosts=("maps.example",))))
    for host, status in (
        ("maps.example", 200),
        ("MAPS.example:8000", 200),
        ("evil.example", 421),
        ("maps.example.evil.example", 421),
        ("", 421),
    ):
        answer = client.get("/api/situations", headers={"host": host})
        assert answer.status_code == status
        if status == 421:
            assert answer.json()["code"] == "unknown-host"
            assert "nosniff" in answer.headers["x-content-type-options"]


# --- oEmbed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "https://maps.example/view/xaa-2020/idps",
        "https://maps.example/embed/xaa-2020/idps?group=IDP",
        "https://maps.example/maps/xaa-2020/idps.html",
    ],
)
def test_oembed_answers_for_every_address_a_reader_copies(client: Any, address: str) -> None:
    answer = client.get(
        "/oembed", params={"url": address, "maxwidth": 500, "maxheight": 300}
    ).json()
    assert (answer["width"], answer["height"]) == (500, 300)
    assert answer["html"].startswith('<iframe src="https://maps.example/embed/xaa-2020/idps')
    assert len(answer["html"].split("\n")) == 2
    assert answer["thumbnail_url"].startswith("https://maps.example/maps/xaa-2020/idps.png?")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/view/xaa-2020/idps",
        "javascript:alert(1)",
        "https://maps.example/api/situations",
        "https://maps.example@evil.example/view/xaa-2020/idps",
        "https://[broken/view/xaa-2020/idps",
    ],
)
def test_oembed_knows_only_our_own_maps(client: Any, address: str) -> None:
    answer = client.get("/oembed", params={"url": address})
    assert answer.status_code == 404
    assert answer.json()["code"] == "not-our-address"


def test_oembed_needs_to_know_its_own_address(stores: tuple[Path, ...], connect: Any) -> None:
    client = connect(create_app(Settings(stores=stores)))
    answer = client.get("/oembed", params={"url": "https://maps.example/view/xaa-2020/idps"})
    assert (answer.status_code, answer.json()["code"]) == (501, "no-public-address")


@pytest.mark.parametrize(
    ("lang", "title", "direction"),
    [
        ("en", "What the numbers are, and are not", "ltr"),
        ("fr", "Ce que les chiffres sont, et ne sont pas", "ltr"),
        ("es", "Qué son las cifras y qué no son", "ltr"),
        ("ar", "ما هي الأرقام وما ليست", "rtl"),
    ],
)
def test_the_landing_page_speaks_the_languages_of_the_maps(
    client: Any, lang: str, title: str, direction: str
) -> None:
    page = client.get(f"/?lang={lang}").text
    assert f'<html lang="{lang}" dir="{direction}">' in page
    assert title in page
    maps = re.findall(r'href="(/view/[^"]+)"', page)
    assert maps
    assert all(address.endswith("?lang=" + lang) == (lang != "en") for address in maps)
    assert client.get("/?lang=xx").status_code == 400
