"""Text generation by vLLM in this process: for machines on which it is installed.

Design decisions:
- The engine is stepped by us, so that answers come as they finish, a listener hears them grow, and Stop ends the work.
- Prompts are laid out and encoded as for transformers, so that both backends read the same tokens.
- Whatever vLLM draws by its own sampler, with a seed per (seed, prompt, sample index); its answers are kept apart from
  those that transformers gives.
"""

import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from engines.parts.completions.context_budget import context_room
from engines.parts.completions.generation import Completion, Listen, Request, Sampling, TokenChoice
from engines.parts.completions.prompts import Prompt, prompt_ids
from engines.parts.completions.request_keys import request_seed
from engines.parts.models.dtype import DtypeName
from engines.parts.models.models import ModelSource, resolve_model
from workbench.contract.errors import ModelError, ResourceError

MOST_ALTERNATIVES = 20
QUIET = {
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    # the engine within this process: it ends with the run, whichever way that ends
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
}


class VllmBackend:
    """Answers by one vLLM engine."""

    def __init__(self, engine: Any, source: ModelSource) -> None:
        self._engine = engine
        self._source = source
        self._tokenizer = engine.get_tokenizer()
        self._asked = 0

    @property
    def name(self) -> str:
        """Short, for titles."""
        return f"{self._source.name} (vLLM)"

    @property
    def fingerprint(self) -> str:
        """Of config, weights and tokenizer, marked as vLLM's."""
        return f"vllm:{self._source.fingerprint}"

    @property
    def dtype(self) -> str:
        """Number format of the weights."""
        return str(self._engine.vllm_config.model_config.dtype).removeprefix("torch.")

    @property
    def context(self) -> int:
        """Most tokens of prompt and answer together."""
        return int(self._engine.vllm_config.model_config.max_model_len)

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        """Count the tokens of each prompt as the model reads it."""
        return [len(prompt_ids(prompt, self._tokenizer)) for prompt in prompts]

    def complete(
        self, requests: Sequence[Request], sampling: Sampling, listen: Listen | None = None
    ) -> Iterator[tuple[int, Completion]]:
        """Answer each request once; yields its index and its completion as it finishes. Closing it ends the work.

        Raises:
            DataError: a prompt is empty or too long; `row` is the index of the request, from 1.
            ModelError: the model has no chat template.
        """
        asked = [self._read(index, request, sampling) for index, request in enumerate(requests)]
        waiting: dict[str, tuple[int, int]] = {}
        try:
            for index, (ids, truncated, parameters) in enumerate(asked):
                self._asked += 1
                waiting[str(self._asked)] = (index, truncated)
                self._engine.add_request(str(self._asked), {"prompt_token_ids": ids}, parameters)
            while waiting:
                yield from self._stepped(waiting, sampling, listen)
        finally:
            self._engine.abort_request(list(waiting))

    def _stepped(
        self, waiting: dict[str, tuple[int, int]], sampling: Sampling, listen: Listen | None
    ) -> Iterator[tuple[int, Completion]]:
        """One step of the engine: a token for every answer that grows."""
        for said in self._engine.step():
            index, truncated = waiting[said.request_id]
            if listen:
                listen(index, said.outputs[0].text)
            if said.finished:
                del waiting[said.request_id]
                yield index, _completion(said, truncated, sampling)

    def _read(self, index: int, request: Request, sampling: Sampling) -> tuple[list[int], int, Any]:
        ids = prompt_ids(request.prompt, self._tokenizer)
        truncated, room = context_room(index, len(ids), sampling, self.context)
        return ids[truncated:], truncated, _parameters(request, sampling, room)


def open_vllm(ref: str, dtype: DtypeName = "auto") -> VllmBackend:
    """Open the model that a reference names, in vLLM; the process keeps one engine for each.

    Args:
        ref: a bundled name, a folder, `run:ID/NAME` or a hub id; its folder is checked as for transformers.
        dtype: "auto" leaves it to vLLM, which takes the format of the weights.

    Raises:
        ModelError: vLLM is not installed, there is no such model, or one that vLLM cannot use.
        ResourceError: it does not fit in memory.
    """
    source = resolve_model(ref)
    if source.adapters:
        raise ModelError(
            f"{source.name} is an adapter, which vLLM is not given here.",
            f"Use it without vllm: (as {ref[:80]}), or merge it into a folder of its own.",
        )
    return VllmBackend(_engine(source.path, dtype), source)


@cache
def _engine(folder: Path, dtype: DtypeName) -> Any:
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        from vllm import LLM  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise ModelError(
            f"vLLM cannot be imported here: {error}.",
            "Install it (pip install 'benchwright[vllm]', in an environment of its own), or start a vLLM server and "
            "name the model openai:MODEL@http://HOST:PORT/v1.",
        ) from error
    try:
        loaded = LLM(str(folder), dtype=dtype, max_logprobs=MOST_ALTERNATIVES, seed=0, disable_log_stats=True)
    except (ValueError, RuntimeError, MemoryError) as error:
        raise ResourceError(
            f"vLLM cannot serve {folder.name}: {str(error).strip().splitlines()[-1][:300]}",
            "Give it more memory (VLLM_CPU_KVCACHE_SPACE on a CPU), or choose a smaller model.",
        ) from error
    return loaded.llm_engine


def _parameters(request: Request, sampling: Sampling, room: int) -> Any:
    from vllm import SamplingParams  # pyright: ignore[reportMissingImports]
    from vllm.sampling_params import StructuredOutputsParams  # pyright: ignore[reportMissingImports]

    return SamplingParams(
        max_tokens=room,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=sampling.top_k,
        stop=list(sampling.stop),
        seed=request_seed(sampling.seed, request),
        logprobs=sampling.alternatives if sampling.logprobs else None,
        structured_outputs=StructuredOutputsParams(json=sampling.schema) if sampling.schema else None,
    )


def _completion(said: Any, truncated: int, sampling: Sampling) -> Completion:
    """A finished `RequestOutput` as a completion; a prefix that vLLM found in its own cache was not computed."""
    answer = said.outputs[0]
    read, written = len(said.prompt_token_ids), len(answer.token_ids)
    finish: Literal["stop", "length"] = "length" if answer.finish_reason == "length" else "stop"
    choices = [
        _choice(token, told, sampling.alternatives)
        for token, told in zip(answer.token_ids, answer.logprobs or (), strict=False)
    ]
    computed = read + written - (said.num_cached_tokens or 0)
    return Completion(answer.text, finish, read, written, computed, tuple(choices), truncated=truncated)


def _choice(token: int, told: Any, alternatives: int) -> TokenChoice:
    likely = sorted(told.values(), key=lambda each: -each.logprob)[:alternatives]
    return TokenChoice(_text(told[token]), told[token].logprob, tuple((_text(each), each.logprob) for each in likely))


def _text(told: Any) -> str:
    """What a token adds; part of a character, which vLLM shows as the replacement mark, adds nothing yet."""
    text = told.decoded_token or ""
    return "" if "\ufffd" in text else text
