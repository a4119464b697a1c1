"""What a run would take here: a few documents read in every form, two steps of each training, times their number."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import psutil

from engines.parts.completions import Sampling
from engines.parts.generation import Generator, Use, open_generator
from engines.parts.models import missing_bytes
from engines.parts.training import TrainingEstimate, training_estimate
from engines.sure.config import ARM_FIELDS, SureConfig
from engines.sure.forming import require_makers
from engines.sure.instances import instance_frame, instances_of, rule_based_forms
from engines.sure.judging import Probe
from engines.sure.mending import dpo_pairs, plain_examples, probable_flips, training_settings
from engines.sure.perturbations import PERTURBATIONS
from engines.sure.questions import QuestionSet, open_questions
from engines.sure.readers import answers_to, arms_of_one_probe, reading_key, runs_here
from engines.sure.rows import Instance
from engines.sure.templates import Document
from engines.sure.writing import room_for, writing_prompt, written_rows
from workbench.contract import Estimate, EstimatePart, RunLog

PROBED = 2
"""Documents that are read in every form."""
WRITTEN = 24
"""Tokens of a rewriting in the probe."""
LONGEST = 3600.0
"""Seconds above which fewer questions are proposed."""
PLENTY = 0.8
"""Share of the free memory that a run may take before something smaller is proposed."""
PLAIN_ATTENTION = 3.0
"""Reading with plain attention, as a multiple of an answer."""


@dataclass(frozen=True)
class Sized:
    """What a run would read.

    Attributes:
        answers: of one reader to all forms, and without documents.
        held_out: answers of one mended reader.
        ranked: documents of the preliminary test.
    """

    answers: int
    held_out: int
    ranked: int


def preflight(config: SureConfig, log: RunLog) -> None:
    """Emit one `Estimate` and its parts.

    Raises:
        WorkbenchError: as the run itself would, for a model or data that cannot be used.
    """
    require_makers(config)
    arms = arms_of_one_probe(log.arms, ARM_FIELDS)
    missing = missing_bytes(config.reader) if runs_here(config.reader) else 0
    with log.phase("Probe"):
        begun = time.perf_counter()
        # Answers that were kept from an earlier run would take no time.
        reader = open_generator(config.reader, log, config.dtype, cached=False)
        opened = EstimatePart(phase="Open the reader", seconds=time.perf_counter() - begun, basis="opened now")
        asked = open_questions(config)
        instances = instances_of(asked, config)
        sized = size_of(asked, instances, config)
        probe = probe_of(instances, config)
        each, basis = seconds_an_answer(probe, reader, config)
        parts = [opened, *_reading_parts(sized, each, basis, arms, config)]
        parts += _writing_parts(instances, reader, config)
        trainings = _trainings(probe, arms, len(log.seeds))
        parts += [part for part, _ in trainings]
        parts += _judging_parts(sized, each, arms, len(log.seeds))
    for part in parts:
        log.row(part)
    seconds = sum(part.seconds for part in parts)
    memory = max([psutil.Process().memory_info().rss, *(found.memory_bytes for _, found in trainings)])
    proposal, reason = proposed(config, seconds, memory)
    disk = missing + len(log.seeds) * sum(found.disk_bytes for _, found in trainings)
    log.row(Estimate(seconds=seconds, memory_bytes=memory, disk_bytes=disk, proposal=proposal, proposal_reason=reason))


def size_of(asked: QuestionSet, instances: Sequence[Instance], config: SureConfig) -> Sized:
    """How many answers the run would ask for."""
    rows = {name: PERTURBATIONS[name] for name in config.perturbations}
    pages = any(row.kind == "metadata" for row in rows.values()) and config.metadata_base == "html"
    forms = 1 + len(rows) + (pages and "html" not in rows)
    held_out = sum(row.golden and row.part == "held_out" for row in instances)
    ranked = 2 * min(config.oracle_questions, len(asked.questions)) if runs_here(config.reader) else 0
    return Sized(len(instances) * forms, min(held_out, config.held_out_questions) * forms, ranked)


def probe_of(instances: Sequence[Instance], config: SureConfig) -> Probe:
    """The first few instances with their rule-based forms."""
    first = [instance for instance in instances if instance.golden][:PROBED] or list(instances[:PROBED])
    forms = rule_based_forms(first, config)
    return Probe(config, instance_frame(first), forms[forms["kept"]])


def seconds_an_answer(probe: Probe, reader: Generator, config: SureConfig) -> tuple[float, str]:
    """Seconds that one answer takes among the forms of its document, and what was measured."""
    count = len(probe.instances) + len(probe.forms)
    seconds = seconds_of(lambda: answers_to(probe, reader, config, Use("Probe")))
    return seconds / count, f"{count} answers in {seconds:.1f} s"


def seconds_of(work: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _reading_parts(
    sized: Sized, each: float, basis: str, arms: Mapping[str, SureConfig], config: SureConfig
) -> list[EstimatePart]:
    readers = len({reading_key(arm) for arm in arms.values()})
    read = EstimatePart(
        phase="Read every form",
        seconds=each * sized.answers * readers,
        basis=f"{basis}; {sized.answers * readers:,} answers in all",
    )
    pairs = 3 * config.attention_pairs if runs_here(config.reader) else 0
    look = EstimatePart(
        phase="Rank documents, look at the attention",
        seconds=each * (sized.ranked + 2 * PLAIN_ATTENTION * pairs),
        basis=f"as long as an answer each: {sized.ranked:,} documents and at most {pairs:,} pairs",
    )
    return [read, look]


def _writing_parts(instances: Sequence[Instance], reader: Generator, config: SureConfig) -> list[EstimatePart]:
    rows = written_rows(config.perturbations, "reader") + written_rows(config.perturbations, "writer")
    rows = [row for row in rows if config.writer or PERTURBATIONS[row].made == "reader"]
    if not rows or not instances:
        return []
    documents = [Document(row.title, row.document) for row in instances]
    prompts = [writing_prompt("self_generated", document, config) for document in documents[:4]]
    seconds = seconds_of(lambda: reader.generate(prompts, Sampling(max_tokens=WRITTEN), Use("Probe")))
    longer = room_for(documents) / WRITTEN
    return [
        EstimatePart(
            phase="Write forms",
            seconds=seconds * longer * len(rows) * len(documents) / len(prompts),
            basis=f"{len(prompts)} beginnings of {WRITTEN} tokens in {seconds:.1f} s by the reader, "
            f"{longer:.1f} times as long at most, and {len(rows) * len(documents):,} of them",
        )
    ]


def _trainings(probe: Probe, arms: Mapping[str, SureConfig], seeds: int) -> list[tuple[EstimatePart, TrainingEstimate]]:
    found = []
    for name, config in arms.items():
        if config.mend == "none":
            continue
        settings = training_settings(config, 0)
        if config.mend == "dpo":
            data = dpo_pairs(probable_flips(probe, config), config)
            estimate = training_estimate(config.reader, data, settings, "preference")
        else:
            examples = plain_examples(2 * config.mending_pairs, Probe(config, _open(probe), probe.forms), config)
            estimate = training_estimate(config.reader, examples, settings)
        part = EstimatePart(phase=f"Train {name}", seconds=seeds * estimate.seconds, basis=estimate.basis)
        found.append((part, estimate))
    return found


def _open(probe: Probe) -> pd.DataFrame:
    """The probe's instances as if all were open to training."""
    return probe.instances.assign(part="mending")


def _judging_parts(sized: Sized, each: float, arms: Mapping[str, SureConfig], seeds: int) -> list[EstimatePart]:
    count = sized.held_out * seeds * sum(config.mend != "none" for config in arms.values())
    if not count:
        return []
    return [
        EstimatePart(
            phase="Judge the mended readers", seconds=each * count, basis=f"{count:,} answers, as long as the base's"
        )
    ]


def proposed(config: SureConfig, seconds: float, memory: int) -> tuple[dict[str, object], str]:
    """Settings that make the run fit, and why; nothing where it fits."""
    free = psutil.virtual_memory().available
    if memory > PLENTY * free:
        smaller: dict[str, object] = {"batch": 1, "rank": min(config.rank, 4)}
        return smaller, f"The run would take {memory / 1e9:.1f} GB, {free / 1e9:.1f} GB are free."
    if seconds > LONGEST:
        share = LONGEST / seconds
        fewer: dict[str, object] = {
            name: max(1, int(getattr(config, name) * share))
            for name in ("questions", "noise_questions", "oracle_questions", "held_out_questions", "mending_pairs")
            if getattr(config, name) > 1
        }
        return fewer, f"The run would take {seconds / 60:.0f} minutes; fewer questions end within an hour."
    return {}, ""
