"""The Generator that engines use: looks into the cache, asks a model for what is missing, and keeps the ledger.

Design decisions:
- Equal requests are computed once: the same prompt twice, or several samples of a greedy answer. A greedy answer does
  not depend on the seed either, so that runs under several seeds share it.
- What has finished is kept at once; a run that failed or was stopped finds it again.
- Stop is looked for whenever a token comes, not only between batches.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from engines.parts.completions.completion_cache import KeptAnswers
from engines.parts.completions.generation import Backend, Completion, Listen, Request, Sampling
from engines.parts.completions.prompts import Prompt
from engines.parts.models.dtype import DtypeName
from engines.parts.registry.packages import ProgressCallback, no_progress
from engines.parts.rows.token_use import TokenUse
from workbench.contract.errors import DataError, RunStopped
from workbench.contract.run_log import RunLog

if TYPE_CHECKING:
    from workbench.storage.responses import ResponseStore


@dataclass(frozen=True)
class Use:
    """What answers are for, for the ledger.

    Attributes:
        stage: in the method's words ("Answer", "Judge").
        arm: of the run; "" where several arms share the answers.
        seed: of the run.
    """

    stage: str
    arm: str = ""
    seed: int = 0


class Generator:
    """A model that answers prompts.

    Args:
        backend: who computes answers.
        log: hears progress and the ledger, and stops the work; None outside a run.
        store: where answers are kept; None computes each anew.
    """

    def __init__(self, backend: Backend, log: RunLog | None = None, store: "ResponseStore | None" = None) -> None:
        self.backend = backend
        self._log = log
        self._kept = KeptAnswers(store, backend.fingerprint, backend.dtype)

    @property
    def name(self) -> str:
        """Short name of the model, for titles."""
        return self.backend.name

    @property
    def fingerprint(self) -> str:
        """Equal means the same model."""
        return self.backend.fingerprint

    @property
    def dtype(self) -> str:
        """Number format of the weights; "" where a server does not tell."""
        return self.backend.dtype

    @property
    def context(self) -> int | None:
        """Most tokens of prompt and answer together; None where a server does not tell."""
        return self.backend.context

    @property
    def counts_exactly(self) -> bool:
        """Whether `count` tells tokens; else it estimates them from characters (servers other than vLLM)."""
        return bool(getattr(self.backend, "counts_exactly", True))

    @property
    def runs_here(self) -> bool:
        """Whether the batches are this process's own, not those of a server or of vLLM."""
        return bool(getattr(self.backend, "runs_here", False))

    def anew(self) -> "Generator":
        """Return a generator of the same model that finds and keeps no answers: it computes each one anew."""
        return Generator(self.backend, self._log)

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        """Count the tokens of each prompt as the model reads it; see `counts_exactly`.

        Raises:
            ModelError: the model or server cannot tell.
        """
        return self.backend.count(prompts)

    def generate(
        self,
        prompts: Sequence[Prompt],
        sampling: Sampling,
        use: Use,
        listen: Listen | None = None,
        *,
        whole: bool = False,
    ) -> list[list[Completion]]:
        """Answer every prompt `sampling.n` times; the answers by prompt, then sample.

        Args:
            use: what for; one line of the ledger.
            listen: hears the place of an answer (prompt * n + sample) and its text so far.
            whole: take kept answers only where all are kept, else compute all of them side by side. Nearly tied tokens
                can depend, by rounding, on what is computed beside them: then not on what was asked before. Servers
                batch as they like, so that their kept answers are taken one by one.

        Raises:
            DataError: a prompt is empty or too long; `row` is its number, from 1.
            ModelError: the model or server cannot answer; what had been answered is kept.
            ResourceError: memory ran out.
            RunStopped: the user pressed Stop.
        """
        begun = time.perf_counter()
        samples = 1 if sampling.temperature == 0 else sampling.n
        requests = [Request(prompt, n % samples) for prompt in prompts for n in range(sampling.n)]
        attention = _Attention(self._log, listen, _places(requests), self._kept)
        work = _Work(requests, sampling.n, _settled(sampling), attention)
        answers = work.first_of_equals(self._answer(work, whole))
        if self._log:
            self._log.row(_entry(use, self.name, answers, time.perf_counter() - begun))
        return [answers[at : at + sampling.n] for at in range(0, len(answers), sampling.n)]

    def _answer(self, work: "_Work", whole: bool) -> dict[Request, Completion]:
        asked = list(dict.fromkeys(work.requests))
        answers = self._kept.found(asked, work.sampling)
        if whole and self.runs_here and len(answers) < len(asked):
            answers = {}
        for request, answer in answers.items():
            work.attention.hear(request, answer.text)
        missing = [request for request in asked if request not in answers]
        work.attention.progress(len(answers), len(asked))
        with self._kept.writing():
            for request, answer in _computed(self.backend, missing, work):
                answers[request] = answer
                self._kept.keep(request, work.sampling, answer)
                work.attention.progress(len(answers), len(asked))
        # only servers have something to remark
        for notice in (*self._kept.notices(), *getattr(self.backend, "remarks", list)()):
            work.attention.note(notice)
        return answers


