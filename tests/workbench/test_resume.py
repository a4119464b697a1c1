"""A run killed anywhere and resumed equals one that was not; a run equals the union of its cells."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rooms import ENGINES
from tests.rooms.counting import CountingConfig, Step, Tally, run
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunFolder, RunSpec
from workbench.contract.schema import Outcome, Row
from workbench.storage.event_writer import EventWriter
from workbench.storage.finished_run import FinishedRun
from workbench.storage.replay import read_earlier
from workbench.worker.runlog import FolderLog

COUNTING = ENGINES["counting"]
TABLES: tuple[type[Row], ...] = (Step, Outcome, Tally)


def spec_of(arms: tuple[str, ...], seeds: tuple[int, ...], rounds: int = 1) -> RunSpec:
    return read_spec(COUNTING, settings={"items": 3, "rounds": rounds}, arms=arms, seeds=seeds)


def attempt(folder: RunFolder) -> None:
    """One attempt from start to end, as a worker makes it, in this process."""
    earlier = read_earlier(folder.events)
    writer = EventWriter(folder.events, earlier.seq, earlier.attempt)
    spec = folder.spec()
    try:
        writer.say("started", "", pid=1, process_started=0.0)
        log = FolderLog(folder, COUNTING, spec, writer, earlier)
        run(CountingConfig.model_validate(spec.settings), log)
        log.close()
    finally:
        writer.close()


def finished(root: Path, name: str, spec: RunSpec) -> RunFolder:
    folder = RunFolder(root, name)
    folder.make(spec)
    attempt(folder)
    return folder


def rows_of(folder: RunFolder) -> Counter:
    """Every committed row of the run, without its measured fields, and how often it is there."""
    parent = FinishedRun(folder)
    found: Counter = Counter()
    for kind in TABLES:
        kept = [name for name in kind.model_fields if name not in kind.measured_fields()]
        frame = parent.table(kind)[kept].astype(object)
        found.update((kind.table(), *map(repr, line)) for line in frame.itertuples(index=False))
    return found


@settings(max_examples=10)
@given(
    arms=st.lists(st.sampled_from(["shifted", "plain", "halved"]), min_size=1, unique=True),
    seeds=st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True),
)
def test_a_run_equals_the_union_of_its_cells(arms: list[str], seeds: list[int]) -> None:
    with TemporaryDirectory() as place:
        root = Path(place)
        whole = rows_of(finished(root, "whole", spec_of(tuple(arms), tuple(seeds))))
        cells = (rows_of(finished(root, f"{arm}-{seed}", spec_of((arm,), (seed,)))) for arm in arms for seed in seeds)
        assert whole == sum(cells, Counter())


@settings(max_examples=25)
@given(cuts=st.lists(st.floats(0, 1), min_size=1, max_size=3))
def test_a_run_cut_anywhere_and_resumed_equals_an_unbroken_one(cuts: list[float]) -> None:
    spec = spec_of(("shifted", "plain"), (0, 1), rounds=2)
    with TemporaryDirectory() as place:
        unbroken = finished(Path(place), "unbroken", spec)
        broken = finished(Path(place), "broken", spec)
        for cut in cuts:
            said = broken.events.read_bytes()
            broken.events.write_bytes(said[: int(cut * len(said))])
            attempt(broken)
        assert rows_of(broken) == rows_of(unbroken)


def test_a_resumed_run_does_not_compute_again_what_was_kept(tmp_path: Path) -> None:
    spec = spec_of(("shifted", "plain"), (0,))
    folder = finished(tmp_path, "run", spec)
    length = folder.events.stat().st_size
    attempt(folder)
    with folder.events.open("rb") as file:
        file.seek(length)
        again = file.read()
    assert b'"table":"Step"' not in again
    assert b'"kind":"closed"' not in again
