"""Prompts and responses as token ids to learn from: which tokens are context, which are learned.

Design decisions:
- A response is marked by its position, never by an id: in many models padding and end of turn are the same token.
- The response is tokenised apart from its prompt, so that the prompt's tokens are those that generation will see.
- The token that ends a turn is learned with the response, so that the tuned model knows when to stop.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from workbench.contract.errors import DataError, ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TooLong = Literal["drop", "cut prompt", "cut response"]
"""What becomes of an example with too many tokens: left out; its prompt cut on the left; its response on the right."""

IGNORED = -100
"""The label of a token that is not learned."""


class Turn(Protocol):
    """One message of a conversation."""

    @property
    def role(self) -> str:
        """Who speaks: "system", "user" or "assistant"."""
        ...

    @property
    def content(self) -> str:
        """What is said."""
        ...


Prompt = str | Sequence[Turn]
"""A text is continued as it is; messages are written by the model's chat template."""


@dataclass(frozen=True)
class Example:
    """A prompt and the response to learn."""

    prompt: Prompt
    response: str


@dataclass(frozen=True)
class Preference:
    """A prompt, the response to prefer and the one to avoid."""

    prompt: Prompt
    chosen: str
    rejected: str


@dataclass(frozen=True)
class Encoded:
    """Examples as token ids.

    Attributes:
        rows: "input_ids" and "labels" of examples; "prompt_ids", "chosen_ids" and "rejected_ids" of preferences.
        dropped: examples left out because they are too long.
        cut: examples of which a part was cut off.
    """

    longest: int
    rows: list[dict[str, list[int]]] = field(default_factory=list)
    dropped: int = 0
    cut: int = 0

    def note(self) -> str:
        """Return what a reader must know about long examples; empty where none was long."""
        said = [f"{self.cut} were cut"] * bool(self.cut) + [f"{self.dropped} were left out"] * bool(self.dropped)
        whole = len(self.rows) + self.dropped
        return f"Of {whole} examples {' and '.join(said)}: more than {self.longest} tokens." if said else ""

    def lengths(self) -> list[int]:
        """Tokens of each row that a training step reads: of a preference, both responses with their prompt."""
        return [
            len(row["input_ids"])
            if "input_ids" in row
            else 2 * len(row["prompt_ids"]) + len(row["chosen_ids"]) + len(row["rejected_ids"])
            for row in self.rows
        ]


def encode_examples(
    tokenizer: "PreTrainedTokenizerBase", examples: Sequence[Example], longest: int, too_long: TooLong = "drop"
) -> Encoded:
    """Token ids of examples, at most `longest` each; only the response and its end of turn are learned.

    Raises:
        DataError: there are no examples, or none is short enough.
        ModelError: the model has no chat template for messages.
    """
    split = ((example.prompt, (example.response,)) for example in examples)
    rows, dropped, cut = _fitted(tokenizer, split, longest, too_long)
    learned = [
        {"input_ids": prompt + response, "labels": [IGNORED] * len(prompt) + response} for prompt, (response,) in rows
    ]
    return _required(Encoded(longest, learned, dropped, cut))


def encode_preferences(
    tokenizer: "PreTrainedTokenizerBase", pairs: Sequence[Preference], longest: int, too_long: TooLong = "drop"
) -> Encoded:
    """Token ids of preferences; prompt and either response have at most `longest` tokens together.

    Raises:
        DataError: there are no pairs, or none is short enough.
        ModelError: the model has no chat template for messages.
    """
    split = ((pair.prompt, (pair.chosen, pair.rejected)) for pair in pairs)
    rows, dropped, cut = _fitted(tokenizer, split, longest, too_long)
    learned = [
        {"prompt_ids": prompt, "chosen_ids": chosen, "rejected_ids": rejected} for prompt, (chosen, rejected) in rows
    ]
    return _required(Encoded(longest, learned, dropped, cut))


def prompt_ids(tokenizer: "PreTrainedTokenizerBase", prompt: Prompt) -> list[int]:
    """Token ids of a prompt as a model is asked it, up to where its answer begins.

    Raises:
        ModelError: the model has no chat template for messages.
    """
    if isinstance(prompt, str):
        return list(tokenizer(prompt)["input_ids"])
    return list(tokenizer(_rendered(tokenizer, prompt, True), add_special_tokens=False)["input_ids"])


def end_of_turn(tokenizer: "PreTrainedTokenizerBase", prompt: Prompt) -> int:
    """Return the token that ends a response to such a prompt: the chat template's own, else the tokenizer's end token.

    Raises:
        ModelError: the tokenizer has no end token.
    """
    said = "end of turn"
    if not isinstance(prompt, str):
        whole = _rendered(tokenizer, [*prompt, _Said("assistant", said)], False)
        after = tokenizer(whole.rpartition(said)[2].strip(), add_special_tokens=False)["input_ids"]
        if after and after[0] in tokenizer.all_special_ids:
            return after[0]
    if not isinstance(tokenizer.eos_token_id, int):
        raise ModelError("The model's tokenizer has no end token.", "Set eos_token in its tokenizer_config.json.")
    return tokenizer.eos_token_id


@dataclass(frozen=True)
class _Said:
    role: str
    content: str


Split = tuple[Prompt, tuple[str, ...]]


def _fitted(
    tokenizer: "PreTrainedTokenizerBase", split: Iterable[Split], longest: int, too_long: TooLong
) -> tuple[list[tuple[list[int], list[list[int]]]], int, int]:
    rows: list[tuple[list[int], list[list[int]]]] = []
    dropped = cut = 0
    for prompt, texts in split:
        before = prompt_ids(tokenizer, prompt)
        end = end_of_turn(tokenizer, prompt)
        responses = [[*tokenizer(text, add_special_tokens=False)["input_ids"], end] for text in texts]
        room = longest - max(map(len, responses))
        if len(before) <= room:
            rows.append((before, responses))
        elif too_long == "cut prompt" and room > 0:
            rows.append((before[-room:], responses))
            cut += 1
        elif too_long == "cut response" and len(before) < longest:
            rows.append((before, [response[: longest - len(before)] for response in responses]))
            cut += 1
        else:
            dropped += 1
    return rows, dropped, cut


def _rendered(tokenizer: "PreTrainedTokenizerBase", prompt: Sequence[Turn], asks: bool) -> str:
    from jinja2.exceptions import TemplateError

    if not tokenizer.chat_template:
        raise ModelError(
            "This model has no chat template, so it cannot read messages.",
            "Give the prompts as plain text, or choose an instruction-tuned model.",
        )
    turns = [{"role": turn.role, "content": turn.content} for turn in prompt]
    try:
        return str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=asks))
    except TemplateError as error:
        raise ModelError(
            f"The model's chat template refuses these messages: {error}",
            "Start with a user's message and let user and assistant take turns.",
        ) from error


def _required(encoded: Encoded) -> Encoded:
    if encoded.rows:
        return encoded
    if encoded.dropped:
        raise DataError(
            f"All {encoded.dropped} examples have more than {encoded.longest} tokens.",
            "Allow longer examples, or let their prompts or responses be cut.",
        )
    raise DataError("There are no examples to train on.", "Choose a data set with at least one example.")
