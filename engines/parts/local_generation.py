"""Text generation in this process by transformers."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from engines.parts.dtype import DtypeName
from engines.parts.end_tokens import end_tokens
from engines.parts.generation import Backend, Completion, Listen, Request, Sampling
from engines.parts.growing_answer import AnswerRules, AskedPrompt, GrowingAnswer, numbers_of, take_tokens
from engines.parts.models import LoadedModel, load_causal
from engines.parts.prompts import Prompt, prompt_ids
from engines.parts.registry_packages import Report, quiet
from engines.parts.token_draw import next_tokens
from workbench.errors import DataError


class LocalBackend:
    """Answers by one loaded model."""

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
        """Tokens of each prompt as the model reads it."""
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
        rules = AnswerRules(sampling, self.model.tokenizer, self.ends, listen is not None)
        for asked in asked_prompts(self.model, requests, sampling):
            answer = GrowingAnswer(asked, rules)
            cache, ids = None, asked.ids
            while not answer.finish:
                cache, ids = self._step(answer, cache, ids)
                if listen:
                    listen(asked.index, answer.shown)
            yield asked.index, answer.completion()

    @torch.inference_mode()
    def _step(self, answer: GrowingAnswer, cache: Any, ids: list[int]) -> tuple[Any, list[int]]:
        said = self.model.model(
            input_ids=torch.tensor([ids], device=self.model.device), past_key_values=cache, use_cache=True
        )
        logits: Tensor = said.logits[:, -1].float()
        answer.computed += len(ids)
        take_tokens([answer], logits, next_tokens(logits, numbers_of([answer]), answer.rules.sampling))
        return said.past_key_values, answer.ids[-1:]


def asked_prompts(model: LoadedModel, requests: Sequence[Request], sampling: Sampling) -> list[AskedPrompt]:
    """The requests with their prompts encoded; see `LocalBackend.complete`."""
    known: dict[Prompt, list[int]] = {}
    found = []
    for index, request in enumerate(requests):
        if request.prompt not in known:
            known[request.prompt] = prompt_ids(request.prompt, model.tokenizer)
        ids = known[request.prompt]
        if not ids:
            raise DataError(f"Prompt {index + 1} has no tokens.", "Give it at least one word.", row=index + 1)
        keep = max(model.context - sampling.max_tokens, model.context // 2)
        truncated = max(0, len(ids) - keep) if sampling.too_long == "truncate left" else 0
        room = min(sampling.max_tokens, model.context - len(ids) + truncated)
        if room < 1:
            raise DataError(
                f"Prompt {index + 1} has {len(ids):,} tokens; the model reads {model.context:,}, answer included.",
                "Shorten it, have prompts truncated, or choose a model with a longer context.",
                row=index + 1,
            )
        found.append(AskedPrompt(index, request, ids[truncated:], truncated, room))
    return found


def open_local(ref: str, dtype: DtypeName = "auto", report: Report = quiet) -> Backend:
    """The model that a reference names, as a backend in this process.

    Raises:
        ModelError: no such model, or one that cannot be used.
        DataError: the registry package of a bundled model cannot be had.
        ResourceError: it does not fit in memory.
    """
    return LocalBackend(load_causal(ref, dtype, report=report))
