"""Prompts against the tokenizer's own template, and what cannot be encoded."""

import pytest

from engines.parts.completions.prompts import Message, answer_ids, chat, prompt_ids
from engines.parts.models.models import load_causal, load_own, resolve_model
from tests.engines.parts.tiny_model import make_tiny_model
from workbench.contract.errors import ModelError

DEFAULT = "smollm2-135m-instruct"


def test_a_chat_is_laid_out_by_the_template():
    tokenizer = load_causal(DEFAULT).tokenizer
    prompt = chat("What is 2 + 2?", "Answer briefly.")
    assert prompt == (Message("system", "Answer briefly."), Message("user", "What is 2 + 2?"))
    turns = [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": "What is 2 + 2?"}]
    assert (
        prompt_ids(prompt, tokenizer) == tokenizer.apply_chat_template(turns, add_generation_prompt=True)["input_ids"]
    )
    assert tokenizer.decode(prompt_ids(chat("Hi"), tokenizer)).endswith("<|im_start|>assistant\n")


def test_a_plain_text_and_an_answer_are_encoded_apart():
    tokenizer = load_causal(DEFAULT).tokenizer
    assert prompt_ids("Once upon", tokenizer) == tokenizer("Once upon")["input_ids"]
    assert tokenizer.decode(answer_ids(" a time", tokenizer)) == " a time"
    assert answer_ids("", tokenizer) == []


def test_half_a_surrogate_pair_is_a_question_mark():
    tokenizer = load_causal(DEFAULT).tokenizer
    assert prompt_ids("a\ud800b", tokenizer) == prompt_ids("a?b", tokenizer)
    assert answer_ids("\x00", tokenizer)


def test_a_model_without_a_template_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_ROOTS", str(tmp_path))
    # A copy of its own: the process shares what load_causal gives with every later test of a model of the same bytes.
    tokenizer = load_own(resolve_model(str(make_tiny_model(tmp_path / "tiny")))).tokenizer
    with pytest.raises(ModelError, match="no chat template"):
        prompt_ids(chat("hi"), tokenizer)
    tokenizer.chat_template = "{{ raise_exception('no system turn') }}"
    with pytest.raises(ModelError, match="refuses these turns: no system turn"):
        prompt_ids(chat("hi"), tokenizer)
