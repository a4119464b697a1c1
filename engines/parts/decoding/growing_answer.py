"""One answer while it grows: its tokens, its text, the texts that end it, and the log-probabilities asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from engines.parts.completions.generation import Completion, Request, Sampling, TokenChoice
from engines.parts.decoding.constrained import SchemaGrammar, constrained
from engines.parts.decoding.sampling import next_tokens, random_numbers
from engines.parts.decoding.stop_texts import StopTexts
from engines.parts.decoding.token_texts import GrowingText, decoded


@dataclass(frozen=True)
class AnswerRules:
    """What all answers of one call have in common.

    Attributes:
        ends: token ids that end an answer.
        watched: whether somebody listens, so that the text is wanted at every token.
        grammar: what the answers must be.
    """

    sampling: Sampling
    tokenizer: Any
    ends: frozenset[int]
    watched: bool = False
    grammar: SchemaGrammar | None = None


@dataclass(frozen=True)
class AskedPrompt:
    """A request whose prompt is encoded and fits.

    Attributes:
        index: of the request.
        ids: the prompt as the model reads it.
        truncated: tokens left out on its left.
        room: most tokens of the answer.
    """

    index: int
    request: Request
    ids: list[int]
    truncated: int
    room: int


class GrowingAnswer:
    """The answer to one request.

    Attributes:
        ids: its tokens so far, the one that ended it included.
        finish: empty while it grows.
        computed: prompt and answer tokens that were run through the model for it so far.
        guide: follows it through the grammar, where there is one.
    """

    def __init__(self, asked: AskedPrompt, rules: AnswerRules) -> None:
        self.asked = asked
        self.rules = rules
        self.ids: list[int] = []
        self.finish: Literal["", "stop", "length"] = ""
        self.computed = 0
        self._numbers = random_numbers(rules.sampling.seed, asked.request.prompt, asked.request.sample)
        self._stops = StopTexts(rules.sampling.stop)
        self.guide = rules.grammar.guide() if rules.grammar else None
        self._growing = GrowingText(rules.tokenizer, asked.ids)
        self._pieces: list[str] = []
        self._text = ""
        self._told: list[tuple[float, tuple[tuple[str, float], ...]]] = []

    def number(self) -> float:
        """Return the random number of its next token, in [0, 1)."""
        return self._numbers.random()

    @property
    def shown(self) -> str:
        """The text so far that no stop text can take back."""
        return self._text if self.finish else self._text[: self._stops.safe(self._text)]

    def add(self, token: int) -> None:
        """Take the next token; may finish the answer."""
        self.ids.append(token)
        complete = self.guide is not None and self.guide.take(token)
        if complete or token in self.rules.ends:
            self.finish = "stop"
        elif len(self.ids) >= self.asked.room:
            self.finish = "length"
        if self.finish or self.rules.watched or self.rules.sampling.stop:
            self._decode()

    def tell(self, logprob: float, alternatives: Sequence[tuple[int, float]]) -> None:
        """Note the log-probability of the token added last, and the likeliest tokens in its place."""
        named = tuple((self._alone(token), value) for token, value in alternatives)
        self._told.append((logprob, named))

    def completion(self) -> Completion:
        """Return the finished answer."""
        assert self.finish, "an answer that still grows"
        choices: tuple[TokenChoice, ...] = ()
        if self.rules.sampling.logprobs:
            choices = tuple(TokenChoice(piece, *told) for piece, told in zip(self._cut(), self._told, strict=True))
        return Completion(
            text=self._text,
            finish=self.finish,
            prompt_tokens=len(self.asked.ids),
            tokens=len(self.ids),
            computed_tokens=self.computed,
            choices=choices,
            truncated=self.asked.truncated,
        )

    def _decode(self) -> None:
        known = len(self._text)
        new = [self._growing.piece(token) for token in self.ids[len(self._pieces) :]]
        if self.finish:
            new[-1] += self._growing.rest()
        self._pieces += new
        self._text += "".join(new)
        ended = self._stops.found(self._text, known)
        if ended is not None:
            self._text, self.finish = self._text[:ended], "stop"

    def _cut(self) -> list[str]:
        """The piece of each token, without what a stop text took."""
        pieces, left = [], len(self._text)
        for piece in self._pieces:
            pieces.append(piece[:left])
            left -= len(pieces[-1])
        return pieces

    def _alone(self, token: int) -> str:
        # Some tokenizers drop a space at the very beginning of what they decode.
        before = self.asked.ids[-1:]
        tokenizer = self.rules.tokenizer
        return decoded(tokenizer, [*before, token])[len(decoded(tokenizer, before)) :]


def take_tokens(answers: Sequence[GrowingAnswer], logits: Tensor) -> None:
    """Give each answer its next token, with log-probabilities where they are asked for.

    Args:
        logits: of the untempered model, float32, shape (B, V).

    Raises:
        ModelError: the logits of an answer are no numbers.
    """
    sampling = answers[0].rules.sampling
    guides = [answer.guide for answer in answers if answer.guide]
    numbers = np.array([answer.number() for answer in answers])
    chosen = next_tokens(constrained(logits, guides) if guides else logits, numbers, sampling)
    for answer, token in zip(answers, chosen.tolist(), strict=True):
        answer.add(token)
    if not sampling.logprobs:
        return
    scores = logits.log_softmax(-1)
    values = scores.gather(-1, chosen[:, None])[:, 0].tolist()
    likeliest = torch.topk(scores, min(sampling.alternatives, scores.shape[-1]), dim=-1)
    best = zip(likeliest.indices.tolist(), likeliest.values.tolist(), strict=True)
    for answer, value, (ids, others) in zip(answers, values, best, strict=True):
        answer.tell(value, list(zip(ids, others, strict=True)))
