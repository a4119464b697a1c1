"""A vLLM server on this machine against transformers in this process: tokens a second at 1, 8 and 32 answers at once.

Run `OMP_WAIT_POLICY=PASSIVE BENCHWRIGHT_VLLM_PYTHON=.../python python -m tests.benchmarks.bench_server_generation`, or
with `pytest -n0 -m benchmark`; threads that spin while they wait slow both sides down on a busy machine. Both sides
answer the same prompts greedily on the same weights in the number format that is faster here, in turns, all cores
theirs; wall time, because a server's CPU time is another process's. What is compared first are log-probabilities: texts
may part at near-ties. Streaming costs what `overhead` says: the same answers from a server that computes nothing.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from engines.parts.completions.generation import Backend, Completion, Request, Sampling
from engines.parts.models.models import resolve_model
from tests.engines.parts.fault_server import MODEL as TOY
from tests.engines.parts.fault_server import Faults, fault_server
from tests.engines.parts.vllm_server import PYTHON, SERVED, vllm_server

MODEL = "smollm2-135m-instruct"
ROUNDS = 3
TOKENS = 48
SIZES = (1, 8, 32)
AGREE = 0.1
"""Mean difference of log-probabilities, in nats; bfloat16 needs it."""


def prompts(count: int) -> list[Request]:
    """Beginnings of stories that the model goes on with for as long as it may."""
    return [
        Request(f"Chapter {number}. Once upon a time, in a village by the sea, there lived") for number in range(count)
    ]


def timed(backend: Backend, requests: Sequence[Request], sampling: Sampling) -> tuple[dict[int, Completion], float]:
    """The answers, and tokens a second."""
    begun = time.perf_counter()
    done = dict(backend.complete(requests, sampling))
    return done, sum(answer.tokens for answer in done.values()) / (time.perf_counter() - begun)


def disagreement(one: Completion, other: Completion) -> float:
    """Mean difference of log-probabilities up to where the texts part."""
    pairs = []
    for left, right in zip(one.choices, other.choices, strict=False):
        if left.text != right.text:
            break
        pairs.append(abs(left.logprob - right.logprob))
    return statistics.mean(pairs)


def report(server: Backend, local: Backend) -> dict[int, float]:
    """Print both speeds at each size; the ratios of medians."""
    told = Sampling(max_tokens=16, logprobs=True)
    served, here = (timed(backend, prompts(2), told)[0] for backend in (server, local))
    apart = statistics.mean(disagreement(served[index], here[index]) for index in served)
    assert apart < AGREE, apart
    print(f"mean difference of log-probabilities {apart:.3f} nats")
    ratios = {}
    long = Sampling(max_tokens=TOKENS)
    for size in SIZES:
        asked = prompts(size)
        rounds = [(timed(server, asked, long)[1], timed(local, asked, long)[1]) for _ in range(ROUNDS)]
        theirs, ours = (statistics.median(side) for side in zip(*rounds, strict=True))
        ratios[size] = theirs / ours
        spread = sorted(server_speed / local_speed for server_speed, local_speed in rounds)
        print(
            f"{size} at once: vLLM server {theirs:.0f} tok/s, transformers {ours:.0f} tok/s, "
            f"ratio {ratios[size]:.2f} ({spread[0]:.2f} to {spread[-1]:.2f})"
        )
    return ratios


def overhead() -> float:
    """Milliseconds of ours per streamed token, from a server that computes nothing (its own work included)."""
    from engines.parts.servers.server_generation import open_server

    with fault_server(Faults(context=10**6)) as address:
        server = open_server(f"{TOY}@{address}")
        asked = [Request("word " * 400 + str(number)) for number in range(8)]
        begun = time.process_time()
        done = dict(server.complete(asked, Sampling(max_tokens=1000)))
        return 1000 * (time.process_time() - begun) / sum(answer.tokens for answer in done.values())


def measured() -> dict[int, float]:
    """Start the server, and report."""
    from engines.parts.generation.local_generation import open_local
    from engines.parts.servers.server_generation import open_server

    print(f"streaming: {overhead():.3f} ms of CPU per token, client and toy server together")
    local = open_local(MODEL)
    print(f"{local.dtype} on both sides")
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "server.txt"
        with vllm_server(resolve_model(MODEL).path, output, local.dtype) as address:
            return report(open_server(f"{SERVED}@{address}"), local)


@pytest.mark.benchmark
@pytest.mark.vllm
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not PYTHON, reason="BENCHWRIGHT_VLLM_PYTHON names no interpreter")
def test_a_server_is_faster_for_many_answers():
    ratios = measured()
    assert ratios[32] > ratios[1]


if __name__ == "__main__":
    sys.exit(not measured())
