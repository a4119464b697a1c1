from dataclasses import replace

import numpy as np
import pytest

from engines.parts.scoring.response_quality import (
    Column,
    Judge,
    QualitySettings,
    RewardModel,
    ScoredResponse,
    Verifier,
    mark_of,
    open_quality,
)
from tests.engines.persyn.tiny_run import tiny_model
from workbench.contract.errors import ConfigError, DataError, ModelError
from workbench.storage.home import place


def test_the_verifier_needs_right_answers():
    assert Verifier().score([ScoredResponse("p", "3", "3"), ScoredResponse("p", "4", "3")]).tolist() == [1, 0]
    with pytest.raises(DataError, match="right answer"):
        Verifier().score([ScoredResponse("p", "3", "3"), ScoredResponse("p", "3")])


def test_scores_of_a_column():
    found = Column().score([ScoredResponse("p", "x", score=2.5), ScoredResponse("p", "y")])
    assert found[0] == 2.5 and np.isnan(found[1])
    assert Column().score([ScoredResponse("p", "y")]).tolist() == pytest.approx([float("nan")], nan_ok=True)


@pytest.mark.parametrize(
    ("answer", "mark"), [("7", 7), ("Rating: 8.5/10", 8.5), ("11", 10), ("-3", 1), ("0", 1), ("good", np.nan)]
)
def test_marks_of_a_judge(answer, mark):
    np.testing.assert_equal(mark_of(answer), float(mark))


def test_a_judge_is_asked_every_pair():
    settings = QualitySettings("judge", tiny_model(), "Rate {response} to {prompt}:", "float32")
    found = open_quality(settings).score([ScoredResponse("p", "one {prompt}"), ScoredResponse("p", "two")])
    assert found.shape == (2,)
    with pytest.raises(ConfigError, match="judge_prompt"):
        Judge(replace(settings, judge_prompt="{prompt}"), None)


def test_a_scorer_without_its_model_is_refused():
    for quality in ("judge", "reward_model"):
        with pytest.raises(ConfigError, match="quality_model"):
            open_quality(QualitySettings(quality, "", "", "auto"))


@pytest.fixture(scope="module")
def reward_model():
    import torch
    from transformers import LlamaConfig, LlamaForSequenceClassification

    from tests.engines.persyn.tiny_student import LETTERS, write_tokenizer

    folder = place("uploads") / "tiny-reward"
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    told = {"vocab_size": len(LETTERS), "pad_token_id": 2, "architectures": ["LlamaForSequenceClassification"]}
    for labels, place_of in ((1, folder), (3, place("uploads") / "tiny-classes")):
        LlamaForSequenceClassification(LlamaConfig(**shape, **told, num_labels=labels)).save_pretrained(place_of)
        write_tokenizer(place_of)
    return folder


def test_a_reward_model_scores_alone_as_in_a_batch(reward_model):
    scorer = open_quality(QualitySettings("reward_model", str(reward_model), "", "auto"))
    assert isinstance(scorer, RewardModel)
    said = [
        ScoredResponse("how many?", text) for text in ("8", "a much longer answer of many words", "nine", *"abcdefgh")
    ]
    together = scorer.score(said)
    apart = [scorer.score([one])[0] for one in said]
    np.testing.assert_allclose(together, apart, atol=1e-5)
    assert len(set(np.round(together, 6))) > 1


def test_a_classifier_is_no_reward_model(reward_model):
    with pytest.raises(ModelError, match="3 numbers"):
        open_quality(QualitySettings("reward_model", str(reward_model.with_name("tiny-classes")), "", "auto"))
