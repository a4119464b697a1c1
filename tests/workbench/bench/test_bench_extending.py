"""A finished run goes on with more seeds, items and arms: who may, how often, and what a kill in between leaves."""

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rooms import ENGINES, WORKER
from tests.rooms.growing import Answered, Standing, Trained
from tests.rooms.serving import SETTINGS
from tests.workbench.test_kill import ROOT, kill_worker, until
from workbench.bench.bench import Bench
from workbench.bench.extending import More
from workbench.bench.run_circumstances import circumstances_of, decided_claims
from workbench.bench.run_extender import RunExtender
from workbench.contract.errors import ConfigError, RunNotFound, StateError
from workbench.contract.fields import question_spec, read_spec
from workbench.contract.runs import RunSpec
from workbench.contract.schema import Outcome, Row
from workbench.history import History

GROWING = ENGINES["growing"]
TABLES: tuple[type[Row], ...] = (Trained, Answered, Standing, Outcome)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    history = History(tmp_path / "history.db")
    yield history
    history.close()


@pytest.fixture
def bench(history: History) -> Iterator[Bench]:
    with Bench(history, ENGINES, history.runs_root, SETTINGS, WORKER) as bench:
        yield bench


def finished(bench: Bench, spec: RunSpec | None = None) -> str:
    run = bench.start(spec or read_spec(GROWING))
    assert bench.wait(run, 120).state == "finished"
    return run


def rows_of(history: History, run: str) -> Counter:
    found: Counter = Counter()
    for kind in TABLES:
        found.update((kind.table(), *map(repr, line)) for line in history.table(run, kind).values.tolist())
    return found


def test_a_run_goes_on_in_place_and_equals_one_asked_at_once(bench: Bench, history: History) -> None:
    run = finished(bench)
    assert circumstances_of(history, run).look == 1
    bench.extend(run, More(seeds=1, items=4))
    record = history.record(run)
    assert (record.run, record.live) == (run, True)
    record = bench.wait(run, 120)
    assert (record.state, record.attempt, record.spec.seeds, record.spec.settings["items"]) == (
        "finished", 2, (0, 1, 2), 12,
    )  # fmt: skip
    assert bench.folder(run).spec() == record.spec
    whole = finished(bench, record.spec)
    assert rows_of(history, run) == rows_of(history, whole)
    assert record.tables == history.record(whole).tables
    assert history.notes(run) == ["12 items were drawn."]
    assert history.facts(run)["items"] == 12
    known = circumstances_of(history, run)
    assert (known.look, known.arms, known.looks[0].seeds, known.looks[0].items) == (2, ("method", "baseline"), 2, 8)


def test_looks_are_counted_and_what_was_decided_stays(bench: Bench, history: History) -> None:
    strong = read_spec(GROWING, settings={"bonus": -0.4, "items": 60}, seeds=[0, 1, 2])
    run = finished(bench, strong)
    decided = decided_claims(history, GROWING, run)
    assert set(decided.values()) <= {"holds", "does not hold"}
    bench.extend(run, More(arms=["half"]))
    bench.wait(run, 120)
    assert circumstances_of(history, run).look == 1, "further arms are no look"
    bench.extend(run, More(seeds=2))
    bench.wait(run, 120)
    (first,) = circumstances_of(history, run).looks
    assert (first.seeds, first.items, first.arms) == (3, 60, ("method", "baseline", "half"))
    assert decided.items() <= dict(first.decided).items() <= decided_claims(history, GROWING, run).items()
    with pytest.raises(ConfigError, match="half as large again") as refused:
        bench.extend(run, More(seeds=2, items=29))
    assert "3 more seeds or 30 more items" in refused.value.hint


