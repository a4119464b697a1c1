"""What decides an answer, as text and as numbers: the key it is kept under, and the seed of its randomness."""

import hashlib
import json
from dataclasses import astuple

from engines.parts.completions.generation import Request, Sampling
from engines.parts.completions.prompts import Prompt


def prompt_text(prompt: Prompt) -> str:
    """Write a prompt as canonical text; a plain text and a chat never give the same."""
    turns = prompt if isinstance(prompt, str) else [astuple(turn) for turn in prompt]
    return json.dumps(turns, ensure_ascii=True, separators=(",", ":"))


def request_seed(seed: int, request: Request) -> int:
    """Return the seed of one answer, from 0 to 2^31 - 1, from the run's seed, prompt and sample alone."""
    digest = _digest(str(seed), prompt_text(request.prompt), str(request.sample))
    return int.from_bytes(digest[:4], "big") >> 1


def answer_key(fingerprint: str, dtype: str, sampling: Sampling, request: Request) -> str:
    """Return the key of an answer, 64 hex digits: of the model, its number format, and all that was asked."""
    asked = (prompt_text(request.prompt), sampling.key(), str(request.sample))
    return _digest(fingerprint, dtype, *asked).hex()


def _digest(*parts: str) -> bytes:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).digest()
