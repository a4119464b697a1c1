import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from engines.shifcon.config import ShifConConfig
from engines.shifcon.projection import projected_rows
from engines.shifcon.shifted_states import (
    JudgedHalf,
    layer_rows,
    report_outcomes,
    save_vectors,
    scores,
    shifts,
)
from tests.engines.parts.heard_log import HeardLog
from workbench.contract.run_log import RunCell

NONE, MEAN, RANDOM = (ShifConConfig(shift=kind) for kind in ("none", "mean", "random"))


@pytest.fixture(scope="module")
def planted():
    """Two languages that say the same but for a large constant offset, and a little noise."""
    random = np.random.default_rng(0)
    meaning = random.standard_normal((40, 3, 24))
    noise = 0.05 * random.standard_normal((2, 40, 3, 24))
    offset = 12 * random.standard_normal((1, 3, 24))
    means = {"en": meaning + noise[0], "fr": meaning + offset + noise[1]}
    return JudgedHalf(0, "en", tuple(f"s{at}" for at in range(40)), {k: v.astype(np.float32) for k, v in means.items()})


def test_the_shift_restores_a_planted_offset_and_a_random_one_does_not(planted):
    assert (scores(planted, "fr", MEAN).retrieval == 1).all()
    assert scores(planted, "fr", RANDOM).retrieval.mean() < 0.5
    assert scores(planted, "fr", NONE).retrieval.mean() < 0.7


def test_the_mean_term_falls_with_the_shift_alone(planted):
    before, after, control = (scores(planted, "fr", config).mean_term for config in (NONE, MEAN, RANDOM))
    assert (after < 0.05 * before).all()
    assert (control > before).all()


def test_arms_add_nothing_the_shift_or_vectors_of_its_length(planted):
    toward = planted.shift_toward("fr")
    assert not shifts(planted, "fr", NONE)[0].any()
    np.testing.assert_array_equal(shifts(planted, "fr", MEAN)[0], toward)
    drawn = shifts(planted, "fr", RANDOM)
    assert len(drawn) == RANDOM.draws
    for vector in drawn:
        np.testing.assert_allclose(np.linalg.norm(vector, axis=1), np.linalg.norm(toward, axis=1), rtol=1e-12)


def test_vectors_come_from_one_half_and_judgement_from_the_other(planted):
    changed = {name: means.copy() for name, means in planted.means.items()}
    changed["fr"][~planted.estimation] += 5
    other = JudgedHalf(0, "en", planted.ids, changed)
    np.testing.assert_array_equal(other.vector("fr"), planted.vector("fr"))
    assert (other.states("fr") != planted.states("fr")).all()
    assert len(planted.judged_ids) == 20


def test_rows_carry_sentence_language_and_layer(planted):
    found = scores(planted, "fr", MEAN)
    rows = layer_rows("mean_shifted", 0, "fr", found)
    assert rows["layer"].tolist() == [0, 1, 2]
    assert rows["retrieval"].tolist() == [1, 1, 1]


def test_outcomes_are_sentences_of_each_language_at_one_layer(planted):
    found, log = {name: scores(planted, "fr", arm) for name, arm in (("fr", MEAN), ("de", NONE))}, HeardLog()
    report_outcomes(RunCell("mean_shifted", 0), planted.judged_ids, found, 1, log.as_log())
    outcomes = pd.DataFrame([row.model_dump() for row in log.rows])
    assert outcomes.groupby("metric").size().to_dict() == {"mean_term": 2, "pair_cosine": 40, "retrieval_at_1": 40}
    assert (outcomes["slice"] == "language/" + outcomes["cluster"]).all()
    for language, one in found.items():
        mine = outcomes[(outcomes["metric"] == "pair_cosine") & (outcomes["cluster"] == language)]
        assert mine["item"].tolist() == planted.judged_ids and mine["value"].tolist() == one.cosine[1].tolist()


@pytest.mark.parametrize("projection", ["lda", "pca"])
def test_languages_meet_in_the_plane_after_the_shift(planted, projection):
    rows = projected_rows(planted, 1, ShifConConfig(projection=projection, projected_layers=2))
    assert set(rows["layer"]) == {0, 1, 2}
    assert len(rows) == 3 * 2 * 2 * 20
    assert set(rows["sentence"]) == set(planted.judged_ids)
    centres = rows.groupby(["layer", "shifted", "language"])["x"].mean().unstack()
    apart = (centres["en"] - centres["fr"]).abs().unstack()
    assert (apart[True] < 0.1 * apart[False]).all()


def test_saved_vectors_are_those_of_all_sentences(planted, tmp_path):
    save_vectors(planted.means, np.array([1.0, 2.0, 3.0]), tmp_path / "vectors.safetensors")
    kept = load_file(tmp_path / "vectors.safetensors")
    assert sorted(kept) == ["en", "fr", "longest"]
    np.testing.assert_allclose(kept["fr"], planted.means["fr"].mean(axis=0), rtol=1e-5)
