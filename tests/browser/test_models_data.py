"""Models & data in a real browser, on the real app: tiny models side by side, a server, a PDF, a broken CSV."""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_page import serious
from tests.engines.parts.fault_server import Faults, fault_server
from tests.engines.parts.small_pdf import make_pdf
from tests.engines.parts.tiny_model import change_json, make_tiny_model
from tests.live import LiveServer, live_server

pytestmark = pytest.mark.browser

BROKEN = """Q,Gold answer,notes
What is two plus two?,4,=1+1
One,cell,too,many
,nobody,no question
Is <img src=x onerror=window.harmed=1> safe?,<script>window.harmed=1</script>,ok
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two tiny models that answer differently."""
    root = tmp_path_factory.mktemp("mine")
    make_tiny_model(root / "first")
    make_tiny_model(root / "second")
    change_json(root / "second" / "config.json", rms_norm_eps=0.5)
    return root


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[LiveServer]:
    """The real app, which may read that folder."""
    around = {"BENCHWRIGHT_ROOTS": str(models), "HF_HUB_CACHE": str(models / "hub"), "BENCHWRIGHT_THREADS": "1"}
    with live_server(tmp_path_factory.mktemp("home"), command=("app.py",), environment=around) as server:
        yield server


@pytest.fixture(scope="module")
def listed(chromium, server: LiveServer, models: Path) -> Path:
    """The models, added to the list by a user."""
    context = chromium.new_context()
    page = models_data(Visit(context.new_page(), server), "Models").page
    unfold(page, "Add a folder")
    for name in ("first", "second"):
        typed(page.get_by_label("Path"), str(models / name))
        button(page, "Check and add").click()
        expect(page.get_by_text(f"Added: {name}.")).to_be_visible()
    context.close()
    return models


def models_data(visit: Visit, inner: str, query: str = "") -> Visit:
    visit.open(query)
    visit.tab("Models & data")
    visit.page.get_by_role("tab", name=inner, exact=True).locator("visible=true").click()
    visit.page.wait_for_timeout(500)
    return visit


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True).locator("visible=true")


def unfold(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).locator("visible=true").first.click()
    page.wait_for_timeout(500)  # what has just unfolded may still be drawn again, and forget what was typed


def typed(box: Locator, words: str) -> None:
    """Type as a user does, key by key: a value set at once is one event, and may come before anyone listens."""
    box.click()
    box.press("Control+a")
    box.press_sequentially(words, delay=3)
    expect(box).to_have_value(words)


def choose(page: Page, *refs: str) -> None:
    """Choose these models in the playground, in place of the ones chosen."""
    box = page.get_by_label("Models").locator("visible=true").first
    for token in page.get_by_role("button", name=re.compile("^Remove")).locator("visible=true").all()[::-1]:
        token.click()
    for ref in refs:
        box.fill(ref)
        box.press("Enter")
    box.press("Escape")


def ask(page: Page, prompt: str, *refs: str, tokens: int = 24) -> None:
    choose(page, *refs)
    unfold(page, "How to answer")
    page.get_by_role("radio", name="text").check()
    longest = page.get_by_label("number input for Max tokens (tokens)")
    longest.click()
    longest.press("Control+a")
    longest.press_sequentially(str(tokens))
    longest.press("Tab")
    typed(page.get_by_label("Prompt").locator("visible=true").first, prompt)
    page.keyboard.press("Tab")
    button(page, "Ask").click()
    # until then the last visitor's answers stand there
    expect(page.locator(".bw-asked").locator("visible=true")).to_have_text(prompt)


def answer(page: Page, at: int = 0) -> Locator:
    return page.locator(".bw-answer").locator("visible=true").nth(at)


def look(page: Page, path: Path) -> None:
    page.locator("input[type=file]").last.set_input_files(path)
    expect(page.get_by_label("Data").locator("visible=true").first).to_have_value(re.compile("^upload:"))
    button(page, "Look").click()


def test_what_is_there_is_listed_with_its_facts(visit: Callable[..., Visit], listed: Path):
    shown = models_data(visit(), "Models")
    row = shown.page.locator(".bw-list tr", has_text=str(listed / "first"))
    for words in ("5,232", "64 tokens", "float32", "folder, answers", "25"):
        expect(row).to_contain_text(words)
    expect(shown.page.locator(".bw-list tr", has_text="smollm2-135m-instruct")).to_contain_text("fetched at first use")
    typed(shown.page.get_by_label("Search"), "second")
    expect(shown.page.locator(".bw-list:visible tbody tr")).to_have_count(1)
    assert shown.problems == [] and shown.foreign == []


