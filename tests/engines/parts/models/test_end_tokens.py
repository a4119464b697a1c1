"""Which tokens end an answer."""

from engines.parts.models.end_tokens import end_tokens
from tests.engines.parts.small_tokenizer import small_chat_model


def test_config_tokenizer_and_chats_each_have_a_say():
    model = small_chat_model()
    turn = model.tokenizer.convert_tokens_to_ids("<|end|>")
    model.model.generation_config.eos_token_id = [7, 9]
    assert end_tokens(model) == {7, 9, model.tokenizer.eos_token_id, turn}


def test_a_model_without_chats_or_config():
    model = small_chat_model()
    model.tokenizer.chat_template = None
    model.model.generation_config.eos_token_id = None
    assert end_tokens(model) == {model.tokenizer.eos_token_id}


def test_a_template_that_refuses_or_writes_no_special_token():
    model = small_chat_model()
    model.tokenizer.chat_template = "{{ raise_exception('no') }}"
    assert end_tokens(model) == {2}
    model.tokenizer.chat_template = "{% for turn in messages %}{{ turn.content }} and{% endfor %}"
    assert end_tokens(model) == {2}
