"""A method's tab in a real browser: live pictures, selections, refusals, uploads, pre-flight, resume, questions."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from gradio_client import Client
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.live import LiveServer

pytestmark = pytest.mark.browser

GROWN = "([node, seen]) => node.data[0].x.length > seen"
PROGRESS = re.compile(r"^[1-9]\d* of 60 layers$")
RANGE = "node => [node._fullLayout.xaxis.range, node.data[0].x.length]"


def picturing(visit: Callable[..., Visit], **options: object) -> Visit:
    """The tab of the toy that has every kind of view."""
    return opened(visit, "Route", **options)


def opened(visit: Callable[..., Visit], tab: str, **options: object) -> Visit:
    made = visit(**options).open()
    made.tab(tab)
    expect(button(made.page, "Run")).to_be_visible()
    return made


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True).locator("visible=true")


def head(page: Page) -> Locator:
    return page.locator(".bw-shown").locator("visible=true")


def unfold(page: Page) -> None:
    """Open every group of pictures, and the tables inside; they are drawn then."""
    closed = page.locator(".bw-group-of-views > button:not(.open)").locator("visible=true")
    while closed.count():
        closed.first.click()
        page.wait_for_timeout(300)  # what lies inside appears


def plot(page: Page, at: int = 0) -> Locator:
    return page.locator(".bw-plot").locator("visible=true").nth(at)


def number(page: Page, label: str) -> Locator:
    return page.get_by_label(f"number input for {label}", exact=True).locator("visible=true")


def more(page: Page) -> None:
    page.get_by_role("button", name="More settings").locator("visible=true").click()
    page.wait_for_timeout(500)  # what has just unfolded may still be drawn again, and forget what was typed


def set_number(page: Page, label: str, value: float) -> None:
    """Type as a user does, key by key: a value set at once is one event, and may come before anyone listens."""
    box = number(page, label)
    box.click()
    box.press("Control+a")
    box.press_sequentially(str(value), delay=20)
    box.press("Tab")
    expect(box).to_have_value(str(value))


def run_to_end(page: Page) -> None:
    button(page, "Run").click()
    expect(head(page)).to_contain_text("Finished")


def told(visit: Callable[..., Visit], text: str) -> Page:
    """The toy's tab after a run whose rows say this text."""
    page = picturing(visit).page
    more(page)
    page.get_by_label("Text", exact=False).locator("visible=true").last.fill(text)
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    run_to_end(page)
    unfold(page)
    return page


def test_pictures_grow_while_the_run_goes_and_zoom_stays(visit: Callable[..., Visit]):
    page = picturing(visit).page
    more(page)
    set_number(page, "Pause (seconds)", 0.8)
    set_number(page, "Layers", 60)
    button(page, "Run").click()
    expect(head(page)).to_contain_text("Running")
    expect(plot(page).locator(".main-svg").first).to_be_visible(timeout=30_000)
    plot(page).evaluate("node => Plotly.relayout(node, {'xaxis.range': [0.5, 1.5]})")
    seen = plot(page).evaluate(RANGE)[1]
    page.wait_for_function(GROWN, arg=[plot(page).element_handle(), seen])
    expect(page.get_by_role("progressbar").locator("visible=true")).to_have_attribute("aria-valuetext", PROGRESS)
    assert plot(page).evaluate(RANGE)[0] == [0.5, 1.5]
    button(page, "Stop").click()
    expect(head(page)).to_contain_text("Stopped")
    assert plot(page).evaluate(RANGE)[0] == [0.5, 1.5]


def test_a_click_on_a_point_sets_the_control_everywhere(visit: Callable[..., Visit]):
    first = picturing(visit)
    page = first.page
    run_to_end(page)
    unfold(page)
    expect(number(page, "Layer")).to_have_value("7")
    point = plot(page).locator(".points path").nth(3)
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(300)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(number(page, "Layer")).to_have_value("3")
    expect(page.locator("#view-picturing-places")).to_contain_text("Layer 3.")
    assert first.problems == []


def test_what_rows_say_is_only_text(visit: Callable[..., Visit]):
    page = picturing(visit).page
    run_to_end(page)
    unfold(page)
    expect(page.locator("#view-picturing-passage mark").first).to_contain_text("<img src=x")
    expect(page.locator("#view-picturing-sizes")).to_contain_text("<img src=x")
    expect(page.locator("#view-picturing-sentences td").nth(3)).to_contain_text("<img src=x")
    page.get_by_role("tab", name="Details").click()
    expect(page.get_by_text("Drawn with <img src=x")).to_be_visible()
    assert page.evaluate("window.hacked") is None


