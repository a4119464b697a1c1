import pytest

from tests.room_budget import BUDGET_SECONDS, LOOP_SECONDS, ROOMS, RoomBudget, over_budget, room_of

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    ("nodeid", "room"),
    [
        ("tests/engines/sure/test_run.py::test_a", "sure"),
        ("tests/test_contract.py::test_names[shifcon]", "shifcon"),
        ("tests/test_planted_claims.py::test_claims[guilomo-as_good]", "guilomo"),
        ("tests/engines/parts/test_files.py::test_a", ""),
        ("tests/test_contract.py::test_names[counting]", ""),
        ("tests/test_style.py::test_files", ""),
    ],
)
def test_tests_belong_to_the_room_that_they_try(nodeid, room):
    assert room_of(nodeid) == room


def test_the_budget_holds_at_the_speed_of_the_machine():
    spent = {"sure": BUDGET_SECONDS * 2, "shifcon": BUDGET_SECONDS * 0.5}
    assert list(over_budget(spent, 1.1)) == ["sure"]
    assert over_budget(spent, 0.5) == {}
    assert {"sure", "shifcon"} <= set(ROOMS)


def test_a_session_above_the_budget_fails_and_says_so(pytester, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_TEST_SPEED", "100000")
    folder = pytester.mkpydir("tests")
    room = folder / "engines" / "sure"
    room.mkdir(parents=True)
    work = "def test_work():\n    assert sum(i * i for i in range(3_000_000))\n"
    (room / "test_work.py").write_text(work, encoding="utf-8")
    found = pytester.inline_run("-n0", "-p", "no:cacheprovider", "-p", "no:rerunfailures", str(room))
    assert found.ret == pytest.ExitCode.OK
    found = pytester.inline_run("-n0", "-p", "no:cacheprovider", "-p", "no:rerunfailures", plugins=[RoomBudget()])
    assert found.ret == pytest.ExitCode.TESTS_FAILED


def test_the_machine_is_measured_where_its_speed_is_not_named(monkeypatch):
    monkeypatch.delenv("BENCHWRIGHT_TEST_SPEED", raising=False)
    budget = RoomBudget()
    budget.loops = [LOOP_SECONDS, 3 * LOOP_SECONDS]
    assert budget.speed == pytest.approx(0.5)
    monkeypatch.setenv("BENCHWRIGHT_TEST_SPEED", "2")
    assert budget.speed == 2
