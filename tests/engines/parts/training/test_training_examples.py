from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.models.model_files import inspect_folder
from engines.parts.models.model_loading import load_tokenizer, load_weights
from engines.parts.training.training_examples import (
    IGNORED,
    Example,
    Preference,
    encode_examples,
    encode_preferences,
    end_of_turn,
    prompt_ids,
)
from tests.engines.parts.tiny_model import VOCABULARY, make_tiny_model
from workbench.contract.errors import DataError, ModelError

TEMPLATE = (
    "{% for m in messages %}{% if m.role == 'tool' %}{{ raise_exception('no tools') }}{% endif %}"
    "<s>{{ m.role }} {{ m.content }}</s> {% endfor %}{% if add_generation_prompt %}<s>assistant {% endif %}"
)
END = VOCABULARY.index("</s>")


@dataclass(frozen=True)
class Said:
    role: str
    content: str


def ids(text):
    return [VOCABULARY.index(letter) for letter in text]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    folder = inspect_folder(make_tiny_model(tmp_path_factory.mktemp("models") / "tiny"))
    return load_tokenizer(folder, load_weights(folder, "float32", "sdpa")[0])


@pytest.fixture
def chatting(tokenizer):
    tokenizer.chat_template = TEMPLATE
    yield tokenizer
    tokenizer.chat_template = None


def test_only_the_response_and_its_end_are_learned(tokenizer):
    encoded = encode_examples(tokenizer, [Example("ab", "cd"), Example("", "e")], longest=10)
    assert encoded.rows[0]["input_ids"] == [*ids("abcd"), END]
    assert encoded.rows[0]["labels"] == [IGNORED, IGNORED, *ids("cd"), END]
    assert encoded.rows[1] == {"input_ids": [*ids("e"), END], "labels": [*ids("e"), END]}
    assert encoded.lengths() == [5, 2] and encoded.note() == ""


def test_the_end_token_is_learned_though_it_is_the_padding_token(tokenizer):
    assert tokenizer.pad_token_id == tokenizer.eos_token_id == END
    assert encode_examples(tokenizer, [Example("a", "b")], longest=9).rows[0]["labels"][-1] == END


def test_messages_are_written_by_the_chat_template(chatting):
    prompt = (Said("system", "x"), Said("user", "ab"))
    begin = VOCABULARY.index("<s>")
    expected = [begin, *ids("system x"), END, *ids(" "), begin, *ids("user ab"), END, *ids(" "), begin]
    assert prompt_ids(chatting, prompt) == [*expected, *ids("assistant ")]
    row = encode_examples(chatting, [Example(prompt, "c")], longest=60).rows[0]
    assert row["input_ids"] == [*prompt_ids(chatting, prompt), *ids("c"), END]
    assert [label for label in row["labels"] if label != IGNORED] == [*ids("c"), END]


def test_the_end_of_a_turn_is_the_templates_own(chatting):
    assert end_of_turn(chatting, "text") == END
    assert end_of_turn(chatting, [Said("user", "a")]) == END
    chatting.chat_template = TEMPLATE.replace("</s>", "<s>")
    assert end_of_turn(chatting, [Said("user", "a")]) == VOCABULARY.index("<s>")
    chatting.chat_template = TEMPLATE.replace("</s>", "!")
    assert end_of_turn(chatting, [Said("user", "a")]) == END


def test_a_model_without_a_chat_template_refuses_messages(tokenizer):
    with pytest.raises(ModelError, match="no chat template") as caught:
        prompt_ids(tokenizer, [Said("user", "a")])
    assert caught.value.hint


def test_what_the_template_refuses_is_said_in_words(chatting):
    with pytest.raises(ModelError, match="no tools"):
        prompt_ids(chatting, [Said("tool", "a")])


LONG = [Example("abcdef", "gh"), Example("a", "b"), Example("a", "bcdefghijk")]


def test_long_examples_are_dropped_or_cut_and_counted(tokenizer):
    dropped = encode_examples(tokenizer, LONG, longest=6)
    assert (len(dropped.rows), dropped.dropped, dropped.cut) == (1, 2, 0)
    assert dropped.note() == "Of 3 examples 2 were left out: more than 6 tokens."

    prompts = encode_examples(tokenizer, LONG, longest=6, too_long="cut prompt")
    assert prompts.rows[0]["input_ids"] == [*ids("defgh"), END]
    assert (len(prompts.rows), prompts.dropped, prompts.cut) == (2, 1, 1)
    assert prompts.note() == "Of 3 examples 1 were cut and 1 were left out: more than 6 tokens."

    responses = encode_examples(tokenizer, LONG, longest=6, too_long="cut response")
    assert [row["input_ids"] for row in responses.rows] == [[*ids("ab"), END], ids("abcdef")]
    assert (responses.dropped, responses.cut) == (1, 1)


@given(
    st.lists(st.tuples(st.text("abc ", max_size=12), st.text("abc ", max_size=12)), min_size=1, max_size=5),
    st.sampled_from(["drop", "cut prompt", "cut response"]),
)
def test_nothing_is_longer_than_allowed_and_nothing_is_lost_uncounted(tokenizer, texts, too_long):
    examples = [Example("a", "b"), *(Example(prompt, response) for prompt, response in texts)]
    encoded = encode_examples(tokenizer, examples, 8, too_long)
    assert max(encoded.lengths()) <= 8
    assert len(encoded.rows) + encoded.dropped == len(examples)
    for row in encoded.rows:
        learned = [label for label in row["labels"] if label != IGNORED]
        assert learned and row["input_ids"][-len(learned) :] == learned


def test_preferences_share_their_prompt(tokenizer):
    pairs = [Preference("ab", "c", "de"), Preference("abcdef", "g", "hi")]
    encoded = encode_preferences(tokenizer, pairs, longest=7, too_long="cut prompt")
    assert encoded.rows[0] == {
        "prompt_ids": ids("ab"),
        "chosen_ids": [*ids("c"), END],
        "rejected_ids": [*ids("de"), END],
    }
    assert encoded.rows[1]["prompt_ids"] == ids("cdef")
    assert encoded.lengths() == [4 + 2 + 3, 8 + 2 + 3]


def test_without_usable_examples_there_is_no_training(tokenizer):
    with pytest.raises(DataError, match="no examples"):
        encode_examples(tokenizer, [], 8)
    with pytest.raises(DataError, match="All 1 examples have more than 2 tokens") as caught:
        encode_preferences(tokenizer, [Preference("abc", "d", "e")], 2)
    assert caught.value.hint
