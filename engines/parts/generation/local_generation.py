"""Text generation in this process by transformers.

The loop is our own: `decoding` writes many answers side by side over shared prefixes, `token_draw` chooses tokens with
randomness that belongs to each answer alone, `growing_answer` knows when an answer ends, `constrained` holds it to a
shape. A model that cannot be written side by side (found by trying) is asked for one answer at a time.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import torch

from engines.parts.completions.context_budget import context_room
from engines.parts.completions.generation import Backend, Completion, Listen, Request, Sampling
from engines.parts.completions.prompts import Prompt, prompt_ids
from engines.parts.decoding.constrained import SchemaGrammar
from engines.parts.decoding.decoding import Decoder
from engines.parts.decoding.fallback import PlainDecoding, writes_side_by_side
from engines.parts.decoding.growing_answer import AnswerRules, AskedPrompt, GrowingAnswer, take_tokens
from engines.parts.generation.speeds import keep_speed
from engines.parts.models.dtype import DtypeName
from engines.parts.models.end_tokens import end_tokens
from engines.parts.models.models import LoadedModel, load_causal
from engines.parts.registry.packages import ProgressCallback, no_progress
from workbench.contract.errors import ResourceError


class LocalBackend:
    """Answers by one loaded model.

    Attributes:
        runs_here: what is computed side by side is decided in this process.
    """

    runs_here = True

    def __init__(self, model: LoadedModel) -> None:
        self.model = model
        self.ends = end_tokens(model)

    @property
    def name(self) -> str:
        """Short, for titles."""
        return self.model.source.name

    @property
    def fingerprint(self) -> str:
        """Of config, weights and tokenizer."""
        return self.model.fingerprint

    @property
    def dtype(self) -> str:
        """Number format of the weights."""
        return self.model.dtype

    @property
    def context(self) -> int:
        """Most tokens of prompt and answer together."""
        return self.model.context

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        """Count the tokens of each prompt as the model reads it."""
        return [len(prompt_ids(prompt, self.model.tokenizer)) for prompt in prompts]

    def complete(
        self, requests: Sequence[Request], sampling: Sampling, listen: Listen | None = None
    ) -> Iterator[tuple[int, Completion]]:
        """Answer each request once; yields its index and its completion as it finishes. Closing it ends the work.

        A prompt that fills the context is too long; one that leaves less room than `max_tokens` gets a shorter answer.
        Truncation leaves `max_tokens` of room, or half of the context where that is less.

        Raises:
            DataError: a prompt is empty or too long; `row` is the index of the request, from 1.
            ModelError: the model has no chat template, or gives no finite numbers.
            ResourceError: memory ran out.
        """
        begun = time.perf_counter()
        rules = AnswerRules(sampling, self.model.tokenizer, self.ends, listen is not None, self._grammar(sampling))
        answers = [GrowingAnswer(asked, rules) for asked in asked_prompts(self.model, requests, sampling)]
        with memory_may_run_out():
            for grown in self._written(answers):
                for answer in grown if listen else ():
                    cast(Listen, listen)(answer.asked.index, answer.shown)
                yield from ((answer.asked.index, answer.completion()) for answer in grown if answer.finish)
        tokens = sum(len(answer.ids) for answer in answers)
        keep_speed(self.fingerprint, self.dtype, tokens, time.perf_counter() - begun)

    def _written(self, answers: list[GrowingAnswer]) -> Iterator[Sequence[GrowingAnswer]]:
        if writes_side_by_side(self.model):
            yield from Decoder(self.model).written(answers)
            return
        for answer in answers:
            yield from self._alone(answer)

    def _alone(self, answer: GrowingAnswer) -> Iterator[Sequence[GrowingAnswer]]:
        plain, ids = PlainDecoding(self.model), answer.asked.ids
        while not answer.finish:
            with torch.inference_mode():
                logits, computed = plain.logits(ids)
                answer.computed += computed
                take_tokens([answer], logits)
            ids = answer.ids[-1:]
            yield [answer]

    def _grammar(self, sampling: Sampling) -> SchemaGrammar | None:
        if not sampling.schema:
            return None
        head: Any = self.model.model.get_output_embeddings()
        return SchemaGrammar(sampling.schema, self.model.tokenizer, len(head.weight), self.ends)


def asked_prompts(model: LoadedModel, requests: Sequence[Request], sampling: Sampling) -> list[AskedPrompt]:
    """Encode the prompts of requests; see `LocalBackend.complete`."""
    known: dict[Prompt, list[int]] = {}
    found = []
    for index, request in enumerate(requests):
        if request.prompt not in known:
            known[request.prompt] = prompt_ids(request.prompt, model.tokenizer)
        ids = known[request.prompt]
        truncated, room = context_room(index, len(ids), sampling, model.context)
        found.append(AskedPrompt(index, request, ids[truncated:], truncated, room))
    return found


@contextmanager
def memory_may_run_out() -> Iterator[None]:
    """Turns what Python and torch raise when memory runs out into a ResourceError."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # On a CPU torch says so in words alone.
        said = "can't allocate memory" in str(error) or "not enough memory" in str(error)
        if not (said or isinstance(error, MemoryError | torch.OutOfMemoryError)):
            raise
        raise ResourceError(
            "Memory ran out while answers were written.",
            "Ask for fewer tokens, shorten the prompts, choose a smaller model, or end other programs.",
        ) from error


def open_local(ref: str, dtype: DtypeName = "auto", report: ProgressCallback = no_progress) -> Backend:
    """Open the model that a reference names, as a backend in this process.

    Raises:
        ModelError: no such model, or one that cannot be used.
        DataError: the registry package of a bundled model cannot be had.
        ResourceError: it does not fit in memory.
    """
    return LocalBackend(load_causal(ref, dtype, report=report))
