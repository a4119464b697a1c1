"""What a run would take here: a few responses of every teacher, a few likelihoods, two steps of a training."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil

from engines.parts.arms_alike import arms_alike
from engines.parts.models import missing_bytes
from engines.parts.training import Example, TrainingEstimate, training_estimate
from engines.persyn.collecting import Teachers, collect
from engines.persyn.config import ARM_FIELDS, PersynConfig
from engines.persyn.judged import judge, require_some
from engines.persyn.panel import Panel, examined_places, open_panel
from engines.persyn.teachers import teaching_prompt
from engines.persyn.teaching import training_settings
from workbench.contract import Estimate, EstimatePart, RunLog

PROBED = 3
"""Prompts that every teacher is asked."""
LONGEST = 3600.0
"""Seconds above which fewer prompts are proposed."""
PLENTY = 0.8
"""Share of the free memory that a run may take before something smaller is proposed."""
OPENING = 5.0
"""Seconds for topics, embeddings and routers of frozen embeddings."""


@dataclass(frozen=True)
class Sized:
    """How many responses the run would ask for at most.

    Attributes:
        parallel: by each teacher.
        routed: by chosen teachers, all arms and seeds together.
        exams: answers of examined students.
        students: trainings.
    """

    parallel: int
    routed: int
    exams: int
    students: int


def preflight(config: PersynConfig, log: RunLog) -> None:
    """Emit one `Estimate` and its parts.

    Raises:
        WorkbenchError: as the run itself would, for models or data that cannot be used.
    """
    arms = arms_alike(log.arms, PersynConfig, ARM_FIELDS)
    panel = open_panel(config)
    sized = size_of(panel, arms, config, len(log.seeds))
    models = {teacher.model for teacher in panel.teachers if teacher.model} | {config.student}
    missing = sum(missing_bytes(model) for model in models)
    with log.phase("Probe"):
        parts = [EstimatePart(phase="Open models, embed, route", seconds=OPENING, basis="seldom more")]
        parts += _response_parts(panel, sized, config, log)
        trained = _training(panel, sized, config)
        parts += [part for part, _ in trained]
    for part in parts:
        log.row(part)
    seconds = sum(part.seconds for part in parts)
    memory = max([psutil.Process().memory_info().rss, *(found.memory_bytes for _, found in trained)])
    proposal, reason = proposed(config, seconds, memory)
    disk = missing + sized.students * sum(found.disk_bytes for _, found in trained)
    log.row(Estimate(seconds=seconds, memory_bytes=memory, disk_bytes=disk, proposal=proposal, proposal_reason=reason))


def size_of(panel: Panel, arms: Mapping[str, PersynConfig], config: PersynConfig, seeds: int) -> Sized:
    """How much the run would ask for; what arms share is not known before they choose, so it is an upper bound."""
    policies = [arm.policy for arm in arms.values()]
    routed, everything = len(panel.places("routed")), "oracle" in policies or panel.given is not None
    parallel = len(panel.places("calibration", "held_out")) + (routed if everything else 0)
    arms_asking = sum(policy not in ("oracle", "untuned") for policy in policies)
    further = 0 if everything else min(routed * arms_asking, routed * len(panel.teachers))
    taught = sum(policy != "untuned" for policy in policies) if config.train_student else 0
    exams = len(examined_places(panel, config)) * (taught * seeds + 1)
    return Sized(parallel, further, exams, taught * seeds)


def _response_parts(panel: Panel, sized: Sized, config: PersynConfig, log: RunLog) -> list[EstimatePart]:
    places = panel.places("calibration")[:PROBED]
    wanted = [(place, column) for place in places for column in range(len(panel.teachers))]
    # Answers that were kept from an earlier run would take no time.
    teachers = Teachers(config, None, cached=False)
    begun = time.perf_counter()
    frame = collect(panel, wanted, config, teachers, "Probe")
    asking = time.perf_counter() - begun
    begun = time.perf_counter()
    require_some(judge(frame, panel, config, log, learnable=True))
    scoring = time.perf_counter() - begun
    each = asking / max(1, len(wanted))
    count = sized.parallel * len(panel.teachers) + sized.routed
    asked = panel.given is None
    parts = [
        EstimatePart(
            phase="Score quality and learnability",
            seconds=scoring / max(1, len(wanted)) * sized.parallel * len(panel.teachers),
            basis=f"{len(wanted)} responses in {scoring:.1f} s, {sized.parallel * len(panel.teachers):,} in all",
        )
    ]
    if asked:
        basis = f"{len(wanted)} responses in {asking:.1f} s with the opening, {count:,} at most"
        parts.append(EstimatePart(phase="Ask the teachers", seconds=each * count, basis=basis))
    if sized.exams:
        own = each if asked else scoring / max(1, len(wanted))
        basis = f"{sized.exams:,} answers, each as long as a teacher's"
        parts.append(EstimatePart(phase="Examine the students", seconds=own * sized.exams, basis=basis))
    return parts


def _training(panel: Panel, sized: Sized, config: PersynConfig) -> list[tuple[EstimatePart, TrainingEstimate]]:
    if not sized.students:
        return []
    examples = probable_examples(panel, config)
    found = training_estimate(config.student, examples, training_settings(config, 0))
    basis = f"{found.basis}; {sized.students} students at most, equal sets are taught once"
    return [(EstimatePart(phase="Teach the students", seconds=sized.students * found.seconds, basis=basis), found)]


def probable_examples(panel: Panel, config: PersynConfig) -> Sequence[Example]:
    """Examples of the size that a student would learn, within the budget: what is chosen is not known before the run.

    A response is taken to be half as long as it may be; a word is about one and a third tokens.
    """
    response = " ".join(["so"] * max(1, config.answer_tokens // 2))
    asked = [panel.prompts[at].text for at in panel.places("calibration", "routed")]
    examples, left = [], float(config.token_budget)
    while left > 0:
        text = asked[len(examples) % len(asked)]
        examples.append(Example(teaching_prompt(text, config.exam_profile), response))
        left -= 30 + 1.34 * len(text.split()) + config.answer_tokens // 2
    return examples


def proposed(config: PersynConfig, seconds: float, memory: int) -> tuple[dict[str, object], str]:
    """Settings that make the run fit, and why; nothing where it fits."""
    free = psutil.virtual_memory().available
    if memory > PLENTY * free:
        smaller: dict[str, object] = {"batch": 1, "rank": min(config.rank, 4)}
        return smaller, f"The run would take {memory / 1e9:.1f} GB, {free / 1e9:.1f} GB are free."
    if seconds > LONGEST:
        share = LONGEST / seconds
        least = {"prompts": 8, "calibration": 4, "held_out": 4, "token_budget": 100}
        fewer: dict[str, object] = {name: max(low, int(getattr(config, name) * share)) for name, low in least.items()}
        return fewer, f"The run would take {seconds / 60:.0f} minutes; fewer prompts end within an hour."
    return {}, ""
