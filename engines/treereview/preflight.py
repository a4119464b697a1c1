"""What a review would take here: the most it can ask by its limits, at the speed that the model writes and reads."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from engines.parts.completions import Sampling
from engines.parts.models import missing_bytes
from engines.treereview.config import TreeReviewConfig
from engines.treereview.material import Desk, arm_settings, open_desk
from engines.treereview.question_tree import Limits
from workbench.contract import Estimate, EstimatePart

if TYPE_CHECKING:
    from engines.parts.generation import Generator
    from workbench.contract import RunLog

PROBE_TOKENS = 48
PROBE_WORDS = 300
LONGEST = 3600.0
"""Seconds above which a smaller tree is proposed."""
PLENTY = 0.8
ROW_BYTES = 2_000
"""Of history and files for each question and step."""
OFTEN_WRITTEN = 0.6
"""Part of the tokens that answers may have which they were seen to have in trials; the most is said beside."""


@dataclass(frozen=True)
class Calls:
    """How often a tree may ask, at most, and how many tokens that reads and writes."""

    divided: int
    leaves: int
    inner: int
    read: int
    written: int


@dataclass(frozen=True)
class Speeds:
    """Tokens a second."""

    reading: float
    writing: float


def preflight(config: TreeReviewConfig, log: "RunLog") -> None:
    """Emit one `Estimate` and its parts.

    Raises:
        WorkbenchError: as the run itself would, for papers or models that cannot be used.
    """
    from engines.parts.generation import Use

    missing = sum(missing_bytes(ref) for ref in {config.model, config.ranker, "all-minilm-l6-v2"})
    with log.phase("Probe"):
        begun = time.perf_counter()
        arms = arm_settings(log, config)
        desk = open_desk(config, log)
        generator = desk.generator(config)
        loading = time.perf_counter() - begun
        speeds = measured_speeds(generator, Use("Probe"), config.batch_nodes)
    grown = {name: arm for name, arm in arms.items() if arm.reading == "passages"} or arms
    parts = [
        EstimatePart(phase="Read the papers", seconds=loading, basis="papers read and model opened now"),
        grow_part(desk, list(grown.values()), speeds, len(log.seeds)),
        compare_part(desk, [arm for arm in arms.values() if arm.reading == "whole paper"], speeds, len(log.seeds)),
        ranking_part(desk, speeds, len(log.seeds)),
    ]
    for part in parts:
        log.row(part)
    seconds = sum(part.seconds for part in parts)
    proposal, reason = proposed(config, seconds)
    questions = len(log.seeds) * sum(most_calls(arm, desk).leaves for arm in grown.values())
    log.row(
        Estimate(
            seconds=seconds, memory_bytes=psutil.Process().memory_info().rss + 500_000_000,
            disk_bytes=missing + ROW_BYTES * questions, proposal=proposal, proposal_reason=reason,
        )
    )  # fmt: skip


def measured_speeds(generator: "Generator", use: "object", batch: int) -> Speeds:
    """Speeds of reading and of writing a batch, from two short calls; answers in the cache would tell nothing."""
    words = " ".join(f"word{int(time.time() * 1000) % 100_000}" for _ in range(PROBE_WORDS))
    read = generator.count([words])[0]
    begun = time.perf_counter()
    generator.generate([words], Sampling(max_tokens=1), use)  # type: ignore[arg-type]
    reading = time.perf_counter() - begun
    prompts = [f"{number} {words[:200]}" for number in range(min(batch, 8))]
    begun = time.perf_counter()
    answers = generator.generate(prompts, Sampling(max_tokens=PROBE_TOKENS), use)  # type: ignore[arg-type]
    written = sum(answer.tokens for found in answers for answer in found)
    return Speeds(read / max(reading, 1e-3), max(1, written) / max(time.perf_counter() - begun, 1e-3))


def most_nodes(limits: Limits) -> tuple[int, int, int]:
    """(nodes that may be divided, leaves, inner nodes below the root) of the widest tree without follow-ups."""
    level, divided, inner = 1, 0, 0
    for depth in range(1, limits.depth + 1):
        if not limits.width(depth):
            break
        divided += level
        inner += level if depth > 1 else 0
        level *= limits.width(depth)
    leaves = level if divided else 0
    over = 1 + inner + leaves - limits.most_nodes
    return divided, max(0, leaves - max(0, over)), inner


def most_calls(config: TreeReviewConfig, desk: Desk) -> Calls:
    """What one tree of an arm may ask over the run's longest paper, follow-ups apart."""
    divided, leaves, inner = most_nodes(config.limits)
    longest = max(desk.generator(config).count([paper.text])[0] for paper in desk.papers.values())
    root = min(longest, config.root_tokens or longest, desk.generator(config).context or longest)
    passages = min(config.top_k * config.chunk_tokens, longest)
    read = divided * 600 + leaves * (passages + 150) + inner * (4 * config.answer_tokens + 200) + 2 * (root + 1500)
    written = divided * config.question_tokens + (leaves + inner) * config.answer_tokens + 2 * config.review_tokens
    return Calls(divided, leaves, inner, read, written)


