"""CPU seconds that the tests of each room take, reported at the end and held to a budget where the machine is known.

A room's tests are those below `tests/engines/ROOM` and those of all methods that ran with it (`[ROOM]` in their name).
Processes that a test started count once they have ended. `BENCHWRIGHT_TEST_SPEED` says how fast this machine is against
the one that the budget was set on (1 for as fast, 0.5 for half as fast); without it the budget is only reported.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

BUDGET_SECONDS = 90.0
MEASURED = "cpu_seconds"
ROOMS = tuple(sorted(path.parent.name for path in (Path(__file__).parent.parent / "engines").glob("*/run.py")))
"""Folders that hold a method or a tool."""


def cpu_seconds() -> float:
    """Seconds of CPU that this process and its ended children have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def room_of(nodeid: str) -> str:
    """Return the room that a test belongs to, "" for none."""
    found = re.match(r"tests/engines/([a-z_]+)/", nodeid) or re.search(r"\[([a-z_]+)[\]-]", nodeid)
    return found[1] if found and found[1] in ROOMS else ""


def over_budget(spent: Mapping[str, float], speed: str) -> dict[str, float]:
    """Return the rooms above the budget, in seconds of the machine that it was set on; none where it is unknown."""
    known = {room: seconds * float(speed) for room, seconds in spent.items()} if speed else {}
    return {room: seconds for room, seconds in known.items() if seconds > BUDGET_SECONDS}


class RoomBudget:
    """Measures every test, adds up by room, and fails the session where a room is above its budget.

    Attributes:
        spent: CPU seconds by room; under xdist they come together in the controller.
    """

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Measure a test with its fixtures."""
        item.user_properties.append((MEASURED, -cpu_seconds()))
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: Any) -> Iterator[Any]:
        """Hand on with the last report what the test took."""
        report = yield
        if call.when == "teardown":
            begun = sum(value for name, value in item.user_properties if name == MEASURED)
            report.user_properties = [(MEASURED, begun + cpu_seconds())]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a test up."""
        if report.when == "teardown":
            measured = sum(float(str(value)) for name, value in report.user_properties if name == MEASURED)
            self.spent[room_of(report.nodeid)] += measured

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a session whose tests passed, where a room is above its budget."""
        if over_budget(self._rooms, os.environ.get("BENCHWRIGHT_TEST_SPEED", "")) and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what each room took."""
        if not self._rooms:
            return
        over = over_budget(self._rooms, os.environ.get("BENCHWRIGHT_TEST_SPEED", ""))
        terminalreporter.section(f"CPU seconds by room, {BUDGET_SECONDS:.0f} at most")
        for room, seconds in sorted(self._rooms.items(), key=lambda each: -each[1]):
            terminalreporter.line(f"{seconds:7.1f} {room}{'  ABOVE THE BUDGET' if room in over else ''}")

    @property
    def _rooms(self) -> dict[str, float]:
        return {room: seconds for room, seconds in self.spent.items() if room}
