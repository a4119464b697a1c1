"""Embeddings against a direct computation, what they are for, and folders that say how to pool."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from engines.parts.retrieval.embeddings import open_encoder, pooling_of
from tests.engines.parts.tiny_model import make_tiny_model
from workbench.contract.errors import ModelError

TEXTS = [
    "The cat sleeps on the sofa.",
    "A kitten is napping on the couch.",
    "The central bank raised interest rates by half a point.",
    "",
    "The cat sleeps on the sofa.",
]


def directly(encoder, text: str) -> np.ndarray:
    """Mean of the last hidden states of one text alone, in float64."""
    entry = encoder.tokenizer(text, return_tensors="pt")
    with torch.inference_mode():
        states = encoder.model(**entry).last_hidden_state[0].double()
    mean = states.mean(0)
    return (mean / mean.norm()).numpy()


def test_minilm_gives_unit_vectors_equal_to_a_direct_computation():
    encoder = open_encoder()
    vectors = encoder.embed(TEXTS)
    assert vectors.shape == (5, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for vector, text in zip(vectors, TEXTS, strict=True):
        assert np.allclose(vector, directly(encoder, text), atol=1e-5)
    assert np.array_equal(vectors[0], vectors[4])
    assert vectors[0] @ vectors[1] > 0.5 > 0.2 > vectors[0] @ vectors[2]


def test_progress_and_texts_that_are_too_long():
    encoder = open_encoder()
    before, heard = encoder.truncated, []
    encoder.embed(["word " * 500, "short"], lambda done, total: heard.append((done, total)))
    assert (encoder.context, encoder.truncated) == (256, before + 1)
    assert heard[-1] == (2, 2)
    assert encoder.embed([]).shape == (0, 384)
    assert np.isfinite(encoder.embed(["\ud800 \x00"])).all()


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCHWRIGHT_ROOTS", str(tmp_path))
    return make_tiny_model(tmp_path / "tiny")


def test_a_causal_model_gives_its_mean_hidden_state(tiny: Path):
    encoder = open_encoder(str(tiny))
    assert encoder is open_encoder(str(tiny))
    vectors = encoder.embed(["a cat", "the dog ran", ""])
    assert np.allclose(vectors[1], directly(encoder, "the dog ran"), atol=1e-5)
    assert not vectors[2].any()


def test_a_folder_says_how_it_pools_and_how_much_it_reads(tiny: Path):
    (tiny / "1_Pooling").mkdir()
    (tiny / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    (tiny / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 3}))
    encoder = open_encoder(str(tiny))
    assert (encoder.pooling, encoder.context) == ("cls", 3)
    assert np.allclose(encoder.embed(["abcdef"]), encoder.embed(["abc"]))


def test_other_poolings_and_damaged_files_are_refused(tmp_path: Path):
    assert pooling_of(tmp_path) == "mean"
    (tmp_path / "1_Pooling").mkdir()
    said = tmp_path / "1_Pooling" / "config.json"
    said.write_text(json.dumps({"pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": True}))
    with pytest.raises(ModelError, match="pooling_mode_max_tokens, pooling_mode_mean_tokens"):
        pooling_of(tmp_path)
    said.write_text("{")
    with pytest.raises(ModelError, match="cannot be read"):
        pooling_of(tmp_path)
