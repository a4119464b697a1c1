import pytest

from tests.blocks import row, say
from tests.desks import IDLE, open_desk
from tests.rooms.counting import COUNTING
from workbench.bench.estimate_check import estimate_check
from workbench.contract.fields import read_spec, with_purpose
from workbench.contract.runs import RunFolder

PROBED = (
    row("EstimatePart", phase="Count", seconds=40.0, basis="an item in 1 s"),
    row("EstimatePart", phase="Count", seconds=20.0, basis="an arm in 2 s"),
    row("EstimatePart", phase="Train", seconds=5.0, basis="a step in 1 s"),
    row("Estimate", seconds=65.0, memory_bytes=2_000_000_000, disk_bytes=5),
)
WORKED = (
    {"kind": "record", "name": "seconds of Count", "value": 90.0},
    {"kind": "record", "name": "seconds of Sum up", "value": 0.5},
    {"kind": "record", "name": "peak_memory_bytes", "value": 1_500_000_000.0},
)


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path, settings=IDLE) as desk:
        yield desk


def ended(desk, spec, *events, seconds=95.0):
    run = desk.history.open_run(spec)
    RunFolder(desk.history.runs_root, run).make(spec)
    say(desk, run, *events, {"kind": "finished", "seconds": seconds})
    return desk.history.record(run)


def spec(**asked):
    return read_spec(COUNTING, **asked)


def test_what_a_run_took_is_laid_beside_its_estimate(desk):
    ended(desk, with_purpose(spec(), "preflight"), *PROBED)
    check = estimate_check(desk.history, ended(desk, spec(), *WORKED))
    assert check is not None and check.caution == ""
    assert check.lines == [
        ("Time", "1 min 05 s", "1 min 35 s"),
        ("Count", "1 min 00 s", "1 min 30 s"),
        ("Train", "5.0 s", "–"),
        ("Sum up", "–", "0.5 s"),
        ("Memory", "2 GB", "1.5 GB"),
    ]


def test_an_estimate_of_the_same_settings_goes_before_a_later_one(desk):
    ended(desk, with_purpose(spec(), "preflight"), *PROBED)
    ended(desk, with_purpose(spec(settings={"items": 30}), "preflight"), *PROBED[:-1], row(
        "Estimate", seconds=7.0, memory_bytes=1, disk_bytes=1))  # fmt: skip
    check = estimate_check(desk.history, ended(desk, spec(), *WORKED))
    assert check is not None and check.seconds.estimated == 65.0


def test_the_last_estimate_of_another_run_says_what_differs(desk):
    ended(desk, with_purpose(spec(settings={"items": 30}, seeds=[0, 1], arms=["plain"]), "preflight"), *PROBED)
    check = estimate_check(desk.history, ended(desk, spec(), *WORKED))
    assert check is not None and check.differs == ("items", "arms", "seeds")
    assert "differed in items, arms, seeds" in check.caution


def test_without_an_estimate_nothing_is_compared(desk):
    assert estimate_check(desk.history, ended(desk, spec(), *WORKED)) is None
    ended(desk, with_purpose(spec(), "preflight"))
    record = ended(desk, spec(), *WORKED)
    assert estimate_check(desk.history, record) is None
    later = ended(desk, with_purpose(spec(), "preflight"), *PROBED)
    assert estimate_check(desk.history, later) is None