def test_what_cannot_be_extended_is_told(bench: Bench, history: History) -> None:
    with pytest.raises(RunNotFound):
        bench.extend("nobody", More(seeds=1))
    run = finished(bench)
    copy = history.import_folder(bench.folder(run).path)
    with pytest.raises(StateError, match="made elsewhere") as refused:
        bench.extend(copy, More(seeds=1))
    assert "Run it again with the same settings" in refused.value.hint
    slow = bench.start(read_spec(GROWING, settings={"pause": 0.5}))
    with pytest.raises(StateError, match="cannot be extended"):
        bench.extend(slow, More(seeds=1))
    bench.stop(slow)
    bench.wait(slow, 60)
    with pytest.raises(StateError, match="stopped") as refused:
        bench.extend(slow, More(seeds=1))
    assert "Resume it first" in refused.value.hint
    bench.delete(run)
    with pytest.raises(StateError, match="deleted"):
        bench.extend(run, More(seeds=1))


def test_a_run_that_is_being_asked_is_not_extended(bench: Bench, history: History) -> None:
    counting = ENGINES["counting"]
    run = finished(bench, read_spec(counting))
    ask = history.open_run(question_spec(counting, run, {"item": 1}))
    with pytest.raises(StateError, match="being asked a question"):
        bench.extend(run, More(seeds=1))
    history.set_state(ask, "stopped", expect={"queued", "starting", "running", "failed"})
    bench.extend(run, More(seeds=1))


