"""The explorer in a real browser: what is chosen is what is shown, said, linked and kept."""

import csv
import io
import re

import httpx
import pypdfium2
import pytest

pytestmark = pytest.mark.browser


def cells(page) -> list[list[str]]:
    return [row.locator("th, td").all_inner_texts() for row in page.locator("#tables tr").all()]


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("size", ["desk", "phone"])
@pytest.mark.parametrize("map_id", ["overview", "movements"])
def test_a_page_shows_its_map_and_complains_of_nothing(service, visit, size, lang, map_id):
    with visit(f"{service}/view/xaa-2020/{map_id}?lang={lang}", size) as shown:
        shown.ready()
        assert shown.complaints == []
        assert all(address.startswith(service) for address in shown.asked)
        assert shown.page.locator(".pane canvas").is_visible()
        assert shown.page.locator("#legend .key").count() >= 2
        assert shown.page.locator("#tables table").count() >= 1
        assert shown.page.locator("html").get_attribute("dir") == ("rtl" if lang == "ar" else "ltr")
        wide = shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert wide, "the page must not scroll sideways"
        shown.picture(f"explorer-{map_id}-{size}-{lang}")


def test_choosing_a_group_changes_map_legend_table_and_address(service, visit):
    with visit(f"{service}/view/xaa-2020/overview") as shown:
        shown.ready()
        shown.page.locator("[name=group]").select_option("REF")
        shown.settled()
        assert shown.page.locator("#title").inner_text() == "Refugees"
        assert "group=REF" in shown.page.url
        assert ["Norda", "XA01", "70"] in cells(shown.page)
        assert "Refugees" in shown.page.locator("#legend").inner_text()
        shown.page.go_back()
        shown.settled()
        assert shown.page.locator("#title").inner_text() == "Displaced people"
        assert shown.complaints == []


def test_the_slider_goes_through_the_days_under_one_classification(service, visit):
    with visit(f"{service}/view/xaa-2020/overview?show=choropleth&group=IDP") as shown:
        shown.ready()
        seen = {}
        for at in ("0", "1", "2"):
            shown.page.locator("#time input").fill(at)
            shown.settled()
            seen[at] = shown.page.locator("#legend .key").last.inner_text()
            labels = shown.page.locator("#legend li").all_inner_texts()
            assert any("50" in label for label in labels)
        assert "date=2020-12-31" in shown.page.url
        assert shown.page.locator("#time output").inner_text() == "31 December 2020"
        assert ["Norda", "XA01", "1,200", "30"] in cells(shown.page)


def test_play_goes_to_the_last_day_and_stops(service, visit):
    with visit(f"{service}/view/xaa-2020/overview?group=IDP&date=2020-06-30") as shown:
        shown.ready()
        play = shown.page.locator("#time .play")
        play.click()
        assert play.get_attribute("aria-pressed") == "true"
        shown.page.locator("#time .play[aria-pressed='false']").wait_for()
        assert shown.page.locator("#time output").inner_text() == "31 December 2020"


def test_two_days_stand_side_by_side_with_one_legend(service, visit):
    with visit(f"{service}/view/xaa-2020/overview?group=IDP&date=2020-12-31") as shown:
        shown.ready()
        shown.page.locator("[name=compare]").select_option("2020-03-31")
        shown.settled()
        assert shown.page.locator(".pane canvas").count() == 2
        assert shown.page.locator(".day").all_inner_texts() == [
            "as of 31 December 2020",
            "as of 31 March 2020",
        ]
        row = next(row for row in cells(shown.page) if row[0] == "Norda")
        assert row == ["Norda", "XA01", "1,200", "30", "400", "10"]
        assert "compare=2020-03-31" in shown.page.url
        shown.picture("explorer-compare")


def test_a_place_opens_by_click_by_name_and_by_its_address(service, visit):
    with visit(f"{service}/view/xaa-2020/overview") as shown:
        shown.ready()
        shown.page.locator("#find").fill("Norda")
        shown.page.locator("#find").press("Enter")
        profile = shown.page.locator("#profile")
        profile.locator("h2").wait_for()
        said = profile.inner_text()
        for words in ("Norda", "XA01", "1,200", "70", "Tamar", "320", "Well Diggers of Norda"):
            assert words in said
        assert profile.locator("svg.chart").get_attribute("aria-label") == (
            "31 March 2020: 400; 30 June 2020: 800; 31 December 2020: 1,200"
        )
        assert "place=XA01" in shown.page.url
        shown.picture("explorer-profile")
        box = shown.page.locator(".pane").bounding_box()
        shown.page.mouse.click(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.35)
        shown.page.get_by_role("heading", name="Tamar XA03").wait_for()
        address = shown.page.url
    with visit(address) as again:
        again.ready()
        assert "Tamar" in again.page.locator("#profile").inner_text()


