import pytest

from tests.blocks import laid_out, row, values, visit
from tests.catalogues import SERVED
from tests.desks import add_run
from tests.workbench.ui.shown_tools import CLICK, FAILED, FINISHED, HOSTILE, desk_with_tools, opened, spoken
from workbench.access.security import Access
from workbench.ui.data.playground_panel import Followed, PlaygroundPanel

ASKED = {"prompt": "Why <b>?", "models": ["small", "/m/quick"], "temperature": 0.7}


@pytest.fixture
def desk(tmp_path):
    with desk_with_tools(tmp_path) as desk:
        yield desk


@pytest.fixture
def panel(desk):
    return laid_out(lambda: PlaygroundPanel(desk))[0]


def piece(model, begin, text):
    return row("AnswerPiece", model=model, begin=begin, text=text)


def answered(model, text, **given):
    said = {
        "prompt_tokens": 3,
        "tokens": 2,
        "dtype": "float32",
        "reused": False,
        "seconds": 1.0,
        "tokens_per_second": None,
    }
    return row("Answered", model=model, ref="small", name=f"m{model}", text=text, finish="stop", **(said | given))


def look(panel, run, seen=None):
    updates, live = panel.refresh(visit(), run, seen or Followed())
    return updates, updates.get(panel.seen, seen), live


def cards(panel, updates):
    return [updates[card]["value"] for card in panel.cards if updates.get(card, {}).get("visible")]


def test_the_form_asks_for_every_setting_in_order(panel):
    assert [widget.label for widget in panel.form][:3] == ["Prompt", "Models", "System"]
    assert panel.models.multiselect and panel.models.max_choices == 4 and panel.models.allow_custom_value


def test_what_is_refused_is_told_beside_the_form(desk, panel):
    given = values(panel.form)
    updates, begun = panel.start(visit(), CLICK, *given)
    assert not begun and "Prompt" in updates[panel.problems] and "Models" in updates[panel.problems]
    assert desk.history.counts("tool") == {}


def test_a_click_asks_once(desk, panel):
    given = dict(zip((each.name for each in panel.settings), values(panel.form), strict=True)) | ASKED
    first, second = (panel.start(visit(), CLICK, *given.values()) for _ in range(2))
    assert first[1] and first[0][panel.run_box] == second[0][panel.run_box]
    assert desk.history.record(first[0][panel.run_box]).spec.settings["models"] == ["small", "/m/quick"]


def test_answers_are_drawn_as_they_grow_and_only_what_is_new_is_read(desk, panel):
    run = opened(desk, "playground", **ASKED)
    updates, seen, live = look(panel, run)
    assert live and len(cards(panel, updates)) == 2 and "Why &lt;b&gt;?" in updates[panel.top]
    spoken(desk, run, piece(0, 0, "The c"))
    updates, seen, live = look(panel, run, seen)
    assert "The c" in cards(panel, updates)[0] and "Waiting" in cards(panel, updates)[1]
    assert look(panel, run, seen)[0] == {}
    token = row("AnswerToken", model=0, place=0, text="The cat", probability=0.5, alternatives=[["A", 0.2]])
    spoken(desk, run, piece(0, 0, "The c"), piece(0, 5, "at"), token, answered(0, "The cat"))
    updates, seen, live = look(panel, run, seen)
    assert 'data-p="50.0 %"' in cards(panel, updates)[0] and ">m0<" in cards(panel, updates)[0]
    assert seen.cursors["AnswerPiece"] > 0


def test_a_finished_run_offers_the_difference_of_two_answers(desk, panel):
    said = [answered(0, "a b"), row("Unanswered", model=1, ref="x", message="No <i>key</i>.", hint="Set it."), FINISHED]
    run = spoken(desk, opened(desk, "playground", **ASKED), *said)
    updates, seen, live = look(panel, run)
    assert not live and "No &lt;i&gt;key&lt;/i&gt;." in cards(panel, updates)[1]
    assert updates[panel.differ]["visible"] is False
    again = spoken(desk, opened(desk, "playground", **ASKED), answered(0, "a b"), answered(1, "a c"), FINISHED)
    updates, seen, _ = look(panel, again, seen)
    assert updates[panel.differ]["visible"] and updates[panel.first]["value"] == "1. m0"
    assert "<del> b</del><ins> c</ins>" in updates[panel.diff]
    assert "<del> c</del><ins> b</ins>" in panel.compare(seen, "2. m1", "1. m0")
    assert panel.compare(seen, "9. x", None) == ""


def test_a_failure_of_the_whole_run_is_told(desk, panel):
    run = spoken(desk, opened(desk, "playground", **ASKED), FAILED)
    updates, _, live = look(panel, run)
    assert not live and "No &lt;b&gt;such" in updates[panel.top] and "Not finished" in cards(panel, updates)[0]


@pytest.mark.parametrize("value", HOSTILE[1:])
def test_whatever_names_no_run_of_the_playground_is_refused(desk, panel, value):
    updates, live = panel.refresh(visit(), value, Followed())
    assert not live and "bw-is-bad" in updates[panel.top]
    assert "bw-is-bad" in panel.end(visit(), value)[panel.problems]


def test_a_run_of_a_method_is_none_of_the_playground(desk, panel):
    assert "no run of playground" in panel.refresh(visit(), add_run(desk), Followed())[0][panel.top]


def test_a_row_for_a_model_that_was_not_asked_is_refused(desk, panel):
    run = spoken(desk, opened(desk, "playground", **ASKED), piece(7, 0, "x"))
    assert "was not asked about" in panel.refresh(visit(), run, Followed())[0][panel.top]


def test_whoever_comes_back_finds_the_last_prompt_and_its_answers(desk, panel):
    fresh = panel.welcome(visit(), "")
    assert fresh[panel.models]["value"] == ["small"] and SERVED in fresh[panel.models]["choices"]
    run = opened(desk, "playground", **ASKED)
    other = opened(desk, "playground", **(ASKED | {"prompt": "Another"}))
    back = panel.welcome(visit(), "")
    prompt, models = panel.form[0], panel.models
    assert back[panel.run_box] == other and back[prompt]["value"] == "Another"
    assert back[models]["value"] == ["small", "/m/quick"]
    linked = panel.welcome(visit(), run)
    assert linked[panel.run_box] == run and linked[prompt]["value"] == "Why <b>?"
    assert panel.welcome(visit(), add_run(desk))[panel.run_box] == other


def test_a_guest_stops_no_run_of_another(tmp_path):
    access = Access("guests", b"k")
    with desk_with_tools(tmp_path, access) as desk:
        panel = laid_out(lambda: PlaygroundPanel(desk))[0]
        run = opened(desk, "playground", **ASKED)
        assert "belongs to someone else" in panel.end(visit(), run)[panel.problems]
        assert look(panel, run)[0][panel.stop]["visible"] is False