def test_of_two_extensions_at_once_one_wins(bench: Bench, history: History) -> None:
    run = finished(bench)
    failed: list[Any] = []

    def extend() -> None:
        try:
            bench.extend(run, More(seeds=1))
        except StateError as error:
            failed.append(error)

    threads = [threading.Thread(target=extend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    record = bench.wait(run, 120)
    assert len(record.spec.seeds) == 3 + (3 - len(failed)) and len(history.extensions(run)) == 4 - len(failed)
    assert rows_of(history, run) == rows_of(history, finished(bench, record.spec))


def test_an_extension_seen_too_late_is_refused(history: History) -> None:
    run = history.open_run(read_spec(GROWING))
    history.set_state(run, "finished", expect={"queued"})
    old = history.record(run).spec
    assert history.extend(run, old.model_copy(update={"seeds": (0, 1, 2)}), (), before=old, expect={"finished"})
    history.set_state(run, "finished", expect={"queued"})
    assert not history.extend(run, old.model_copy(update={"seeds": (0, 1, 2)}), (), before=old, expect={"finished"})
    assert history.record(run).state == "finished"


def test_a_worker_killed_in_an_extension_loses_and_doubles_nothing(bench: Bench, history: History) -> None:
    run = finished(bench, read_spec(GROWING, settings={"pause": 0.1}))
    bench.extend(run, More(seeds=1, items=8))
    for moment in (0.05, 0.4):
        until(lambda: history.record(run).state == "running")
        time.sleep(moment)
        kill_worker(bench.folder(run))
        assert bench.wait(run, 120).state == "interrupted"
        bench.resume(run)
    record = bench.wait(run, 120)
    assert (record.state, record.attempt) == ("finished", 4)
    whole = read_spec(GROWING, settings={"items": 16}, seeds=[0, 1, 2])
    assert rows_of(history, run) == rows_of(history, finished(bench, whole))


def test_a_bench_killed_before_the_worker_started_leaves_the_extended_run_waiting(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    with Bench(history, ENGINES, history.runs_root, SETTINGS, WORKER) as bench:
        run = finished(bench)
        before = bench.folder(run).spec()
    RunExtender(history, ENGINES, history.runs_root).extend(run, More(seeds=1))  # nobody there to start a worker
    assert history.record(run).state == "queued"
    assert history.folder(run).spec() == before, "the folder is as it finished until the worker starts"
    lost = History(tmp_path / "lost.db", history.runs_root)
    assert (lost.record(run).state, lost.record(run).spec) == ("finished", before)
    lost.close()
    with Bench(history, ENGINES, history.runs_root, SETTINGS, WORKER) as bench:
        record = bench.wait(run, 120)
        assert (record.state, record.spec.seeds, bench.folder(run).spec().seeds) == ("finished", (0, 1, 2), (0, 1, 2))
    history.close()


def test_an_extension_that_fails_is_taken_back_and_leaves_what_was_there(bench: Bench, history: History) -> None:
    run = finished(bench, read_spec(GROWING, settings={"available": 12}))
    before, whole = history.record(run).spec, rows_of(history, run)
    with pytest.raises(StateError, match="no extension that can be taken back"):
        bench.take_back(run)
    bench.extend(run, More(seeds=1, items=20, arms=["half"]))
    record = bench.wait(run, 120)
    assert (record.state, record.error) == ("failed", "Only 12 items there are.")
    with pytest.raises(StateError, match="is failed"):
        bench.extend(run, More(seeds=1))
    bench.take_back(run)
    record = bench.wait(run, 120)
    assert (record.state, record.spec) == ("finished", before)
    assert rows_of(history, run) == whole
    assert circumstances_of(history, run).look == 1, "a look that failed showed nothing"
    with pytest.raises(StateError, match="no extension that can be taken back"):
        bench.take_back(run)
    bench.extend(run, More(seeds=1))
    record = bench.wait(run, 120)
    assert rows_of(history, run) == rows_of(history, finished(bench, record.spec))


def test_an_extension_that_was_stopped_is_taken_back_and_its_look_is_spent(bench: Bench, history: History) -> None:
    run = finished(bench, read_spec(GROWING, settings={"pause": 0.2}))
    whole = rows_of(history, run)
    bench.extend(run, More(seeds=3, items=8))
    until(lambda: history.record(run).tables.get("Answered", 0) > 40)
    bench.stop(run)
    assert bench.wait(run, 60).state == "stopped"
    bench.take_back(run)
    assert bench.wait(run, 60).state == "finished"
    assert rows_of(history, run) == whole
    assert circumstances_of(history, run).look == 2


KILLED_AT = {
    "before the change is kept": ("workbench.history.changes", "index_run", "finished"),
    "after it": ("workbench.bench.supervisor", "Supervisor.nudge", "queued"),
}


@pytest.mark.parametrize("moment", KILLED_AT)
def test_a_server_killed_while_it_extends_leaves_the_old_run_or_the_extended_one(tmp_path: Path, moment: str) -> None:
    history = History(tmp_path / "history.db")
    with Bench(history, ENGINES, history.runs_root, SETTINGS, WORKER) as bench:
        run = finished(bench)
        whole = rows_of(history, run)
    module, name, state = KILLED_AT[moment]
    code = f"""
import os, signal
from pathlib import Path
from unittest.mock import patch
from tests.rooms import ENGINES, WORKER
from tests.rooms.serving import SETTINGS
from workbench.bench.bench import Bench
from workbench.bench.extending import More
from workbench.history import History
history = History(Path({str(tmp_path / "history.db")!r}))
bench = Bench(history, ENGINES, history.runs_root, SETTINGS, WORKER)
with patch("{module}.{name}", lambda *given: os.kill(os.getpid(), signal.SIGKILL)):
    bench.extend({run!r}, More(seeds=1))
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    record = history.record(run)
    assert (record.state, len(record.spec.seeds)) == (state, 2 if state == "finished" else 3)
    assert rows_of(history, run) == whole
    history.close()


def test_a_history_lost_between_extending_and_working_finds_the_run_interrupted(bench: Bench, tmp_path: Path) -> None:
    run = finished(bench)
    bench.extend(run, More(seeds=1))
    bench.wait(run, 120)
    events = bench.folder(run).events
    lines = events.read_bytes().splitlines(keepends=True)
    first_end = next(at for at, line in enumerate(lines) if b'"kind":"finished"' in line)
    events.write_bytes(b"".join(lines[: first_end + 1]))
    lost = History(tmp_path / "lost.db", bench.folder(run).path.parent)
    record = lost.record(run)
    assert (record.state, record.spec.seeds, len(lost.extensions(run))) == ("interrupted", (0, 1, 2), 1)
    assert record.resumable
    lost.close()