def open_generator(ref: str, log: RunLog | None = None, dtype: DtypeName = "auto", cached: bool = True) -> Generator:
    """Open the generator that a reference names.

    Args:
        ref: any `ModelRef`: of this machine, `vllm:FOLDER-OR-ID` or `openai:MODEL@ADDRESS`.
        dtype: "auto" takes bf16 where this machine is truly faster with it; a server decides by itself.
        cached: find and keep answers in the data folder.

    Raises:
        ModelError: no such model or server, or one that cannot be used.
        DataError: the registry package of a bundled model cannot be had.
        ResourceError: it does not fit in memory.
    """
    backend = _backend(ref, dtype, log)
    if log:
        log.record(f"generator {backend.name}", _facts(backend))
    return Generator(backend, log, _store() if cached else None)


@dataclass(frozen=True)
class _Attention:
    """Whoever follows the work: the run's log, who listens to the texts, and the cache."""

    log: RunLog | None
    listen: Listen | None
    places: dict[Request, list[int]]
    kept: KeptAnswers

    def hear(self, request: Request, text: str) -> None:
        self.kept.pulse()
        if self.log and self.log.stopping():
            raise RunStopped
        for place in self.places[request] if self.listen else ():
            cast(Listen, self.listen)(place, text)

    def ear(self, requests: Sequence[Request]) -> Listen | None:
        return (lambda index, text: self.hear(requests[index], text)) if self.log or self.listen else None

    def progress(self, done: int, total: int) -> None:
        if self.log:
            self.log.progress(done, total, "answers")

    def note(self, text: str) -> None:
        if self.log:
            self.log.note(text)


@dataclass(frozen=True)
class _Work:
    """One call: a request for every answer asked for, equal ones included."""

    requests: Sequence[Request]
    samples: int
    sampling: Sampling
    attention: _Attention

    def first_of_equals(self, answers: dict[Request, Completion]) -> list[Completion]:
        """Return an answer for each request; only the first of equal ones counts as computed."""
        given: set[Request] = set()
        found = []
        for request in self.requests:
            answer = answers[request]
            found.append(replace(answer, reused=True, computed_tokens=0) if request in given else answer)
            given.add(request)
        return found


def _computed(backend: Backend, requests: Sequence[Request], work: _Work) -> Iterator[tuple[Request, Completion]]:
    if not requests:
        return
    completing = backend.complete(requests, work.sampling, work.attention.ear(requests))
    try:
        with closing(cast(Any, completing)):
            for index, answer in completing:
                yield requests[index], answer
    except DataError as error:
        prompts = [request.prompt for request in work.requests[:: work.samples]]
        row = prompts.index(requests[error.row - 1].prompt) + 1 if error.row else None
        said = str(error).replace(f"Prompt {error.row} ", f"Prompt {row} ", 1)
        raise DataError(said, error.hint, row, error.field) from error


def _settled(sampling: Sampling) -> Sampling:
    """One sample at a time; what does not matter to a greedy answer at its default, so that it is kept once."""
    if sampling.temperature == 0:
        return replace(sampling, n=1, seed=0, top_p=1.0, top_k=0)
    return replace(sampling, n=1)


def _places(requests: Sequence[Request]) -> dict[Request, list[int]]:
    places: dict[Request, list[int]] = {}
    for place, request in enumerate(requests):
        places.setdefault(request, []).append(place)
    return places


def _entry(use: Use, model: str, answers: Sequence[Completion], seconds: float) -> TokenUse:
    return TokenUse(
        stage=use.stage,
        arm=use.arm,
        seed=use.seed,
        model=model,
        calls=len(answers),
        prompt_tokens=sum(answer.prompt_tokens for answer in answers),
        completion_tokens=sum(answer.tokens for answer in answers),
        cut=sum(answer.finish == "length" for answer in answers),
        empty=sum(not answer.text.strip() for answer in answers),
        computed_tokens=sum(answer.computed_tokens for answer in answers),
        reused=sum(answer.reused for answer in answers),
        seconds=seconds,
    )


def _backend(ref: str, dtype: DtypeName, log: RunLog | None) -> Backend:
    kind, _, rest = ref.partition(":")
    if kind == "openai":
        from engines.parts.servers.server_generation import open_server

        return open_server(rest)
    if kind == "vllm":
        from engines.parts.generation.vllm_generation import open_vllm

        return open_vllm(rest, dtype)
    from engines.parts.generation.local_generation import open_local

    return open_local(ref, dtype, _report(log) if log else no_progress)


def _report(log: RunLog) -> ProgressCallback:
    return lambda what, done, total: log.progress(done, total, what)


def _facts(backend: Backend) -> str:
    address = getattr(backend, "address", "")
    return ", ".join(filter(None, (f"fingerprint {backend.fingerprint}", backend.dtype, str(address))))


def _store() -> "ResponseStore":
    from workbench.storage.home import place
    from workbench.storage.responses import response_store

    return response_store(place("responses") / "responses.db")