def test_a_folder_that_cannot_be_used_is_refused_with_its_reason(visit: Callable[..., Visit], listed: Path):
    (listed / "pickled").mkdir(exist_ok=True)
    (listed / "pickled" / "config.json").write_text("{}")
    (listed / "pickled" / "pytorch_model.bin").write_bytes(b"x")
    page = models_data(visit(), "Models").page
    unfold(page, "Add a folder")
    for path, why in ((listed / "pickled", "a pickle file"), (Path("/etc"), "outside the folders")):
        typed(page.get_by_label("Path"), str(path))
        button(page, "Check and add").click()
        expect(page.get_by_text(why)).to_be_visible()
    expect(page.locator(".bw-list tr", has_text="pickled")).to_have_count(0)


def test_two_models_answer_side_by_side_and_a_third_says_why_not(visit: Callable[..., Visit], listed: Path):
    first = models_data(visit(), "Playground")
    page = first.page
    ask(page, "the <b>cat", str(listed / "first"), str(listed / "second"), "no-such-model")
    for at in (0, 1):
        expect(answer(page, at)).to_contain_text("Answered")
        expect(answer(page, at).locator(".bw-token").first).to_be_attached()
    expect(answer(page, 2)).to_contain_text("no model reference")
    expect(page.get_by_text("What differs, word by word")).to_be_visible()
    words = answer(page).locator(".bw-tokens")
    words.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    expect(words.locator(".bw-here")).to_have_count(1)
    expect(answer(page).get_by_role("status")).to_contain_text(re.compile(r"% *; others:"))
    words.locator(".bw-token").nth(3).hover()
    expect(words.locator(".bw-token").nth(3)).to_have_class(re.compile("bw-here"))
    assert first.problems == []


def test_answers_stay_when_the_page_is_left_and_have_an_address(visit: Callable[..., Visit], listed: Path):
    page = models_data(visit(), "Playground").page
    ask(page, "a dog", str(listed / "first"))
    expect(answer(page)).to_contain_text("Answered")
    address = page.get_by_role("link", name="Link to these answers").get_attribute("href") or ""
    told = answer(page).locator(".bw-text").inner_text()
    page.reload()
    again = models_data(visit(), "Playground").page
    expect(again.get_by_label("Prompt").locator("visible=true").first).to_have_value("a dog")
    expect(answer(again).locator(".bw-text")).to_have_text(told)
    linked = visit().open(address.removeprefix("/"))
    expect(answer(linked.page)).to_contain_text("Answered")
    assert linked.problems == []


def test_a_server_is_added_asked_stopped_and_removed(visit: Callable[..., Visit]):
    with fault_server(Faults(pause=0.5, context=4_000)) as address:
        page = models_data(visit(), "Models").page
        unfold(page, "Add a server")
        typed(page.get_by_role("textbox", name="Address"), address)
        button(page, "Check and add").click()
        expect(page.get_by_text("Added: toy, other.")).to_be_visible()
        page.get_by_role("button", name="Try toy in the playground").click()
        # what is chosen before the press has been heard would be overwritten
        expect(page.locator(".token", has_text="openai:toy").locator("visible=true")).to_be_visible()
        ask(page, " ".join(["word"] * 40), f"openai:toy@{address}", tokens=100)
        expect(answer(page)).to_contain_text("Answering")
        expect(answer(page).locator(".bw-text")).to_contain_text("word")
        button(page, "Stop").click()
        expect(page.locator(".bw-run:visible")).to_contain_text("Stopped")
        expect(answer(page)).to_contain_text("Not finished")
        page.get_by_role("tab", name="Models", exact=True).click()
        page.get_by_role("button", name="Take toy off the list").click()
        expect(page.locator(".bw-list tr", has_text="openai:")).to_have_count(0)
        expect(page.get_by_role("textbox", name="Address")).to_have_value(address)


def test_a_server_that_is_not_there_is_explained(visit: Callable[..., Visit]):
    page = models_data(visit(), "Models").page
    unfold(page, "Add a server")
    for address in ("http://127.0.0.1:9/v1", "http://169.254.169.254/v1"):
        typed(page.get_by_role("textbox", name="Address"), address)
        button(page, "Check and add").click()
        expect(page.locator(".bw-problems .bw-is-bad:visible")).to_contain_text(address.split("/")[2][:9])
    expect(page.locator(".bw-list tr", has_text="openai:")).to_have_count(0)


