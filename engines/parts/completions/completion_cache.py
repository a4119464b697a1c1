"""Answers of one model as the response store keeps them: compact JSON, written as they finish."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from engines.parts.completions.generation import Completion, Request, Sampling
from engines.parts.completions.request_keys import answer_key

if TYPE_CHECKING:
    from workbench.storage.responses import ResponseStore

HELD_SECONDS = 0.2
"""Answers that finish within this time are written together."""

_COMPLETION = TypeAdapter(Completion)


class KeptAnswers:
    """The answers of a model in a store.

    Args:
        store: None keeps nothing and finds nothing.
        fingerprint, dtype: of the model.
    """

    def __init__(self, store: "ResponseStore | None", fingerprint: str, dtype: str) -> None:
        self._store = store
        self._model = (fingerprint, dtype)
        self._held: dict[str, str] = {}
        self._written = 0.0

    def found(self, requests: Sequence[Request], sampling: Sampling) -> dict[Request, Completion]:
        """Find the kept answers to these requests, marked as reused."""
        if self._store is None:
            return {}
        keys = {request: answer_key(*self._model, sampling, request) for request in requests}
        texts = self._store.found(list(keys.values()))
        read = {request: _read(texts[key]) for request, key in keys.items() if key in texts}
        return {request: answer for request, answer in read.items() if answer is not None}

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Inside it answers may be held for a moment; at its end, however it comes, all are written."""
        try:
            yield
        finally:
            self._write()

    def keep(self, request: Request, sampling: Sampling, answer: Completion) -> None:
        """Keep an answer that has finished."""
        if self._store is None:
            return
        self._held[answer_key(*self._model, sampling, request)] = json.dumps(asdict(answer), separators=(",", ":"))
        self.pulse()

    def pulse(self) -> None:
        """Write what has been held for long enough."""
        if self._held and time.monotonic() - self._written >= HELD_SECONDS:
            self._write()

    def notices(self) -> list[str]:
        """Return what the reader of the run should know of the store."""
        return self._store.notices() if self._store else []

    def _write(self) -> None:
        if self._store and self._held:
            self._store.keep(self._held)
            self._held = {}
            self._written = time.monotonic()


def _read(text: str) -> Completion | None:
    """An answer as kept; None where a version of another shape wrote it."""
    try:
        answer = _COMPLETION.validate_python(json.loads(text))
    except ValueError:
        return None
    return replace(answer, reused=True, computed_tokens=0)
