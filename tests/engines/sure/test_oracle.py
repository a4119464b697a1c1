import numpy as np
import pandas as pd
import pytest

from engines.parts.scoring import FEATURES
from engines.sure.config import SureConfig
from engines.sure.oracle import (
    LEAST,
    PREFERRED,
    RANDOM,
    Candidates,
    candidates_of,
    feature_tests,
    form_gaps,
    oracle_scores,
    passage_search,
    ranked_documents,
)
from engines.sure.perturbations import Document
from engines.sure.questions import AskedQuestion
from engines.sure.rates import kolmogorov_smirnov
from engines.sure.readers import reading_prompt
from engines.sure.rows import AttentionChange, RankedDocument
from tests.engines.sure.planted_reader import make_planted_reader
from tests.engines.sure.tiny_run import start, tiny_spec
from workbench.storage.home import place

CONFIG = SureConfig(prompting="plain", oracle_questions=5, oracle_documents=5)
FIRST, LAST = Document("", "Oslo holds ada. Rome holds bo."), Document("", "Rome holds bo. Oslo holds ada.")
ASKED = AskedQuestion("q", "who holds ada?", ("Oslo", "Lima", "a very long answer of many words"), (FIRST,), "t")


@pytest.fixture(scope="module")
def scorer():
    from engines.parts.scoring.scoring import open_scorer

    folder = place("uploads") / "planted-reader"
    if not folder.exists():
        make_planted_reader(folder)
    return open_scorer(str(folder), "float32")


def test_candidates_hold_an_answer_and_are_at_least_two(scorer):
    search = passage_search((FIRST, LAST, Document("", "Paris holds cy.")), CONFIG)
    found = candidates_of((ASKED,), search, CONFIG, scorer)
    assert set(found[0].documents) == {FIRST, LAST}
    assert found[0].answers == ("Oslo", "Lima")
    alone = passage_search((FIRST, Document("", "Paris holds cy.")), CONFIG)
    assert candidates_of((ASKED,), alone, CONFIG, scorer) == []


def test_scores_are_the_models_own_log_likelihood(scorer):
    one = Candidates(ASKED, (FIRST, LAST), ("Oslo", "Lima"))
    scores = oracle_scores([one], CONFIG, scorer)[0]
    for document, score in zip(one.documents, scores, strict=True):
        prompt = reading_prompt(ASKED.question, document.plain(), CONFIG)
        alone = [scorer.score([(prompt, answer)])[0].logprob for answer in one.answers]
        assert score == pytest.approx(np.mean(alone), abs=1e-4)


def test_a_reader_with_a_shortcut_prefers_the_document_that_serves_it(scorer):
    one = Candidates(ASKED, (LAST, FIRST), ("Oslo",))
    ranked = ranked_documents([one], oracle_scores([one], CONFIG, scorer), scorer)
    found = dict(zip(ranked["group"], ranked["document"], strict=True))
    assert (found[PREFERRED], found[LEAST]) == (FIRST.text, LAST.text)
    assert {found[name] for name in RANDOM} == {FIRST.text, LAST.text}
    assert (ranked["length"] == 8).all()


def planted(preference: float, seed: int, count: int = 60) -> pd.DataFrame:
    """Ranked documents whose length follows the score with that strength; other features are noise."""
    draw = np.random.default_rng(seed)
    rows = []
    for at in range(count):
        lengths = np.sort(draw.normal(100, 20, 2))[::-1]
        if draw.random() > preference:
            lengths = draw.permutation(lengths)
        pair = draw.permutation(lengths)
        groups = {PREFERRED: lengths[0], LEAST: lengths[1], RANDOM[0]: pair[0], RANDOM[1]: pair[1]}
        for group, length in groups.items():
            rows.append((f"q{at}", f"t{at}", group, "", 0.0, 2, length, *draw.normal(size=3), np.nan))
    columns = ["question", "cluster", "group", "document", "score", "candidates", "length", *FEATURES[:2], "perplexity",
               FEATURES[2]]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def test_a_planted_preference_shows_where_it_was_planted():
    found = {(test.feature, test.groups): test.statistic for test in feature_tests(planted(1.0, 0))}
    assert found["length", "ranked"] > 0.4
    assert found["length", "random"] < 0.3 > found["reading_ease", "ranked"]
    assert ("dependency_depth", "ranked") not in found


def test_the_distance_is_the_largest_gap_of_two_distributions_by_hand():
    values = {PREFERRED: (1.0, 2.0, 3.0, 4.0), LEAST: (3.0, 4.0, 5.0, 6.0)}
    rows = [(group, value) for group, held in values.items() for value in held]
    frame = pd.DataFrame(rows, columns=["group", "length"])
    for feature in set(FEATURES) - {"length"}:
        frame[feature] = np.nan
    assert [(test.groups, test.documents, test.statistic) for test in feature_tests(frame)] == [("ranked", 4, 0.5)]


def test_the_gap_of_histograms_is_that_of_the_test():
    ranked = planted(1.0, 3)
    counts, names = form_gaps(ranked)
    length = names["slice"] == "form/ranked/length"
    assert (counts.sum(axis=1) == 2).all() and len(counts) == len(names)
    gap = kolmogorov_smirnov(counts[length.to_numpy()].sum(axis=0))
    test = next(t for t in feature_tests(ranked) if (t.feature, t.groups) == ("length", "ranked"))
    assert gap == pytest.approx(test.statistic, abs=0.06)
    assert set(names["cluster"][length]) == set(ranked["cluster"])


def test_without_documents_there_is_nothing_to_test(scorer):
    ranked = ranked_documents([], [], scorer)
    assert ranked.empty
    assert feature_tests(ranked) == []
    counts, names = form_gaps(ranked)
    assert len(counts) == 0 == len(names)


def test_looking_can_be_left_out():
    found = start(tiny_spec(oracle_questions=0, attention_pairs=0), place("runs"), "sure-unseen")
    assert found.table(RankedDocument).empty and found.table(AttentionChange).empty
    events = (place("runs") / "sure-unseen" / "events.jsonl").read_text()
    assert "preliminary test was left out" in events and "Attention was left out" in events


def test_equal_documents_of_other_questions_are_ranked_too():
    found = start(tiny_spec(attention_pairs=0), place("runs"), "sure-ranked")
    ranked = found.table(RankedDocument)
    assert ranked.groupby("question").size().eq(4).all()
    assert (ranked["candidates"] >= 2).all()
    spread = ranked.pivot_table(index="question", columns="group", values="score")
    assert (spread["preferred"] >= spread["least preferred"]).all()
