from types import SimpleNamespace

import numpy as np

from engines.treereview import ENGINE
from engines.treereview.held_out import HeldOut
from engines.treereview.material import Desk
from engines.treereview.ranking_trial import hits, try_rankings
from tests.engines.treereview.papers import small_paper
from tests.engines.treereview.tiny_run import ScriptedBackend, use_backend

CONFIG = ENGINE.presets["quick"].config.model_copy(update={"top_k": 2, "chunk_tokens": 40, "held_out": 4})


def test_hits_by_hand():
    held = [HeldOut(0, "s", "A", frozenset({3})), HeldOut(1, "t", "B", frozenset({0, 2}))]
    scores = np.array([[0.1, 0.9, 0.2, 0.3], [0.1, 0.9, 0.2, 0.3]])
    rows = hits("p", held, scores, "bm25", CONFIG)
    assert [(row.rank, row.hit) for row in rows] == [(2.0, 1.0), (3.0, 0.0)]


def test_every_way_of_ranking_looks_for_the_same_sentences(monkeypatch):
    use_backend(monkeypatch, ScriptedBackend())
    desk = Desk(CONFIG, SimpleNamespace(progress=lambda *at: None, note=print), {"small": small_paper()})
    frame = try_rankings(desk, "small")
    counts = frame.groupby("ranking")["sentence"].agg(["count", "nunique"])
    assert set(counts.index) == {"perplexity", "bm25", "dense", "chance"}
    assert counts.to_numpy().min() == counts.to_numpy().max() >= 2
    chance = frame[frame["ranking"] == "chance"]
    assert chance["hit"].between(0.01, 0.99).all()


def test_without_sentences_nothing_is_tried(monkeypatch):
    use_backend(monkeypatch, ScriptedBackend())
    desk = Desk(CONFIG.model_copy(update={"held_out": 0}), None, {"small": small_paper()})
    assert try_rankings(desk, "small").empty