def test_a_broken_csv_is_explained_row_by_row_and_its_columns_can_be_mapped(
    visit: Callable[..., Visit], tmp_path: Path
):
    (tmp_path / "broken.csv").write_text(BROKEN)
    shown = models_data(visit(), "Data")
    page = shown.page
    look(page, tmp_path / "broken.csv")
    rows = page.get_by_role("region", name="Broken rows").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Row 3 has 4 cells")
    expect(rows.nth(1)).to_contain_text("'Q' is empty")
    expect(page.get_by_label("Answers").first).to_have_value("Gold answer")
    expect(page.get_by_text("question=Q,answers=Gold answer")).to_be_visible()
    page.get_by_label("Answers").first.click()
    page.get_by_role("option", name="notes", exact=True).click()
    button(page, "Check the rows").click()
    expect(page.get_by_text("question=Q,answers=notes")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="fixed.csv").click()
    kept = list(csv.DictReader(Path(saved.value.path()).read_text(encoding="utf-8").splitlines()))
    assert [row["question"][:4] for row in kept] == ["What", "Is <"] and kept[0]["answers"].startswith("[")
    assert page.evaluate("window.harmed") is None
    assert shown.problems == []


def test_a_pdf_shows_its_text(visit: Callable[..., Visit], tmp_path: Path):
    page = models_data(visit(), "Data").page
    look(page, make_pdf(tmp_path / "paper.pdf", ["A short paper\nabout small models.", "Its second page."]))
    region = page.get_by_role("region", name="The first rows of the file")
    expect(region).to_contain_text("about small models.")
    expect(region).to_contain_text("Its second page.")
    expect(page.get_by_label("Rows hold").first).to_have_value("texts")
    expect(page.locator(".bw-list tr", has_text="paper-")).to_contain_text("texts")


def test_a_file_that_may_not_be_read_is_refused(visit: Callable[..., Visit]):
    page = models_data(visit(), "Data").page
    typed(page.get_by_label("Data").locator("visible=true").first, "/etc/passwd")
    button(page, "Look").click()
    expect(page.locator(".block.bw-problems").locator("visible=true")).to_contain_text("outside the folders")


def test_a_file_of_ones_own_is_mapped_inside_the_form_and_used_again_from_the_list(
    visit: Callable[..., Visit], tmp_path: Path
):
    (tmp_path / "gold.csv").write_text("Frage;Antwort;Text\n" + "Wer kam?;Ada;Ada kam.\n" * 3)
    shown = visit().open()
    page = shown.page
    shown.tab("Probe")
    page.get_by_role("tab", name="SURE").click()
    form = page.locator(".bw-setup").locator("visible=true")
    form.locator("input[type=file]").first.set_input_files(tmp_path / "gold.csv")
    told = form.locator(".block.bw-file").first
    expect(told).to_contain_text("3 rows, 3 columns: Frage, Antwort, Text.")
    expect(told).to_contain_text("Which column holds this: Answers?")
    box = form.get_by_role("combobox", name="Answers", exact=True)
    box.click()
    box.press_sequentially("Antw")
    box.press("Enter")
    expect(box).to_have_value("Antwort")
    expect(told).to_contain_text("All of them can be used.")
    find = form.get_by_role("combobox", name=re.compile("^Find one of"))
    find.click()
    find.press_sequentially("columns")
    page.get_by_role("option", name="Columns:").click()
    columns = form.locator(".bw-field-columns").locator("input, textarea").first
    expect(columns).to_be_focused(timeout=15_000)
    expect(columns).to_have_value(re.compile("question=Frage,answers=Antwort"))
    page = models_data(visit(), "Data").page
    page.get_by_role("button", name=re.compile("^Use gold-.* in a run")).click()
    page.locator(".bw-use").get_by_role("button", name="SURE").click()
    form = page.locator(".bw-setup").locator("visible=true")
    expect(form.locator(".bw-field-data input").first).to_have_value(re.compile("^upload:gold-"))
    expect(form.locator(".block.bw-file").first).to_contain_text("3 rows, 3 columns")


def test_pickers_of_methods_offer_what_is_listed(visit: Callable[..., Visit], listed: Path):
    page = visit().open().page
    page.get_by_role("tab", name="Probe", exact=True).click()
    page.wait_for_timeout(1_000)
    page.get_by_label("Model", exact=False).locator("visible=true").first.click()
    expect(page.get_by_role("option", name=str(listed / "first"))).to_be_visible()


@pytest.mark.parametrize("inner", ["Models", "Playground", "Data"])
def test_nothing_is_wider_than_a_telephone(visit: Callable[..., Visit], listed: Path, inner: str):
    narrow = models_data(visit(width=400), inner)
    narrow.page.wait_for_timeout(1_000)
    assert narrow.page.evaluate("document.documentElement.scrollWidth") <= 400


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("inner", ["Models", "Playground", "Data"])
def test_axe_finds_nothing_serious(visit: Callable[..., Visit], listed: Path, scheme: str, inner: str):
    shown = models_data(visit(color_scheme=scheme), inner)
    for fold in shown.page.get_by_role("button", name=re.compile("^(Add a|How to)")).locator("visible=true").all():
        fold.click()
    shown.page.wait_for_timeout(1_500)
    assert serious(shown.page) == []