def grow_part(desk: Desk, arms: Sequence[TreeReviewConfig], speeds: Speeds, seeds: int) -> EstimatePart:
    """Time to grow the trees."""
    calls = [most_calls(arm, desk) for arm in arms]
    times = seeds * len(desk.papers)
    read, written = (times * sum(getattr(call, name) for call in calls) for name in ("read", "written"))
    seconds = read / speeds.reading + OFTEN_WRITTEN * written / speeds.writing
    return EstimatePart(
        phase="Grow the trees",
        seconds=seconds,
        basis=f"at most {read:,} tokens read at {speeds.reading:,.0f} a second and {written:,} written at "
        f"{speeds.writing:,.0f}; {OFTEN_WRITTEN:.0%} of these are counted",
    )


def compare_part(desk: Desk, arms: Sequence[TreeReviewConfig], speeds: Speeds, seeds: int) -> EstimatePart:
    """Time of the exhaustive answers, where they are written."""
    seconds, count = 0.0, 0
    for config in (arm for arm in arms if arm.exhaustive_answers):
        leaves = most_nodes(config.limits)[1]
        for paper in desk.papers.values():
            tokens = desk.generator(config).count([paper.text])[0]
            if tokens + config.answer_tokens <= (desk.generator(config).context or tokens + config.answer_tokens):
                count += seeds * leaves
                written = OFTEN_WRITTEN * config.answer_tokens / speeds.writing
                # The paper is read once for all questions where the model shares what prompts begin with.
                seconds += seeds * (tokens / speeds.reading + leaves * written)
    return EstimatePart(phase="Count the exhaustive way", seconds=seconds, basis=f"{count:,} answers from whole papers")


def ranking_part(desk: Desk, speeds: Speeds, seeds: int) -> EstimatePart:
    """Time of the comparison of rankings: each chunk read once, each sentence after each chunk."""
    config = desk.config
    tokens = 0
    for name in desk.papers:
        chunks = desk.chunks(name, config)
        tokens += sum(chunk.tokens for chunk in chunks) + 45 * config.held_out * len(chunks)
    return EstimatePart(
        phase="Compare the rankings",
        seconds=seeds * tokens / speeds.reading,
        basis=f"{seeds * tokens:,} tokens read",
    )


def proposed(config: TreeReviewConfig, seconds: float) -> tuple[dict[str, object], str]:
    """A smaller tree where the run would be long, and why."""
    if seconds <= LONGEST or config.depth == 0:
        return {}, ""
    smaller: dict[str, object] = {
        "depth": min(config.depth, 2),
        "widths": (2, 2),
        "answer_tokens": min(config.answer_tokens, 128),
    }
    return smaller, f"The run may take {seconds / 60:.0f} minutes; two levels of two questions end much sooner."
