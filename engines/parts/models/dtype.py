"""Which floating-point type a model runs in here: measured once per machine, then kept, so that runs agree."""

import hashlib
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from engines.parts.registry.json_store import KeptFacts
from workbench.storage.home import place

if TYPE_CHECKING:
    import torch

DtypeName = Literal["auto", "float32", "bfloat16"]
"""What a setting may ask for."""

TRULY_FASTER = 1.25
"""bf16 must be this many times as fast as fp32 to be worth its rounding."""

ROWS, WIDTH, WIDER = 256, 576, 1536
"""A feed-forward product of the default model on a batch of 256 tokens."""


def chosen_dtype(asked: DtypeName, device: "torch.device") -> "torch.dtype":
    """Choose the type to load a model in: as asked, or for "auto" bf16 where the device is truly faster with it."""
    import torch

    if asked == "float32":
        return torch.float32
    if asked == "bfloat16":
        return torch.bfloat16
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    return torch.bfloat16 if bf16_speedup() >= TRULY_FASTER else torch.float32


def dtype_note(asked: DtypeName) -> str:
    """Return a sentence on what the number format means for answers that are compared, and its price on this machine.

    In bfloat16 nearly tied logits are decided by rounding, and rounding by what stands beside an answer in its batch.
    """
    import torch

    on_gpu = torch.cuda.is_available()
    chosen = str(chosen_dtype(asked, torch.device("cuda" if on_gpu else "cpu"))).removeprefix("torch.")
    if chosen != "float32":
        return (
            f"Models of this machine compute in {chosen}: rounding decides between nearly tied tokens, so that an "
            "answer may depend on what else is computed beside it. Choose float32 where answers are compared."
        )
    price = "" if on_gpu else f" A product in bfloat16 would take {1 / bf16_speedup():.2f} times as long here."
    return f"Models of this machine compute in float32, so that answers do not depend on their neighbours.{price}"


def bf16_speedup() -> float:
    """Return how many times as fast a bf16 product is as the fp32 one here; kept per processor and torch version."""
    import torch

    facts = KeptFacts(place("models") / "dtype.json")
    key = f"{_processor()} torch {torch.__version__}"
    known = facts.get(key)
    if isinstance(known, float):
        return known
    measured = measure_bf16_speedup()
    facts.put(key, measured)
    return measured


def measure_bf16_speedup(seconds: float = 0.05) -> float:
    """Measure the ratio of the best times of one product in fp32 and bf16, taken in turns for about `seconds`.

    CPU time at one thread, because a busy machine stretches wall time and starves threads unevenly.
    """
    import torch

    generator = torch.Generator().manual_seed(0)
    tokens = torch.randn(ROWS, WIDTH, generator=generator)
    weights = torch.randn(WIDER, WIDTH, generator=generator)
    pairs = {kind: (tokens.to(kind), weights.to(kind)) for kind in (torch.float32, torch.bfloat16)}
    best = dict.fromkeys(pairs, float("inf"))
    with torch.inference_mode(), one_thread():
        for inputs in pairs.values():
            torch.nn.functional.linear(*inputs)
        ends = time.thread_time() + seconds
        while time.thread_time() < ends:
            for kind, inputs in pairs.items():
                best[kind] = min(best[kind], _seconds_of_product(*inputs))
    return best[torch.float32] / best[torch.bfloat16]


def _seconds_of_product(tokens: "torch.Tensor", weights: "torch.Tensor") -> float:
    import torch

    begin = time.thread_time()
    torch.nn.functional.linear(tokens, weights)
    return time.thread_time() - begin


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute with one thread inside: for products so small that threads wait for each other longer."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _processor() -> str:
    # Virtual machines share a model name over processors that differ in bf16 units, so the flags belong to the key.
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    telling = sorted({line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))})
    digest = hashlib.sha256("\n".join(telling).encode()).hexdigest()[:12]
    return f"{platform.machine()} {platform.processor()} {digest}"
