import pytest

from tests.blocks import say, visit
from tests.desks import add_run, open_desk
from workbench.access.security import COOKIE, Access
from workbench.contract.errors import AccessError, ConfigError, RunNotFound
from workbench.ui.setup.tool_runs import ended_badly, last_of, start_tool, tool_run

CLICK = "0123456789abcdef"


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


def started(desk, words="hello", click=CLICK, request=None):
    return start_tool(desk, request or visit(), "echoing", {"words": words}, click)


def test_the_same_click_is_one_run_and_no_run_of_a_method(desk):
    assert started(desk) == started(desk) != started(desk, click="fedcba9876543210")
    assert tool_run(desk, started(desk), "echoing").purpose == "tool"
    assert desk.history.listing().records == ()


def test_what_is_refused_opens_nothing(desk):
    with pytest.raises(ConfigError, match="words"):
        started(desk, words="")
    with pytest.raises(ConfigError, match="no method named"):
        start_tool(desk, visit(), "nothing", {}, None)
    assert last_of(desk, visit(), "echoing") is None


@pytest.mark.parametrize("value", [None, 3, "../x", "no-such-run", {"run": 1}])
def test_what_names_no_run_is_refused(desk, value):
    with pytest.raises(RunNotFound):
        tool_run(desk, value, "echoing")


def test_a_run_of_something_else_is_none_of_the_tools(desk):
    with pytest.raises(RunNotFound, match="no run of echoing"):
        tool_run(desk, add_run(desk), "echoing")


def test_each_visitor_has_a_last_run_of_their_own(tmp_path):
    access = Access("accounts", b"k", {"ada": "", "bob": ""})
    ada, bob = (visit(f"{COOKIE}={access.token(name)}") for name in ("ada", "bob"))
    with open_desk(tmp_path / "desk", access) as desk:
        run = started(desk, request=ada)
        assert last_of(desk, ada, "echoing").run == run and last_of(desk, bob, "echoing") is None
        with pytest.raises(AccessError):
            last_of(desk, visit(), "echoing")


def test_why_a_tool_did_not_finish_is_told(desk):
    run = started(desk)
    assert ended_badly(tool_run(desk, run, "echoing")) == ""
    say(desk, run, {"kind": "failed", "code": "data", "message": "No <such> file.", "hint": "Name another."})
    told = ended_badly(tool_run(desk, run, "echoing"))
    assert "No &lt;such&gt; file." in told and "Name another." in told
