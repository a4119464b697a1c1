"""Prompts: a text that is continued as it stands, or the turns of a chat that a model's own template lays out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.contract.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Message:
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


Prompt = str | tuple[Message, ...]
"""A plain text, or the turns so far; the answer is the next turn."""


def chat(user: str, system: str = "") -> Prompt:
    """Make a chat of one user turn, after a system turn if one is given."""
    turns = (Message("user", user),)
    return (Message("system", system), *turns) if system else turns


def prompt_ids(prompt: Prompt, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """Return the token ids of a prompt, up to where the answer begins; a plain text gets the usual special tokens.

    Raises:
        ModelError: turns of a chat, for a model that has no chat template or whose template refuses them.
    """
    if isinstance(prompt, str):
        return list(tokenizer(_encodable(prompt))["input_ids"])
    if tokenizer.chat_template is None:
        raise ModelError(
            "This model has no chat template; it continues texts and answers no chats.",
            "Choose an instruction-tuned model, or give the prompt as a plain text.",
        )
    turns: list[Any] = [{"role": turn.role, "content": _encodable(turn.content)} for turn in prompt]
    from jinja2 import TemplateError

    try:
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    except TemplateError as error:
        raise ModelError(
            f"The model's chat template refuses these turns: {str(error)[:200]}",
            "Some templates take no system turn, or want user and assistant in turns.",
        ) from error
    # The template writes the special tokens itself.
    return list(tokenizer(str(text), add_special_tokens=False)["input_ids"])


def answer_ids(answer: str, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """Return the token ids of an answer by itself, without special tokens.

    Prompt and answer are encoded apart and joined, so that the border between them is a border of tokens; a text that
    was encoded whole may merge the two letters beside it.
    """
    return list(tokenizer(_encodable(answer), add_special_tokens=False)["input_ids"])


def _encodable(text: str) -> str:
    # Half of a surrogate pair is no character, and the tokenizers refuse it.
    return text.encode("utf-8", "replace").decode("utf-8")
