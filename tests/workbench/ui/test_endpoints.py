import pytest

from tests.blocks import laid_out
from tests.desks import add_run, open_desk
from tests.rooms.counting import COUNTING
from workbench.bench.extending import More
from workbench.contract.errors import ConfigError, RunNotFound
from workbench.ui.endpoints import add_endpoints, more_asked, run_answer, spec_asked


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


def test_four_endpoints_have_names_and_nothing_else(desk):
    _, page = laid_out(lambda: add_endpoints(desk))
    assert {fn.api_name: fn.api_visibility for fn in page.fns.values()} == dict.fromkeys(
        ("start", "status", "stop", "extend"), "public"
    )


def test_a_request_becomes_a_complete_spec():
    spec = spec_asked(COUNTING, {"preset": "study", "settings": {"items": 5}, "arms": ["plain"], "seeds": [7]})
    assert (spec.settings["items"], spec.arms, spec.seeds) == (5, ("plain",), (7,))
    assert spec_asked(COUNTING, {}).settings["items"] == 12


@pytest.mark.parametrize(
    ("asked", "field"),
    [([], "spec"), ({"purpose": "ask"}, "purpose"), ({"settings": [1]}, "settings"), ({"seeds": "0"}, "seeds"),
     ({"settings": {"nope": 1}}, "nope"), ({"arms": ["nope"]}, "arms"), ({"preset": "nope"}, "preset")],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_field(asked, field):
    with pytest.raises(ConfigError) as refused:
        spec_asked(COUNTING, asked)
    assert field in refused.value.problems


def test_a_run_is_told_with_its_link(desk):
    run = add_run(desk)
    assert run_answer(desk, run) | {"link": ""} == {
        "run": run, "engine": "counting", "state": "queued", "phase": "", "done": 0, "total": 0, "unit": "",
        "tables": {}, "seconds": None, "error": "", "hint": "", "link": "",
    }  # fmt: skip
    assert run_answer(desk, run)["link"].endswith(f"/?run={run}")
    with pytest.raises(RunNotFound):
        run_answer(desk, "../etc")


def test_a_request_says_what_a_run_is_to_have_more():
    asked = {"seeds": 2, "items": "40", "arms": ["half"], "own_arms": {"mine": {"bonus": 1}}}
    assert more_asked(asked) == More(2, 40, ("half",), {"mine": {"bonus": 1}})
    assert more_asked({}) == More()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ([], "asked"), ({"seeds": -1}, "seeds"), ({"items": "many"}, "items"), ({"seeds": [3]}, "seeds"),
        ({"arms": "half"}, "arms"), ({"own_arms": {"mine": 3}}, "own_arms"), ({"settings": {}}, "settings"),
    ],
)  # fmt: skip
def test_what_does_not_say_it_is_refused_by_field(asked, field):
    with pytest.raises(ConfigError) as refused:
        more_asked(asked)
    assert field in refused.value.problems
