import pytest

from tests.blocks import laid_out, look, row, say
from tests.desks import IDLE, add_run, finish, open_desk
from tests.rooms.counting import COUNTING
from workbench.contract.schema import Estimate
from workbench.ui.setup.preflight_panel import PreflightPanel, estimate_html, outlooks_html

HOSTILE = "<img src=x>"


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path, settings=IDLE) as desk:
        yield desk


def test_an_estimate_tells_what_it_rests_on_and_what_would_fit():
    parts = [{"phase": HOSTILE, "seconds": 90.0, "basis": "412 tokens in 0.9 s"}]
    fits = Estimate(seconds=90, memory_bytes=2_000_000_000, disk_bytes=5_000)
    told = estimate_html(fits, parts, {})
    for part in ("1 min 30 s", "2 GB", "5 kB", "This fits", "412 tokens"):
        assert part in told
    assert HOSTILE not in told
    tight = fits.model_copy(update={"proposal": {"items": 3}, "proposal_reason": "Too little memory."})
    assert "This fits" not in estimate_html(fits.model_copy(update={"proposal_reason": "Nothing helps."}), [], {})
    told = estimate_html(tight, [], {"items": "Items"})
    assert "Too little memory." in told and "Items → 3" in told and "This fits" not in told


def test_claims_that_stay_open_are_told():
    rows = [
        {"claim": "gain", "decidable": False, "reason": f"One seed {HOSTILE}."},
        {"claim": "cost", "decidable": True, "reason": "About 40 of 100 such runs would decide it."},
    ]
    told = outlooks_html({"gain": "It gains.", "cost": "It costs less."}, rows)
    assert "never decide 1 claim" in told and "It gains." in told and "40 of 100" in told and HOSTILE not in told
    assert "could decide all claims" in outlooks_html({"cost": "It costs less."}, rows[1:])
    assert outlooks_html({}, []) == ""


def panel(desk):
    return laid_out(lambda: PreflightPanel(desk, COUNTING))[0]


def test_a_probe_is_watched_until_it_ends_with_its_estimate(desk):
    made, run = panel(desk), add_run(desk)
    assert made.refresh("") == ({}, False) and made.begun(run)[made.run_box] == run
    updates, live = made.refresh(run)
    assert live and "waits for a free worker" in updates[made.body]
    say(
        desk,
        run,
        row("Estimate", seconds=3.0, memory_bytes=4, disk_bytes=5, proposal={"items": 3}),
        {"kind": "finished", "seconds": 1.0},
    )
    updates, live = made.refresh(run)
    assert not live and updates[made.run_box] == "" and updates[made.proposal] == {"items": 3}
    assert "Items → 3" in updates[made.body] and updates[made.fit]["visible"]


def test_a_probe_without_an_estimate_says_so(desk):
    made = panel(desk)
    updates, live = made.refresh(finish(desk, add_run(desk)))
    assert not live and "without an estimate" in updates[made.body] and made.fit not in updates


def test_the_progress_of_a_probe_is_told(desk):
    run = say(desk, add_run(desk), {"kind": "phase", "name": "Probe", "scope": "Probe"},
              {"kind": "progress", "done": 1, "total": 4, "unit": "batches", "scope": "Probe"})  # fmt: skip
    desk.history.set_state(run, "running", expect=["queued", "starting"])
    assert look(desk, run).record.live
    made = panel(desk)
    assert "Measuring: Probe 1 of 4 batches" in made.refresh(run)[0][made.body]
