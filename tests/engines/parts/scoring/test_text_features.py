import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.scoring.text_features import (
    dependency_parser,
    distinct_1,
    features_of,
    lengths,
    perplexities,
    reading_ease,
    syllables,
    tree_depth,
    words_of,
)
from tests.engines.parts.small_models import architectures, small_model
from tests.engines.sure.planted_reader import write_tokenizer


@pytest.mark.parametrize(
    ("word", "count"),
    [("cat", 1), ("made", 1), ("table", 2), ("jumped", 1), ("wanted", 2), ("river", 2), ("the", 1), ("banana", 3),
     ("free", 1), ("people", 2), ("1969", 1), ("日本", 1)],
)  # fmt: skip
def test_syllables(word, count):
    assert syllables(word) == count


def test_reading_ease_by_hand():
    text = "The cat sat. The dog ran away."
    assert words_of(text) == ["the", "cat", "sat", "the", "dog", "ran", "away"]
    assert reading_ease(text) == pytest.approx(206.835 - 1.015 * 7 / 2 - 84.6 * 8 / 7)
    assert distinct_1(text) == pytest.approx(6 / 7)


def test_long_words_read_harder():
    assert reading_ease("Institutional considerations necessitate deliberation.") < reading_ease("We must think now.")


@pytest.mark.parametrize("text", ["", "...", "\n\t "])
def test_a_text_without_words_has_no_ease(text):
    assert math.isnan(reading_ease(text))
    assert math.isnan(distinct_1(text))


@given(st.text(max_size=80))
def test_any_text_can_be_measured(text):
    share = distinct_1(text)
    assert math.isnan(share) or 0 < share <= 1


def test_depth_of_a_tree_by_hand():
    assert tree_depth([1, 1, 3, 1]) == 2
    assert tree_depth([0]) == 0
    assert tree_depth([0, 0, 1, 2]) == 3


@pytest.fixture(scope="module")
def scorer(tmp_path_factory):
    from transformers import PreTrainedTokenizerFast

    from engines.parts.scoring.scoring import Scorer

    folder = tmp_path_factory.mktemp("tokens")
    write_tokenizer(folder)
    config = architectures()["llama"]
    config.vocab_size = 200
    return Scorer(small_model(config, PreTrainedTokenizerFast.from_pretrained(folder)))


def test_perplexity_equals_the_models_own_loss(scorer):
    import torch

    text = "oslo holds ada . rome holds bo ."
    ids = [1, *scorer.model.tokenizer(text)["input_ids"]]
    with torch.inference_mode():
        loss = scorer.model.model(input_ids=torch.tensor([ids]), labels=torch.tensor([ids])).loss
    assert perplexities([text], scorer)[0] == pytest.approx(float(loss.exp()), rel=1e-4)
    assert lengths([text, "oslo"], scorer).tolist() == [8, 1]


def test_all_features_are_measured_but_for_a_missing_parser(scorer):
    found = features_of(["Oslo holds ada.", "Rome holds bo. Oslo holds cy."], scorer)
    expected = {"reading_ease", "distinct_1", "perplexity", "length"}
    assert set(found) - {"dependency_depth"} == expected
    assert ("dependency_depth" in found) is (dependency_parser() is not None)
    assert all(np.isfinite(values).all() and values.shape == (2,) for values in found.values())
