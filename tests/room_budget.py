"""CPU seconds that the tests of each room take, reported at the end and held to a budget.

A room's tests are those below `tests/engines/ROOM` and those of all methods that ran with it (`[ROOM]` in their name).
Processes that a test started count once they have ended. How fast the machine is at that time is measured by a loop
before the first test and after the last; `BENCHWRIGHT_TEST_SPEED` says it instead (1 for as fast as the machine that
the budget was set on, 0.5 for half as fast).
"""

import os
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

BUDGET_SECONDS = 90.0
SLACK = 2.0
"""A session fails above this many budgets: a loop alone does not say how fast tests are."""
LOOP, LOOP_SECONDS = 1_000_000, 0.06
"""Rounds of the loop that measures the machine, and what they took where the budget was set."""
MEASURED, LOOPS = "cpu_seconds", "seconds_of_loops"
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


def loop_seconds() -> float:
    """Measure CPU seconds of a loop that is the same on every machine."""
    begun, total = time.process_time(), 0
    for at in range(LOOP):
        total += at * at % 7
    return time.process_time() - begun


def over_budget(spent: Mapping[str, float], speed: float) -> dict[str, float]:
    """Return the rooms above the budget and its slack, in seconds of the machine that it was set on."""
    known = {room: seconds * speed for room, seconds in spent.items()}
    return {room: seconds for room, seconds in known.items() if seconds > BUDGET_SECONDS * SLACK}


class RoomBudget:
    """Measures every test, adds up by room, and fails the session where a room is above its budget.

    Attributes:
        spent: CPU seconds by room; under xdist they come together in the controller.
        loops: seconds of the loops, of every process that ran tests.
    """

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.loops: list[float] = []

    @property
    def speed(self) -> float:
        """How fast this machine was, against the one that the budget was set on."""
        said = os.environ.get("BENCHWRIGHT_TEST_SPEED")
        return float(said) if said else LOOP_SECONDS / mean(self.loops or [LOOP_SECONDS])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Measure the machine before the first test."""
        self._measure(session.config)

    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a process measured that ran tests."""
        self.loops += getattr(node, "workeroutput", {}).get(LOOPS, [])

    def _measure(self, config: pytest.Config) -> None:
        """Run the loop where tests run: in the workers, or here where there are none."""
        if hasattr(config, "workeroutput"):
            config.workeroutput.setdefault(LOOPS, []).append(loop_seconds())
        elif not config.getoption("numprocesses", None):
            self.loops.append(loop_seconds())

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
        """Measure the machine once more, and fail a session whose tests passed where a room is above its budget."""
        self._measure(session.config)
        if over_budget(self._rooms, self.speed) and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what each room took."""
        if not self._rooms:
            return
        over, speed = over_budget(self._rooms, self.speed), self.speed
        terminalreporter.section(f"CPU seconds by room, {BUDGET_SECONDS:.0f} at most; this machine at {speed:.2f}")
        for room, seconds in sorted(self._rooms.items(), key=lambda each: -each[1]):
            said = "  ABOVE THE BUDGET" if room in over else ""
            terminalreporter.line(f"{seconds:7.1f} -> {seconds * speed:5.1f} {room}{said}")

    @property
    def _rooms(self) -> dict[str, float]:
        return {room: seconds for room, seconds in self.spent.items() if room}
