import pytest

from engines.treereview import ENGINE
from engines.treereview.probe import grown, most_nodes, read_and_written
from engines.treereview.question_tree import Limits
from tests.engines import worked_runs
from tests.engines.treereview.tiny_run import ScriptedBackend, tiny_spec, use_backend
from workbench.contract.fields import with_purpose
from workbench.contract.probe import Asked
from workbench.contract.schema import Estimate, EstimatePart

QUICK = ENGINE.presets["quick"].config


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        (Limits(3, (5, 4, 3)), (26, 60, 25)),
        (Limits(1, (5,)), (1, 5, 0)),
        (Limits(0, (5,)), (0, 0, 0)),
        (Limits(2, (2, 2), most_nodes=5), (3, 2, 2)),
    ],
)
def test_nodes_of_the_widest_tree(limits, found):
    assert most_nodes(limits) == found


def test_tokens_of_one_tree_by_hand():
    config = QUICK.model_copy(update={"depth": 1, "widths": (2,), "top_k": 2, "chunk_tokens": 100, "root_tokens": 300})
    read, written = read_and_written(config, 1000, None)
    assert read == 600 + 2 * (200 + 150) + 2 * (300 + 1500)
    assert written == config.question_tokens + 2 * config.answer_tokens + 2 * config.review_tokens
    assert read_and_written(config.model_copy(update={"root_tokens": None}), 1000, 500)[0] == read + 2 * 200


def test_arms_that_read_whole_papers_grow_trees_only_alone():
    whole = QUICK.model_copy(update={"reading": "whole paper"})
    assert grown(Asked(QUICK, {"a": QUICK, "b": whole}, (0,))) == [QUICK]
    assert grown(Asked(QUICK, {"b": whole}, (0,))) == [whole]


def estimated(tmp_path, monkeypatch, name: str, **settings):
    use_backend(monkeypatch, ScriptedBackend())
    spec = tiny_spec(arms=("treereview", "exhaustive"), **settings)
    return worked_runs.probe(ENGINE, with_purpose(spec, "preflight"), tmp_path, name)


def test_the_probe_measures_what_the_run_will_do(tmp_path, monkeypatch):
    run = estimated(tmp_path, monkeypatch, "probe", exhaustive_answers=True, held_out=5)
    parts = run.table(EstimatePart).groupby("phase", sort=False)["seconds"].sum()
    assert list(parts.index) == [
        "Read the papers", "Grow the trees", "Count the exhaustive way", "Compare the rankings"
    ]  # fmt: skip
    assert (parts > 0).all()
    estimate = run.table(Estimate).iloc[0]
    assert estimate["seconds"] == pytest.approx(parts.sum())
    assert estimate["memory_bytes"] > 0 and estimate["disk_bytes"] >= 0 and estimate["proposal"] == {}


def test_answers_that_are_only_counted_take_no_time(tmp_path, monkeypatch):
    parts = estimated(tmp_path, monkeypatch, "counted", exhaustive_answers=False).table(EstimatePart)
    assert not parts.loc[parts["phase"] == "Count the exhaustive way", "seconds"].any()


def test_a_smaller_tree_is_what_may_be_proposed():
    shrunk = {name for step in ENGINE.shrink for name in step}
    assert {"depth", "widths", "answer_tokens", "papers"} <= shrunk <= set(ENGINE.config.model_fields)
