"""The bench: queue, start, stop, resume, commands, questions, several benches on one home."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rooms import ENGINES, WORKER
from tests.rooms.counting import Answer, Step, Tally
from tests.rooms.steering import Addition
from workbench.bench.bench import Bench, BenchSettings
from workbench.contract.errors import ConfigError, HistoryError, RunNotFound, StateError
from workbench.contract.fields import question_spec, read_spec, with_purpose
from workbench.contract.runs import RunSpec
from workbench.contract.schema import Estimate
from workbench.history import History

COUNTING, STEERING = ENGINES["counting"], ENGINES["steering"]
FAST = BenchSettings(threads=1, niceness=0, spare=False, grace_seconds=1.0)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    history = History(tmp_path / "history.db")
    yield history
    history.close()


@pytest.fixture
def bench(history: History) -> Iterator[Bench]:
    with Bench(history, ENGINES, history.runs_root, FAST, WORKER) as bench:
        yield bench


def counting(**settings: object) -> RunSpec:
    return read_spec(COUNTING, settings=settings)


def test_a_run_goes_from_spec_to_rows(bench: Bench, history: History) -> None:
    run = bench.start(counting(items=5), title="Five")
    record = bench.wait(run, 120)
    assert (record.state, record.title, record.attempt) == ("finished", "Five", 1)
    assert record.tables == {"Step": 10, "Outcome": 10, "Tally": 2}
    steps = history.table(run, Step)
    assert sorted(set(steps["arm"])) == ["plain", "shifted"]
    assert list(history.table(run, Tally)["arm"]) == ["shifted", "plain"]
    assert [line.name for line in history.artifacts(run)] == ["sums.json"]
    assert history.facts(run)["items"] == 5


def test_a_double_click_is_one_run(bench: Bench, history: History) -> None:
    first = bench.start(counting(), key="click")
    assert bench.start(counting(), key="click") == first
    assert [path.name for path in history.runs_root.iterdir() if path.is_dir()] == [first]


def test_a_stopped_run_keeps_what_it_has_and_resumes(bench: Bench, history: History) -> None:
    run = bench.start(counting(items=40, pause=0.05))
    while history.record(run).tables.get("Step", 0) < 5:
        bench.wait(run, 0.05)
    bench.stop(run)
    stopped = bench.wait(run, 120)
    assert stopped.state == "stopped"
    assert 5 <= stopped.tables["Step"] < 80
    bench.resume(run)
    record = bench.wait(run, 120)
    assert (record.state, record.attempt) == ("finished", 2)
    assert record.tables["Step"] == 80
    assert len(history.table(run, Step).drop_duplicates(["arm", "seed", "number"])) == 80


def test_a_question_reads_the_finished_run(bench: Bench, history: History) -> None:
    parent = bench.start(counting())
    assert bench.wait(parent, 120).state == "finished"
    ask = bench.start(question_spec(COUNTING, parent, {"item": 3}))
    assert bench.wait(ask, 120).state == "finished"
    answers, steps = history.table(ask, Answer), history.table(parent, Step)
    assert sorted(answers["score"]) == sorted(steps[steps["number"] == 3]["score"])


def test_a_question_to_a_run_that_goes_on_is_refused(bench: Bench) -> None:
    parent = bench.start(counting(items=100, pause=1.0))
    with pytest.raises(StateError, match=r"is (queued|starting|running)"):
        bench.start(question_spec(COUNTING, parent, {"item": 3}))
    bench.stop(parent)
    bench.wait(parent, 120)


def test_a_preflight_passes_a_run_that_takes_the_only_slot(bench: Bench, history: History) -> None:
    long = bench.start(counting(items=1000, pause=1.0))
    probe = bench.start(with_purpose(counting(items=10, pause=2.0), "preflight"))
    assert bench.wait(probe, 120).state == "finished"
    assert history.table(probe, Estimate)["seconds"].tolist() == [pytest.approx(40.0, rel=0.01)]
    assert history.record(long).state in ("starting", "running")
    bench.stop(long)
    assert bench.wait(long, 120).state == "stopped"


def test_commands_reach_a_live_run_once_and_in_order(bench: Bench, history: History) -> None:
    run = bench.start(read_spec(STEERING))
    for amount in (1, 2, 3):
        bench.command(run, "add", {"amount": amount})
    bench.command(run, "finish", {})
    assert bench.wait(run, 120).state == "finished"
    assert history.table(run, Addition)["amount"].tolist() == [1, 2, 3]
    with pytest.raises(StateError, match="takes no commands"):
        bench.command(run, "add", {"amount": 1})


def test_a_wrong_command_is_refused(bench: Bench) -> None:
    run = bench.start(read_spec(STEERING))
    with pytest.raises(ConfigError, match="add, finish"):
        bench.command(run, "multiply", {})
    with pytest.raises(ConfigError, match="amount"):
        bench.command(run, "add", {"amount": 5000})
    bench.stop(run)
    assert bench.wait(run, 120).state == "stopped"


def test_what_is_refused_leaves_neither_row_nor_folder(bench: Bench, history: History) -> None:
    spec = counting()
    refused = [
        spec.model_copy(update={"engine": "nobody"}),
        spec.model_copy(update={"arms": ()}),
        spec.model_copy(update={"arms": ("unknown",)}),
        spec.model_copy(update={"settings": {"items": -1}}),
        read_spec(STEERING).model_copy(update={"purpose": "ask", "parent": "x"}),
    ]
    for wrong in refused:
        with pytest.raises(ConfigError):
            bench.start(wrong)
    with pytest.raises(ConfigError, match="title"):
        bench.start(spec, title="x" * 1000)
    with pytest.raises(RunNotFound):
        bench.start(question_spec(COUNTING, "never-was", {}))
    assert history.listing().records == ()
    assert [path for path in history.runs_root.iterdir() if path.is_dir()] == []


def test_an_unwritable_place_is_a_typed_error_and_leaves_no_run(bench: Bench, history: History) -> None:
    for path in history.runs_root.iterdir():
        path.unlink()
    history.runs_root.rmdir()
    history.runs_root.write_bytes(b"a file is in the way")
    with pytest.raises(HistoryError, match="No run folder can be made"):
        bench.start(counting())
    assert history.listing().records == ()
    history.runs_root.unlink()
    history.runs_root.mkdir()


def test_a_queued_run_is_stopped_and_resumed_without_a_worker(bench: Bench, history: History) -> None:
    long, queued, last = (bench.start(counting(items=500, pause=0.5)) for _ in range(3))
    while history.record(long).state == "queued":
        bench.wait(long, 0.05)
    assert (bench.queue_position(long), bench.queue_position(queued), bench.queue_position(last)) == (None, 1, 2)
    bench.move(last, queued)
    assert bench.queue_position(queued) == 2
    bench.stop(queued)
    assert history.record(queued).state == "stopped"
    assert not bench.folder(queued).events.exists()
    with pytest.raises(StateError):
        bench.delete(long)
    bench.stop(last)
    bench.stop(long)
    assert bench.wait(long, 120).state == "stopped"
    bench.resume(queued)
    bench.stop(queued)
    assert bench.wait(queued, 120).state == "stopped"


def test_only_runs_that_ended_early_are_resumed(bench: Bench, history: History) -> None:
    run = bench.start(counting())
    assert bench.wait(run, 120).state == "finished"
    with pytest.raises(StateError, match="is finished; it cannot be resumed"):
        bench.resume(run)
    with pytest.raises(RunNotFound):
        bench.resume("never-was")
    bench.stop(run)
    assert history.record(run).state == "finished"
    bench.delete(run)
    assert history.record(run).deleted


def test_a_closed_bench_leaves_its_run_to_the_next(history: History) -> None:
    with Bench(history, ENGINES, history.runs_root, FAST, WORKER) as first:
        run = first.start(counting(items=20, pause=0.05))
        while history.record(run).state != "running":
            first.wait(run, 0.05)
    with Bench(history, ENGINES, history.runs_root, FAST, WORKER) as second:
        second.attach()
        record = second.wait(run, 120)
    assert (record.state, record.attempt, record.tables["Step"]) == ("finished", 1, 40)