def test_a_place_leads_down_to_the_areas_inside_and_back(service, visit):
    with visit(f"{service}/view/xaa-2020/overview?group=IDP&place=XA01") as shown:
        shown.ready()
        shown.page.get_by_role("button", name="Show the areas inside").click()
        shown.settled()
        assert {row[0] for row in cells(shown.page) if row[0] not in ("Place", "")} == {
            "Alto Norda",
            "Basso Norda",
        }
        assert "level=2" in shown.page.url
        assert "inside=XA01" in shown.page.url
        shown.picture("explorer-inside")


def test_every_area_is_reached_from_the_keyboard_and_says_name_figure_and_date(service, visit):
    with visit(f"{service}/view/xaa-2020/overview") as shown:
        shown.ready()
        shown.page.locator(".pane").focus()
        heard = set()
        for key in ("ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowRight", "ArrowRight"):
            shown.page.keyboard.press(key)
            heard.add(shown.page.locator("#said").inner_text())
        names = {words.split(";")[0] for words in heard}
        assert names == {"Norda", "Séna", "Tamar"}
        norda = next(words for words in heard if words.startswith("Norda"))
        for fact in ("30 (over", "1,200", "31 December 2020", "70"):
            assert fact in norda
        assert shown.page.locator(".tip strong").inner_text() == "Tamar"
        shown.page.keyboard.press("Enter")
        shown.page.get_by_role("heading", name="Tamar XA03").wait_for()


def test_an_address_that_asks_for_what_is_not_there_falls_back_and_says_so(service, visit):
    words = "group=XXX&date=1999-01-01&level=3&colour=pink&place=ZZ99"
    with visit(f"{service}/view/xaa-2020/overview?{words}") as shown:
        shown.ready()
        notice = shown.page.locator("#notices").inner_text()
        assert "does not have (Who, Date, Level, Find a place, What is shown)" in _ordered(notice)
        assert "XXX" not in shown.page.locator("body").inner_text()
        assert shown.page.locator("#title").inner_text() == "Displaced people"


def _ordered(notice: str) -> str:
    wanted = ["Who", "Date", "Level", "Find a place", "What is shown"]
    inside = re.search(r"\((.*?)\)", notice).group(1).split(", ")
    assert sorted(inside) == sorted(wanted)
    return f"does not have ({', '.join(wanted)})"


def test_without_webgl_there_is_the_picture_and_the_table(service, visit):
    with visit("about:blank") as shown:
        shown.page.add_init_script(
            "HTMLCanvasElement.prototype.getContext = function () { return null; };"
        )
        shown.page.goto(f"{service}/view/xaa-2020/overview")
        shown.ready()
        assert shown.page.locator("#panes img.picture").is_visible()
        assert "cannot draw the live map" in shown.page.locator("#notices").inner_text()
        shown.page.locator("[name=group]").select_option("REF")
        shown.settled()
        assert "group=REF" in shown.page.locator("#panes img.picture").get_attribute("src")
        assert ["Norda", "XA01", "70"] in cells(shown.page)
        shown.picture("explorer-without-webgl")


def test_without_scripts_there_is_the_picture_the_tables_and_a_form(service, visit):
    with visit(f"{service}/view/xaa-2020/overview", java_script_enabled=False) as shown:
        assert shown.page.locator("noscript img.picture, img.picture").first.is_visible()
        assert "1,200" in shown.page.locator("#tables").inner_text()
        shown.page.locator("[name=group]").select_option("REF")
        shown.page.locator("#controls button").click()
        assert "group=REF" in shown.page.url
        assert shown.page.locator("#title").inner_text() == "Refugees"


def test_a_silent_server_leaves_the_last_figures_with_their_date_and_a_notice(service, visit):
    with visit(f"{service}/view/xaa-2020/overview?group=IDP") as shown:
        shown.ready()
        shown.page.wait_for_timeout(500)
        shown.page.reload()  # now the worker keeps what is fetched
        shown.ready()
        shown.page.wait_for_timeout(500)
        shown.context.set_offline(True)
        shown.page.locator("[name=group]").select_option("REF")
        shown.settled()
        notice = shown.page.locator("#notices").inner_text()
        assert "does not answer" in notice
        assert "as of 31 December 2020" in notice or "fetched on" in notice
        assert shown.page.locator("#title").inner_text() == "Internally displaced people"
        assert shown.page.locator("[name=group]").input_value() == "IDP"
        shown.page.reload()
        shown.ready()
        assert "fetched on" in shown.page.locator("#notices").inner_text()
        assert ["Norda", "XA01", "1,200", "30"] in cells(shown.page)
        shown.picture("explorer-offline")


