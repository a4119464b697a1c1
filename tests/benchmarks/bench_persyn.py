"""PerSyn's router: prompts per CPU second in batches against one prompt a call, and another alpha on 50,000 prompts.

Run `python -m tests.benchmarks.bench_persyn` or `pytest -n0 -m benchmark tests/benchmarks/bench_persyn.py`.

Routing: both sides run in one process, in turns, on the same encoder, prompts and number format, at one thread, and
their scores are compared first. Prompts are the bundled one-step problems and a part of SVAMP, each of them once.

Alpha: the rows of 50,000 prompts by eight teachers, as a run with parallel responses leaves them. Measured is what the
server does for a move of the slider, in CPU seconds at one thread: the picture and the words beside it, the first time
and every further one.
"""

import statistics
import time
from collections.abc import Callable

import pytest

ENCODER = "all-minilm-l6-v2"
PROMPTS, SVAMP = 160, 160
ROUNDS = 5
LEAST = 1.5
PLACES, TEACHERS = 50_000, 8
LONGEST = 0.2
"""CPU seconds of the server for a move of the slider."""


def cpu_seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def texts() -> list[str]:
    """Prompts of different lengths."""
    from engines.parts.corpora.one_step_problems import made_problems
    from engines.persyn.prompts import open_prompts

    own = [asked.text for asked in made_problems()[:PROMPTS]]
    return own + [asked.text for asked in open_prompts("svamp").prompts[:SVAMP]]


def linear_router():
    """A router of 15 teachers with drawn weights: what it prefers takes no time."""
    import numpy as np

    from engines.parts.models.models import resolve_model
    from engines.persyn.routers import RouterFacts, opened

    draw = np.random.default_rng(0)
    names = tuple(f"teacher {at}" for at in range(15))
    arrays = {
        "weight": draw.normal(size=(384, 15)).astype(np.float32), "bias": np.zeros(15, np.float32),
        "centre": np.zeros(384, np.float32),
    }  # fmt: skip
    return opened(RouterFacts("linear", ENCODER, resolve_model(ENCODER).fingerprint, names), arrays, "auto")


def measured_routing() -> tuple[float, float, float]:
    """Ratio of medians (one prompt a call over batches), and the lowest and highest ratio of neighbouring rounds."""
    import numpy as np

    router, asked = linear_router(), texts()
    together = router.scores(asked)
    apart = np.concatenate([router.scores([text]) for text in asked])
    assert np.abs(together - apart).max() < 0.2 and (together.argmax(1) == apart.argmax(1)).mean() > 0.95
    rounds = [
        (cpu_seconds(lambda: [router.scores([text]) for text in asked]), cpu_seconds(lambda: router.scores(asked)))
        for _ in range(ROUNDS)
    ]
    single, batched = (statistics.median(side) for side in zip(*rounds, strict=True))
    ratios = [a / b for a, b in rounds]
    print(f"{len(asked) / single:.0f} prompts per CPU second one by one, {len(asked) / batched:.0f} in batches")
    return single / batched, min(ratios), max(ratios)


def many_rows():
    """Tables of a run on 50,000 prompts that eight teachers have answered."""
    import numpy as np
    import pandas as pd

    from engines.persyn import ENGINE
    from engines.persyn.rewards import combined, normalised
    from engines.persyn.rows import PromptRow, Reward, RouterScore, TeacherRow
    from tests.engines.worked_runs import tables

    draw = np.random.default_rng(0)
    places, names = np.repeat(np.arange(PLACES), TEACHERS), [f"teacher {at}" for at in range(TEACHERS)]
    quality, learnability = draw.integers(0, 2, (PLACES, TEACHERS)), draw.normal(-2, 1, (PLACES, TEACHERS))
    norms = normalised(quality, "minmax"), normalised(learnability, "minmax")
    rewards = pd.DataFrame(
        {
            "place": places, "split": "held_out", "teacher": np.tile(names, PLACES), "quality": quality.ravel() * 1.0,
            "learnability": learnability.ravel(), "quality_norm": norms[0].ravel(),
            "learnability_norm": norms[1].ravel(), "reward": combined(*norms, 0.4).ravel(), "failed": False,
            "parallel": True,
        }
    )[list(Reward.model_fields)]  # fmt: skip
    scores = pd.DataFrame(
        {"arm": "persyn", "seed": 0, "place": places, "split": "held_out", "teacher": np.tile(names, PLACES),
         "score": draw.normal(size=PLACES * TEACHERS)}
    )[list(RouterScore.model_fields)]  # fmt: skip
    prompts = pd.DataFrame({"place": np.arange(PLACES), "topic": draw.choice(["a", "b", "c"], PLACES)})
    prompts = prompts.assign(difficulty=draw.choice(["short", "long"], PLACES)).reindex(
        columns=list(PromptRow.model_fields)
    )
    teachers = pd.DataFrame({"teacher": names, "order": range(TEACHERS)}).reindex(columns=list(TeacherRow.model_fields))
    return tables(ENGINE, Reward=rewards, RouterScore=scores, PromptRow=prompts, TeacherRow=teachers)


def measured_alpha() -> dict[str, tuple[float, float]]:
    """CPU seconds of a move of the slider by group: the first one, and the median of further ones."""
    from engines.persyn.alpha_sweep import describe_alpha, draw_alpha
    from engines.persyn.config import AlphaControl

    def move(alpha: float, group: str) -> float:
        controls = AlphaControl.model_validate({"alpha": alpha, "group": group})
        return cpu_seconds(lambda: (draw_alpha(found, controls).to_json(), describe_alpha(found, controls)))

    taken = {}
    for group in ("all", "topic", "difficulty"):
        found = many_rows()
        first = move(0.4, group)
        taken[group] = first, statistics.median(move(step / 10, group) for step in range(11))
    return taken


@pytest.mark.benchmark
def test_batches_route_half_as_many_prompts_again_a_cpu_second():
    ratio, low, high = measured_routing()
    print(f"routing: {ratio:.1f}x ({low:.1f} to {high:.1f})")
    assert ratio >= LEAST


@pytest.mark.benchmark
def test_another_alpha_on_fifty_thousand_prompts_takes_a_fifth_of_a_second():
    for group, (first, further) in measured_alpha().items():
        print(f"alpha, {group}: first {first * 1000:.0f} ms, further {further * 1000:.0f} ms")
        assert further <= LONGEST, group


if __name__ == "__main__":
    test_batches_route_half_as_many_prompts_again_a_cpu_second()
    test_another_alpha_on_fifty_thousand_prompts_takes_a_fifth_of_a_second()
