"""A run extended, killed and resumed in any order says what a run says that was asked for all of it at once."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.worked_runs import extend, start
from tests.rooms import ENGINES
from tests.rooms.growing import Answered, Standing, Trained
from workbench.bench.extending import More
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunFolder, RunSpec
from workbench.contract.schema import Caution, Outcome, Row
from workbench.history import History
from workbench.storage.finished_run import FinishedRun

GROWING = ENGINES["growing"]
KINDS: tuple[type[Row], ...] = (Trained, Answered, Standing, Outcome, Caution)
STEPS = st.one_of(
    st.builds(More, seeds=st.integers(1, 3)),
    st.builds(More, items=st.integers(4, 9)),
    st.builds(More, arms=st.just(("half",))),
    st.builds(More, seeds=st.integers(1, 2), items=st.integers(4, 9)),
)


def said(table: Callable[[type[Row]], pd.DataFrame]) -> Counter:
    """Every row, and how often it is there."""
    found: Counter = Counter()
    for kind in KINDS:
        frame = table(kind).astype(object)
        lines = frame.where(frame.notna(), None).values.tolist()
        found.update((kind.table(), repr(line)) for line in lines)
    return found


def at_once(root: Path, spec: RunSpec) -> Counter:
    return said(start(GROWING, spec, root, "at-once").table)


def cut(folder: RunFolder, share: float, extended_at: int) -> None:
    """Tear the file as a kill does, somewhere after the run was extended last."""
    text = folder.events.read_bytes()
    folder.events.write_bytes(text[: extended_at + int(share * (len(text) - extended_at))])


GROWTH = {
    "steps": st.lists(STEPS, min_size=1, max_size=3),
    "cuts": st.lists(st.lists(st.floats(0, 1), max_size=2), min_size=3, max_size=3),
}


@settings(max_examples=8)
@given(**GROWTH)
def test_rows_of_an_extended_run_equal_those_of_one_asked_at_once(steps: list[More], cuts: list[list[float]]) -> None:
    check_growth(steps, cuts)


@pytest.mark.wide
@settings(max_examples=150)
@given(**GROWTH)
def test_rows_of_many_extended_runs_equal_those_asked_at_once(steps: list[More], cuts: list[list[float]]) -> None:
    check_growth(steps, cuts)


def check_growth(steps: list[More], cuts: list[list[float]]) -> None:
    with TemporaryDirectory() as place:
        root, folder = Path(place), RunFolder(Path(place), "grown")
        start(GROWING, read_spec(GROWING), root, "grown")
        for step, kills in zip(steps, cuts, strict=False):
            if step.arms and "half" in folder.spec().arms:
                continue
            begun = folder.events.stat().st_size
            extend(GROWING, root, "grown", _enough(step, folder.spec()))
            for share in kills:
                cut(folder, share, begun)
                start(GROWING, folder.spec(), root, "grown")
        whole = at_once(root, folder.spec())
        assert said(FinishedRun(folder).table) == whole
        with_history(root, folder, whole)


def _enough(step: More, spec: RunSpec) -> More:
    """The step, made as large as a look must be; a run of a hundred items gets seeds instead."""
    items = int(spec.settings["items"])
    if step.items and items + max(step.items, items) <= 100:
        return More(step.seeds, max(step.items, items), step.arms)
    return More(max(step.seeds, len(spec.seeds)), 0) if step.looks else step


def with_history(root: Path, folder: RunFolder, whole: Counter) -> None:
    """A history that reads the folder anew, and one that imports it, find the same rows."""
    rebuilt = History(root / "rebuilt" / "history.db", root)
    assert said(lambda kind: rebuilt.table(folder.run, kind)) == whole
    assert rebuilt.record(folder.run).tables == {name: n for name, n in _sizes(whole).items() if n}
    rebuilt.close()
    other = History(root / "other" / "history.db", root / "other" / "runs")
    (root / "other" / "runs").mkdir(exist_ok=True)
    run = other.import_folder(folder.path)
    assert said(lambda kind: other.table(run, kind)) == whole
    other.close()


def _sizes(whole: Counter) -> Counter:
    sizes: Counter = Counter()
    for (table, _), many in whole.items():
        sizes[table] += many
    return sizes


def trained_since(folder: RunFolder, offset: int) -> int:
    return folder.events.read_bytes()[offset:].count(b'"table":"Trained"')


@pytest.mark.parametrize(
    ("more", "trained", "answered"),
    [
        (More(items=4), 0, 4 * (3 + 4)),  # the block of three items grows to five, another one begins
        (More(seeds=1), 2 * 3, 2 * 8),
        (More(arms=["half"]), 2 * 3, 2 * 8),
    ],
    ids=["items", "seeds", "arms"],
)
def test_what_exists_is_not_computed_again(tmp_path: Path, more: More, trained: int, answered: int) -> None:
    start(GROWING, read_spec(GROWING), tmp_path, "grown")
    folder = RunFolder(tmp_path, "grown")
    begun = folder.events.stat().st_size
    grown = extend(GROWING, tmp_path, "grown", more)
    assert trained_since(folder, begun) == trained
    assert folder.events.read_bytes()[begun:].count(b'"table":"Answered"') == answered
    assert said(grown.table) == at_once(tmp_path, folder.spec())


def test_an_extended_run_that_is_resumed_goes_on_where_it_stood(tmp_path: Path) -> None:
    start(GROWING, read_spec(GROWING), tmp_path, "grown")
    extend(GROWING, tmp_path, "grown", More(items=4))
    folder = RunFolder(tmp_path, "grown")
    length = folder.events.stat().st_size
    start(GROWING, folder.spec(), tmp_path, "grown")
    again = folder.events.read_bytes()[length:]
    assert b'"kind":"reopened"' not in again
    assert b'"table":"Answered"' not in again
    assert b'"table":"Standing"' not in again


def test_a_run_of_before_keys_and_extensions_is_read_and_extended(tmp_path: Path) -> None:
    start(GROWING, read_spec(GROWING), tmp_path, "old")
    folder = RunFolder(tmp_path, "old")
    lines = folder.events.read_text(encoding="utf-8")
    for key in ("training", *{part.split('"')[0] for part in lines.split('"key":"')[1:]}):
        lines = lines.replace(f',"key":"{key}"', "")
    folder.events.write_text(lines.replace(',"extension":0', ""), encoding="utf-8")
    whole = at_once(tmp_path, read_spec(GROWING))
    assert said(FinishedRun(folder).table) == whole
    extend(GROWING, tmp_path, "old", More(seeds=1))
    longer = said(start(GROWING, folder.spec(), tmp_path, "longer").table)
    assert said(FinishedRun(folder).table) == longer


def test_a_value_damaged_under_its_key_is_computed_again(tmp_path: Path) -> None:
    start(GROWING, read_spec(GROWING), tmp_path, "grown")
    for path in (tmp_path / "grown" / "once").glob("training-*.json"):
        path.write_text("{", encoding="utf-8")
    grown = extend(GROWING, tmp_path, "grown", More(items=4))
    assert said(grown.table) == at_once(tmp_path, RunFolder(tmp_path, "grown").spec())
