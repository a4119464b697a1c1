"""Going on from the page: what is proposed to whom, what the form asks for, what is refused in words."""

import pytest

from tests.blocks import furnished, laid_out, look, row, say, values, visit
from tests.desks import IDLE, add_run, open_desk
from tests.rooms.counting import COUNTING
from tests.rooms.growing import GROWING
from workbench.access.security import Access
from workbench.bench.extending import More
from workbench.contract.errors import ConfigError
from workbench.ui.elements.render_cache import RenderCache
from workbench.ui.runs.extend_panel import ExtendPanel


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path, settings=IDLE) as desk:
        yield desk


def panel(desk, engine=GROWING):
    return laid_out(lambda: ExtendPanel(desk, engine, RenderCache()))[0]


def answered(desk, **opening):
    """A finished run whose one claim is open, and whose other claim was not asked."""
    outcomes = [
        row("Outcome", arm=arm, metric="right", seed=seed, value=float((item + seed + (arm == "method")) % 2),
            item=f"item-{item}")
        for arm in ("method", "baseline") for seed in (0, 1) for item in range(8)
    ]  # fmt: skip
    run = add_run(desk, "growing", **opening)
    return say(desk, run, *outcomes, {"kind": "finished", "seconds": 60.0})


def test_a_finished_run_of_ones_own_proposes_what_would_settle_it(desk):
    made, run = panel(desk), answered(desk)
    updates = made.refresh(look(desk, run), {})
    assert updates[made.column]["visible"] and updates[made.open]["visible"]
    assert "This is look 1 of 5" in updates[made.head]
    labels = [label for label, _ in updates[made.proposal]["choices"]]
    assert any(label.startswith("Add the arm Half the method, about 30 s") for label in labels), labels
    assert updates[made.proposal]["value"] == updates[made.proposal]["choices"][0][1]
    assert updates[made.arms]["choices"] == [("Half the method", "half")]


@pytest.mark.parametrize(
    ("changed", "shown"),
    [({}, True), ({"mine": False}, False), ({"state": "stopped"}, False), ({"origin": "example"}, False)],
)
def test_only_who_may_change_a_finished_run_made_here_sees_it(desk, changed, shown):
    made, run = panel(desk), answered(desk)
    assert made.refresh(look(desk, run, **changed), {})[made.column]["visible"] is shown


def test_a_run_without_open_claims_shows_nothing(desk):
    made, run = panel(desk), answered(desk)
    sight = look(desk, run)
    sight.__dict__["verdicts"] = tuple(each.model_copy(update={"verdict": "holds"}) for each in sight.verdicts)
    assert made.refresh(sight, {})[made.open]["visible"] is False


def test_a_look_that_shows_nothing_new_draws_nothing(desk):
    made, run, stamps = panel(desk), answered(desk), {}
    first = look(desk, run)
    assert made.refresh(first, stamps)
    assert made.refresh(look(desk, run, first.seen()), stamps) == {}


def test_a_new_title_proposes_nothing_anew_and_a_further_outcome_does(desk):
    made, run, stamps = panel(desk), answered(desk), {}
    assert made.proposal in made.refresh(look(desk, run), stamps)
    before = desk.history.record(run).version
    desk.history.rename(run, "Another title")
    assert desk.history.record(run).version > before, "the page looks again"
    assert made.proposal not in made.refresh(look(desk, run), stamps)
    later = look(desk, run, revisions={**desk.history.record(run).revisions, "Outcome": 99})
    assert made.proposal in made.refresh(later, stamps)


def test_a_method_that_counts_no_items_does_not_ask_for_them(desk):
    assert [box.label for box in panel(desk).steps] == ["Seeds", "Items"]
    assert [box.label for box in panel(desk, COUNTING).steps] == ["Seeds"]
    assert panel(desk, COUNTING).read([2, ["halved"]]) == More(2, 0, ("halved",))


