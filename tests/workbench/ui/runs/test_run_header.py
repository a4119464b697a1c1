import pytest

from tests.blocks import RUNNING, look
from tests.desks import add_run, open_desk
from workbench.ui.runs.run_header import (
    absent_html,
    announcement,
    bar_html,
    empty_html,
    header_html,
    phase_words,
    seeds_words,
)

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


def test_a_live_run_tells_state_phase_progress_and_elapsed_time(desk):
    live = look(desk, add_run(desk), **RUNNING, progress_at=999.0)
    for part in ("Running", "Shifted, seed 0 › Count, 3 of 12 items"):
        assert part in bar_html(live)
    for part in ('aria-valuenow="25"', 'aria-valuetext="3 of 12 items"', "Elapsed", "1 min 40 s"):
        assert part in header_html(live)


def test_the_queue_position_is_told_in_words(desk):
    run = add_run(desk)
    assert "Next in the queue." in bar_html(look(desk, run, position=1))
    assert "2 runs ahead in the queue." in bar_html(look(desk, run, position=3))


def test_a_failed_run_tells_what_to_do_and_keeps_the_traceback_folded(desk):
    why = {"error": "Out of memory.", "hint": "Use fewer items.", "traceback": "Traceback <x>"}
    failed = look(desk, add_run(desk), state="failed", **why)
    told = header_html(failed)
    assert "Failed" in bar_html(failed) and "Out of memory." in told and "Use fewer items." in told
    assert "<details><summary>Technical details" in told and "Traceback &lt;x&gt;" in told
    assert told.index("Out of memory.") < told.index("bw-facts")


@pytest.mark.parametrize(("state", "words"), [("stopped", "partial"), ("interrupted", "ended without a word")])
def test_a_run_that_ended_early_says_so(desk, state, words):
    assert words in header_html(look(desk, add_run(desk), state=state))


def test_examples_and_runs_of_others_are_marked(desk):
    told = bar_html(look(desk, add_run(desk), mine=False, origin="example"))
    assert "example; run elsewhere" in told and "read-only" in told


def test_hostile_names_are_text(desk):
    run = add_run(desk, title=HOSTILE)
    hostile = look(desk, run, **RUNNING | {"phase": HOSTILE, "unit": HOSTILE}, progress_at=1.0)
    assert "<img" not in bar_html(hostile) + header_html(hostile) and run in header_html(hostile)
    assert "<img" not in absent_html(HOSTILE, HOSTILE) and "<img" not in empty_html(HOSTILE)


def test_the_announcement_changes_with_the_phase_and_not_with_the_clock(desk):
    run = add_run(desk)
    one, two = (look(desk, run, **RUNNING | {"done": n}, progress_at=1.0, now=now) for n, now in ((3, 1.0), (4, 9.0)))
    assert announcement(one) == announcement(two) == "Running: Shifted, seed 0 › Count."
    assert announcement(look(desk, run, state="failed", error="Bad.")) == "Failed. Bad."


@pytest.mark.parametrize(
    ("seeds", "words"),
    [
        ((3,), "3"),
        ((0, 1), "0, 1"),
        (tuple(range(20)), "0 to 19"),
        ((4, 2, 9), "4, 2, 9"),
        (tuple(range(0, 40, 2)), "0, 2, 4, 6, 8, 10, 12, 14 and 12 more"),
    ],
)
def test_no_seed_is_left_out_in_silence(seeds, words):
    assert seeds_words(seeds) == words


@pytest.mark.parametrize(
    ("path", "words"),
    [("", ""), ("Count", "Count"), ("A/B", "A › B"), ("Fit/once:basis", "Fit › basis"),
     ("cell:plain", "P"), ("cell:own/3", "own, seed 3"),
     ("cell:plain/2/x/Fit", "P, seed 2 › x › Fit"), ("Study/cell:plain/0/step 1", "Study › P, seed 0 › step 1")],
)  # fmt: skip
def test_phases_in_words(path, words):
    assert phase_words(path, {"plain": "P"}) == words