def test_refused_settings_are_told_beside_the_form_and_nothing_is_lost(visit: Callable[..., Visit]):
    page = picturing(visit).page
    more(page)
    page.get_by_label("Rate", exact=True).fill("-3")
    page.get_by_label("Ranks").fill("1, b")
    page.get_by_label("Seeds").locator("visible=true").fill("0, x")
    button(page, "Run").click()
    alert = page.get_by_role("alert").locator("visible=true")
    expect(alert.locator("li")).to_have_count(3)
    for words in ("-3 was given", "must be a number above 0", "'b' was given", "separated by commas"):
        expect(alert).to_contain_text(words)
    expect(page.get_by_label("Ranks")).to_have_value("1, b")
    for box in (page.get_by_label("Rate", exact=True), page.get_by_label("Ranks"), page.get_by_label("Seeds")):
        expect(box.locator("visible=true")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Rate", exact=True)).to_be_focused()
    expect(page.locator(".bw-field-ranks .bw-field-problem")).to_contain_text("'b' was given")
    expect(head(page)).to_contain_text("No run shown")
    page.get_by_label("Rate", exact=True).fill("0.5")
    page.get_by_label("Ranks").fill("1")
    page.get_by_label("Seeds").locator("visible=true").fill("0")
    run_to_end(page)
    expect(alert).to_have_count(0)
    expect(page.locator("[aria-invalid]")).to_have_count(0)


def test_tables_sort_by_their_headers_and_save_formulas_as_text(visit: Callable[..., Visit], tmp_path: Path):
    page = told(visit, "=HYPERLINK(1)")
    table = page.locator("#view-picturing-sentences")
    header = table.get_by_role("columnheader", name="layer")
    header.get_by_role("button").press("Enter")
    header.get_by_role("button").press("Enter")
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(table.locator("tbody tr").first.locator("td").nth(1)).to_have_text("7")
    with page.expect_download() as saved:
        table.get_by_role("button", name="Save these rows as CSV").click()
    rows = list(csv.DictReader(Path(saved.value.path()).read_text(encoding="utf-8").splitlines()))
    assert rows[0]["layer"] == "7" and rows[0]["sentence"] == "'=HYPERLINK(1) 7"
    assert any(row["x"].startswith("-") for row in rows)


def test_long_texts_of_a_table_are_not_squeezed(visit: Callable[..., Visit]):
    page = told(visit, "a word " * 30)
    page.set_viewport_size({"width": 400, "height": 800})
    cell = page.locator("#view-picturing-sentences tbody tr").first.locator("td.bw-words").last
    expect(cell).to_contain_text("a word a word")
    width, height = cell.evaluate("cell => [cell.offsetWidth, cell.offsetHeight]")
    assert width > 220 and height < 260


def test_an_uploaded_file_becomes_the_data_setting(visit: Callable[..., Visit], server: LiveServer, tmp_path: Path):
    page = picturing(visit).page
    path = tmp_path / "My pairs (v2).csv"
    path.write_text("de,fr\na,b\n", encoding="utf-8")
    page.locator("input[type=file]").locator("visible=false").first.set_input_files(path)
    expect(page.get_by_label("Data", exact=False).first).to_have_value("upload:My-pairs-v2-" + digest(path) + ".csv")
    assert (server.home / "uploads" / f"My-pairs-v2-{digest(path)}.csv").read_text() == "de,fr\na,b\n"


def digest(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def test_check_fit_measures_and_make_it_fit_changes_the_form(visit: Callable[..., Visit]):
    page = picturing(visit).page
    set_number(page, "Layers", 20)
    button(page, "Check fit").click()
    panel = page.locator(".block.bw-preflight").locator("visible=true")
    expect(panel).to_contain_text("about 2 h 20 min")
    expect(panel).to_contain_text("GB")
    expect(panel).to_contain_text("So it would take about 56 min 00 s")
    button(page, "Make it fit").click()
    expect(number(page, "Layers")).to_have_value("8")
    expect(panel).to_have_count(0)
    expect(head(page)).to_contain_text("No run shown")


def test_a_stopped_run_is_partial_and_can_be_resumed(visit: Callable[..., Visit]):
    page = opened(visit, "Probe").page
    page.get_by_label("Items", exact=True).locator("visible=true").fill("80")
    set_number(page, "Pause (seconds)", 0.1)
    button(page, "Run").click()
    expect(head(page)).to_contain_text("Running")
    button(page, "Stop").click()
    expect(head(page)).to_contain_text("partial")
    button(page, "Resume").click()
    expect(head(page)).to_contain_text("Finished")
    expect(head(page)).to_contain_text("Attempt")
    expect(button(page, "Stop")).to_have_count(0)
    expect(page.locator(".bw-summary")).to_contain_text("Holds here")


def test_a_finished_run_answers_questions(visit: Callable[..., Visit]):
    page = opened(visit, "Probe").page
    run_to_end(page)
    page.get_by_role("tab", name="Try it").locator("visible=true").click()
    page.get_by_label("Item", exact=True).locator("visible=true").fill("3")
    button(page, "Ask").click()
    answers = page.locator("#view-counting-answers")
    expect(answers.locator("tbody tr")).to_have_count(2)
    expect(answers.locator("tbody tr").first.locator("td").first).to_have_text("3")


def test_a_live_run_takes_commands(visit: Callable[..., Visit]):
    page = opened(visit, "Review").page
    button(page, "Run").click()
    page.get_by_role("button", name="Steer the run").click()
    page.get_by_label("Amount", exact=False).locator("visible=true").first.wait_for()
    set_number(page, "Amount", 7)
    button(page, "Add").click()
    rows = page.locator("#view-steering-additions tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("7")
    button(page, "Finish").click()
    expect(head(page)).to_contain_text("Finished")


@pytest.mark.parametrize(("width", "height", "lowest"), [(1280, 900, 800), (390, 844, 1700)])
def test_a_run_fills_the_page(visit: Callable[..., Visit], width: int, height: int, lowest: int):
    """A shared link opens on the run: state, answers, first picture; the form is folded and holds what was asked."""
    started = picturing(visit)
    more(started.page)
    set_number(started.page, "Layers", 5)
    run_to_end(started.page)
    query = started.page.url.partition("/?")[2]
    page = visit(width, height).open(f"?{query}").page
    expect(plot(page).locator(".main-svg").first).to_be_visible()
    top = (
        page.locator(".bw-view")
        .locator("visible=true")
        .first.evaluate("view => view.getBoundingClientRect().top + scrollY")
    )
    assert top < lowest
    assert page.locator(".bw-card-head").locator("visible=true").count() == 0
    assert button(page, "Run").count() == 0
    unfold(page)
    expect(page.locator("#view-picturing-places")).to_contain_text("Layer 4.")
    button(page, "Use and change").click()
    expect(button(page, "Run")).to_be_visible()
    more(page)
    expect(number(page, "Layers")).to_have_value("5")


def test_figures_are_saved_as_svg_on_white(visit: Callable[..., Visit]):
    page = picturing(visit, color_scheme="dark").page
    run_to_end(page)
    expect(plot(page).locator(".main-svg").first).to_be_visible()
    assert plot(page).evaluate("node => node._fullLayout.font.color") == "#e4e7e9"
    plot(page).hover()
    with page.expect_download() as saved:
        plot(page).locator('[data-title="Save as SVG"]').click()
    drawn = Path(saved.value.path()).read_text(encoding="utf-8")
    assert saved.value.suggested_filename == "picturing-sizes.svg"
    assert "Distance" in drawn and "rgb(34, 34, 34)" in drawn


def test_the_named_endpoints_start_watch_and_stop(server: LiveServer):
    client = Client(server.url, verbose=False)
    asked = {"preset": "quick", "settings": {"items": 500, "pause": 0.1}}
    first, second = (client.predict("counting", asked, "one key", api_name="/start") for _ in range(2))
    assert first["run"] == second["run"] and first["link"] == f"{server.url}/?run={first['run']}"
    client.predict(first["run"], api_name="/stop")
    assert client.predict(first["run"], api_name="/status")["state"] in ("stopping", "stopped")
    names = json.loads(json.dumps(client.view_api(return_format="dict", print_info=False)))["named_endpoints"]
    assert set(names) == {"/start", "/status", "/stop", "/extend"}


@pytest.mark.parametrize(
    ("engine", "asked", "words"),
    [
        ("nothing", {}, "nothing"),
        ("counting", {"settings": {"items": 0}}, "at least 1"),
        ("counting", {"settings": []}, "mapping"),
        ("counting", {"password": 1}, "password"),
        ("counting", {"arms": ["nope"]}, "nope"),
        ("counting", [], "mapping"),
    ],
)
def test_the_endpoints_refuse_in_words(server: LiveServer, engine: str, asked: object, words: str):
    with pytest.raises(Exception, match=words):
        Client(server.url, verbose=False).predict(engine, asked, "", api_name="/start")
