"""A run that was extended says what a run says that was asked for all of it at once."""

import pandas as pd
import pytest

from engines.treereview import ENGINE
from engines.treereview.rows import QuestionNode, SectionHit
from tests.engines.treereview.papers import SMALL
from tests.engines.treereview.tiny_run import ScriptedBackend, start, tiny_spec, use_backend
from tests.engines.worked_runs import extend
from workbench.bench.extending import More
from workbench.contract.runs import RunFolder
from workbench.contract.schema import Caution, Outcome, Row
from workbench.storage.finished_run import FinishedRun
from workbench.storage.home import place

KINDS: tuple[type[Row], ...] = (*ENGINE.rows, Outcome, Caution)
PAPERS = 4


@pytest.fixture(scope="module")
def folder() -> str:
    """Papers that differ in length, so that they differ in tokens."""
    papers = place("uploads") / "to-extend"
    papers.mkdir(exist_ok=True)
    for at in range(PAPERS):
        more = "A further sentence that makes this paper a little longer. " * (7 * at)
        text = SMALL.replace("## 3 Results", f"## 3 Results\n\nNumber {at}. {more}")
        (papers / f"paper-{at}.md").write_text(text, "utf-8")
    return str(papers)


def said(run: FinishedRun, kind: type[Row]) -> pd.DataFrame:
    """All rows of a kind, sorted, without what depends on the machine."""
    rows = run.table(kind).drop(columns=list(kind.measured_fields())).astype(str)
    return rows.sort_values(list(rows.columns), ignore_index=True)


@pytest.fixture(autouse=True)
def cheap_rankings(monkeypatch):
    """Two ways of ranking in place of three: reading with a language model is the same at every extension."""
    monkeypatch.setattr("engines.treereview.evaluation.COMPARED", ("bm25", "dense"))


def spec(folder: str, papers: int = 2, arms=("exhaustive",), seeds=(0,)):
    return tiny_spec(arms=arms, seeds=seeds, paper=folder, papers=papers, held_out=2, top_k=1)


@pytest.mark.parametrize(
    ("more", "whole"),
    [
        (More(seeds=1), {"seeds": (0, 1)}),
        (More(items=2), {"papers": 4}),
        (More(arms=("treereview",)), {"arms": ("exhaustive", "treereview")}),
        (More(arms=("treereview", "depth_1"), seeds=2, items=1), {
            "arms": ("exhaustive", "treereview", "depth_1"), "seeds": (0, 1, 2), "papers": 3,
        }),
    ],
)  # fmt: skip
def test_rows_equal_those_of_a_run_asked_for_all_at_once(folder, more, whole, tmp_path, monkeypatch):
    use_backend(monkeypatch, ScriptedBackend())
    start(spec(folder), tmp_path, "grown")
    extend(ENGINE, tmp_path, "grown", more)
    grown = FinishedRun(RunFolder(tmp_path, "grown"))
    at_once = start(spec(folder, **whole), tmp_path, "at-once")
    for kind in KINDS:
        pd.testing.assert_frame_equal(said(grown, kind), said(at_once, kind))
    assert len(said(at_once, QuestionNode)) > 4 and len(said(at_once, SectionHit)) > 4


def test_what_exists_is_not_asked_again(folder, tmp_path, monkeypatch):
    backend = ScriptedBackend()
    use_backend(monkeypatch, backend)
    start(spec(folder, arms=("treereview", "exhaustive")), tmp_path, "grown")
    first = backend.calls
    extend(ENGINE, tmp_path, "grown", More(items=2))
    both = backend.calls
    start(spec(folder, papers=4, arms=("treereview", "exhaustive")), tmp_path, "at-once")
    assert first > 10 and both == backend.calls - both, "two more papers cost what they cost in a run of four"
