"""The tokens by which a model ends its answer."""

from typing import Any

from engines.parts.models.models import LoadedModel

ASKED, ANSWERED = "Say it.", "zebra"
"""A chat that is laid out to see what the template writes after an answer."""


def end_tokens(model: LoadedModel) -> frozenset[int]:
    """Ids that end an answer: by the generation config, the tokenizer, and the layout of chats."""
    config = getattr(model.model, "generation_config", None)
    said: Any = getattr(config, "eos_token_id", None)
    ids = set(said) if isinstance(said, list | tuple) else {said}
    ids |= {getattr(model.tokenizer, "eos_token_id", None), _end_of_turn(model.tokenizer)}
    return frozenset(token for token in ids if isinstance(token, int))


def _end_of_turn(tokenizer: Any) -> int | None:
    """The special token that the chat template writes right after an answer; None where it writes none."""
    from jinja2 import TemplateError

    if getattr(tokenizer, "chat_template", None) is None:
        return None
    turns = [{"role": "user", "content": ASKED}, {"role": "assistant", "content": ANSWERED}]
    try:
        text = str(tokenizer.apply_chat_template(turns, tokenize=False))
    except TemplateError:
        return None
    after = tokenizer(text.rpartition(ANSWERED)[2].lstrip(), add_special_tokens=False)["input_ids"]
    return after[0] if after and after[0] in tokenizer.all_special_ids else None