def test_downloads_and_the_embed_lines_follow_what_is_shown(service, visit):
    with visit(f"{service}/view/xaa-2020/overview?group=IDP&date=2020-06-30") as shown:
        shown.ready()
        shown.settled()
        links = {
            link.inner_text(): link.get_attribute("href")
            for link in shown.page.locator("#downloads a").all()
        }
        assert {"PDF", "PNG", "SVG", "HTML", "CSV", "XLSX", "GeoJSON", "JSON"} <= set(links)
        table = httpx.get(f"{service}{links['CSV']}").text
        assert "Norda" in table
        assert "800" in table
        assert httpx.get(f"{service}{links['PDF']}").content.startswith(b"%PDF")
        shown.page.locator("#embedding").click()
        lines = shown.page.locator("#snippet").input_value().split("\n")
        assert len(lines) == 2
        assert lines[0].startswith(f'<iframe src="{service}/embed/xaa-2020/overview?group=IDP')
        shown.picture("explorer-embed-dialog")


def test_at_twice_the_size_and_in_calm_motion_everything_is_still_there(service, visit):
    with visit(f"{service}/view/xaa-2020/overview", reduced_motion="reduce") as shown:
        shown.page.set_viewport_size({"width": 640, "height": 450})  # 1280 by 900 at 200 %
        shown.ready()
        assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for part in ("#controls", ".pane", "#legend", "#tables"):
            assert shown.page.locator(part).first.is_visible()
        shown.picture("explorer-200-percent", whole=True)


def test_a_printed_page_has_the_map_the_legend_and_the_table(service, visit):
    with visit(f"{service}/view/xaa-2020/overview") as shown:
        shown.ready()
        shown.settled()
        shown.page.emulate_media(media="print")
        shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert not shown.page.locator("#controls").is_visible()
        for part in (".pane", "#legend", "#tables", "#sources"):
            assert shown.page.locator(part).first.is_visible()
        map_ = shown.page.locator("section.map").bounding_box()
        assert map_["width"] <= 677, "the map must fit a sheet within its margins"
        shown.picture("explorer-print", whole=True)
        shown.page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert shown.page.locator("section.map").bounding_box()["width"] > 677


@pytest.mark.parametrize(
    "words",
    [
        "group=IDP&date=2020-12-31",
        "group=IDP&date=2020-06-30&lang=ar",
        "show=choropleth&group=IDP&date=2020-03-31&lang=fr",
        "show=symbols&group=REF",
        "group=IDP&date=2020-12-31&level=2",
    ],
)
def test_table_announcement_tooltip_legend_csv_and_print_say_one_figure(service, visit, words):
    with visit(f"{service}/view/xaa-2020/overview?{words}") as shown:
        shown.ready().settled()
        page = shown.page
        table = {row[1]: row for row in cells(page) if len(row) > 2 and row[1].startswith("XA")}
        link = page.locator("#downloads a", has_text="CSV").first.get_attribute("href")
        rows = list(csv.DictReader(io.StringIO(httpx.get(f"{service}{link}").text)))
        classes = [label.strip() for label in page.locator("#legend li").all_inner_texts()]
        heard = {}
        page.locator(".pane").focus()
        for key in 2 * ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown", "ArrowRight", "ArrowUp"):
            page.keyboard.press(key)
            name = page.locator(".tip strong").inner_text()
            heard[name] = (page.locator("#said").inner_text(), page.locator(".tip").inner_text())
        assert len(heard) >= 2
        spoken = [row for row in rows if row["name"] in heard]
        assert spoken
        for row in spoken:
            said, tip = heard[row["name"]]
            figure = f"{int(row['value']):,}" if row["value"] else ""
            if "lang=fr" in words:
                figure = figure.replace(",", "\u202f")
            assert any(figure in cell for cell in table[row["pcode"]][2:])
            for told in (said, tip):
                assert figure in told
            if figure not in ("", "0") and "symbols" not in words:
                assert set(re.findall(r"\(([^)]*)\)", said)) & set(classes)
        pdf = page.locator("#downloads a", has_text="PDF").get_attribute("href")
        printed = pypdfium2.PdfDocument(httpx.get(f"{service}{pdf}").content)
        text = " ".join(printed[0].get_textpage().get_text_range().split())
        if "lang=ar" not in words:  # letters of Arabic are joined in print
            assert all(
                " ".join(label.split()) in text for label in classes if re.search(r"\d", label)
            )
