import pytest

from tests.blocks import visit
from tests.desks import add_run, open_desk
from workbench.access.security import Access
from workbench.contract.errors import AccessError, RunNotFound, WorkbenchError
from workbench.ui.elements.request_guards import changeable, click_key, error_html, may_change, readable, run_named


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


@pytest.mark.parametrize("value", [None, 3, "", "A", "../x", "a" * 65, ["a"], "a\n"])
def test_what_is_no_run_id_is_none(desk, value):
    assert run_named(value) is None
    with pytest.raises(RunNotFound):
        readable(desk, value)


def test_a_click_is_one_key_per_form(desk):
    one, two = (desk.history.record(add_run(desk, engine)).spec for engine in ("counting", "steering"))
    assert click_key("0123abcd", one) == click_key("0123abcd", one) != click_key("0123abcd", two)
    assert click_key("0123ABCD", one) is None and click_key("x" * 99, one) is None


def test_guests_change_their_own_runs_alone(tmp_path):
    access = Access("guests", b"k" * 32)
    with open_desk(tmp_path, access) as desk:
        run = add_run(desk, owner="guest-a")
        own, other = (visit(f"benchwright={access.token(name)}") for name in ("guest-a", "guest-b"))
        assert changeable(desk, run, own).run == run
        with pytest.raises(AccessError):
            changeable(desk, run, other)
        assert [may_change(desk, desk.history.record(run), who) for who in (own, other)] == [True, False]


def test_those_who_are_not_signed_in_change_nothing(tmp_path):
    with open_desk(tmp_path, Access("accounts", b"k" * 32, {"ann": "1"})) as desk:
        run = add_run(desk)
        assert not may_change(desk, desk.history.record(run), visit())
        with pytest.raises(AccessError):
            changeable(desk, run, visit())


def test_errors_are_told_with_their_remedy_as_text():
    assert error_html(WorkbenchError("<b>What</b>", "Do <i>this</i>.")).count("&lt;") == 4