def test_a_proposal_fills_the_form_and_the_form_tells_its_cost(desk):
    made, run = panel(desk), answered(desk)
    updates = made._choose(run, "1 4 half")
    assert [updates[box]["value"] for box in made.steps] == [1, 4] and updates[made.arms] == ["half"]
    assert "1 more seed and 4 more items and the arm Half the method, about" in updates[made.cost]
    assert "(look 2 of 5)" in made._tell(run, 1, 0, [])
    assert "4 more items" in made._tell(run, 0, 1, []), "the least that would do"
    assert made._tell(run, None, None, None) == ""
    for hostile in (None, 3, "x", "1 2", "-1 0 ", "1 0 " + "a" * 2_000, ["1 0 "], "² 0 "):
        assert made._choose(run, hostile)[made.cost] == ""
    assert "bw-is-bad" in made._choose("../etc", "1 0 ")[made.cost]


def test_what_is_no_number_is_refused_by_field(desk):
    made = panel(desk)
    with pytest.raises(ConfigError) as refused:
        made.read(["many", -1, []])
    assert set(refused.value.problems) == {"seeds", "items"}
    assert "many" in made.refused(refused.value)[made.words]


def test_the_button_extends_the_run(desk):
    tab, run = furnished(desk, GROWING)[0], answered(desk)
    updates = tab.requests.extend(visit(), run, 1, 4, ["half"])
    assert updates[tab.shown.extend.words] == "" and tab.timer in updates
    record = desk.history.record(run)
    assert (record.state, record.spec.seeds, record.spec.settings["items"]) == ("queued", (0, 1, 2), 12)
    assert record.spec.arms == ("method", "baseline", "half")
    refused = tab.requests.extend(visit(), run, 1, 0, [])
    assert "queued" in refused[tab.shown.extend.words] and tab.timer not in refused


def test_too_small_a_step_and_a_hostile_run_are_told_and_change_nothing(desk):
    tab, run = furnished(desk, GROWING)[0], answered(desk)
    words = tab.shown.extend.words
    assert "half as large again" in tab.requests.extend(visit(), run, 0, 1, [])[words]
    assert "Nothing was asked for" in tab.requests.extend(visit(), run, *values(tab.shown.extend.inputs))[words]
    assert "no arm named" in tab.requests.extend(visit(), run, 0, 0, ["nope"])[words]
    for hostile in (None, "../../etc/passwd", {"run": run}):
        assert "bw-is-bad" in tab.requests.extend(visit(), hostile, 1, 0, [])[words]
    assert desk.history.record(run).state == "finished"


def test_a_run_of_someone_else_is_not_extended(tmp_path):
    with open_desk(tmp_path, Access("guests", b"key"), settings=IDLE) as desk:
        tab, run = furnished(desk, GROWING)[0], answered(desk, owner="someone")
        assert "bw-is-bad" in tab.requests.extend(visit(), run, 1, 0, [])[tab.shown.extend.words]
        assert desk.history.record(run).state == "finished"


def test_an_extension_that_ended_early_can_be_taken_back(desk):
    tab, run = furnished(desk, GROWING)[0], answered(desk)
    back = tab.shown.back
    assert tab.shown.tell(look(desk, run))[back]["visible"] is False
    before = desk.history.record(run).spec
    tab.requests.extend(visit(), run, 1, 0, [])
    assert tab.shown.tell(look(desk, run))[back]["visible"] is False, "it waits"
    desk.history.set_state(run, "failed", expect={"queued"})
    assert tab.shown.tell(look(desk, run))[back]["visible"] is True
    assert tab.shown.tell(look(desk, run, mine=False))[back]["visible"] is False
    assert tab.requests.acting(desk.bench.take_back)(visit(), run)[tab.shown.told] == ""
    assert (desk.history.record(run).state, desk.history.record(run).spec) == ("queued", before)
    desk.history.set_state(run, "failed", expect={"queued"})
    assert tab.shown.tell(look(desk, run))[back]["visible"] is False, "there is nothing left to take back"
