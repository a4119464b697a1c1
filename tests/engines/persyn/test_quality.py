import numpy as np
import pytest

from engines.parts.answers import maths_answers
from engines.persyn.config import PersynConfig
from engines.persyn.quality import (
    Column,
    Judge,
    RewardModel,
    Said,
    Verifier,
    final_of,
    is_right,
    mark_of,
    open_quality,
    verdicts,
)
from tests.engines.persyn.tiny_run import tiny_model
from workbench.contract.errors import ConfigError, DataError, ModelError
from workbench.storage.home import place


@pytest.fixture(scope="module", autouse=True)
def reading_process():
    yield
    maths_answers._READER.close()


@pytest.mark.parametrize(
    ("gold", "response", "right"),
    [
        ("8", "17 - 9 = 8. The answer is 8.", True),
        ("8", "17 - 9 = 8. The answer is 9.", False),
        ("1,200", "So she has 1200 coins.", True),
        ("0.5", "The answer is 1/2", True),
        ("8", "", False),
        ("8", "I do not know.", False),
    ],
)
def test_numbers_are_verified(gold, response, right):
    assert is_right(gold, response) is right


def test_other_answers_are_verified_as_mathematics():
    pairs = [(r"\frac{x}{2}", r"The answer is $\boxed{0.5x}$"), ("x^2", "$x^3$"), ("3", "3")]
    assert verdicts(pairs).tolist() == [True, False, True]


def test_the_verifier_needs_right_answers():
    assert Verifier().score([Said("p", "3", "3"), Said("p", "4", "3")]).tolist() == [1, 0]
    with pytest.raises(DataError, match="right answer"):
        Verifier().score([Said("p", "3", "3"), Said("p", "3")])


def test_scores_of_a_column():
    found = Column().score([Said("p", "x", score=2.5), Said("p", "y")])
    assert found[0] == 2.5 and np.isnan(found[1])
    assert Column().score([Said("p", "y")]).tolist() == pytest.approx([float("nan")], nan_ok=True)


@pytest.mark.parametrize(
    ("answer", "mark"), [("7", 7), ("Rating: 8.5/10", 8.5), ("11", 10), ("-3", 1), ("0", 1), ("good", np.nan)]
)
def test_marks_of_a_judge(answer, mark):
    np.testing.assert_equal(mark_of(answer), float(mark))


def test_final_answers_are_shown_plainly():
    assert [final_of(text) for text in ("is 8.", "is 0.50", "is 1/3", "none")] == ["8", "0.5", "1/3", ""]


def test_a_judge_is_asked_every_pair():
    config = PersynConfig(quality="judge", quality_model=tiny_model(), dtype="float32")
    found = open_quality(config).score([Said("p", "one {prompt}"), Said("p", "two")])
    assert found.shape == (2,)
    with pytest.raises(ConfigError, match="judge_prompt"):
        Judge(config.model_copy(update={"judge_prompt": "{prompt}"}), None)


def test_a_scorer_without_its_model_is_refused():
    for quality in ("judge", "reward_model"):
        with pytest.raises(ConfigError, match="quality_model"):
            open_quality(PersynConfig(quality=quality))


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
    scorer = open_quality(PersynConfig(quality="reward_model", quality_model=str(reward_model)))
    assert isinstance(scorer, RewardModel)
    said = [Said("how many?", text) for text in ("8", "a much longer answer of many words", "nine", *"abcdefgh")]
    together = scorer.score(said)
    apart = [scorer.score([one])[0] for one in said]
    np.testing.assert_allclose(together, apart, atol=1e-5)
    assert len(set(np.round(together, 6))) > 1


def test_a_classifier_is_no_reward_model(reward_model):
    with pytest.raises(ModelError, match="3 numbers"):
        open_quality(PersynConfig(quality="reward_model", quality_model=str(reward_model.with_name("tiny-classes"))))
