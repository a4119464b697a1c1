"""The pool of a run: its prompts dealt to splits, their topics, its teachers, and fixed blocks of prompts.

Design decisions:
- The calibration is a block and the routed prompts are one, as neither grows with the number of judged items. Judged
  prompts lie in blocks of a fixed size in the order of their draw: what a prompt is computed beside never depends on
  how many there are, so that rounding in batches is the same in a run that grew and in one asked for all at once.
- What was computed for a block is kept under the digest of its prompts. Of a run that goes on, only the last block,
  where it was not full, and the new ones are computed.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engines.parts.corpora import one_step_problems
from engines.parts.records import lot
from engines.parts.registry import ProgressCallback, no_progress
from engines.parts.retrieval import DEFAULT_ENCODER, open_encoder, spherical_clusters, topic_names
from engines.persyn.config import PersynConfig
from engines.persyn.prompts import (
    Asked,
    PromptSet,
    answerable,
    counts_for,
    dealt,
    folded,
    open_prompts,
    with_difficulty,
    within_reach,
)
from engines.persyn.rows import LeftOut, PromptRow
from engines.persyn.teachers import Given, Teacher, open_responses, parse_teachers
from workbench.contract import Asked as AskedRun
from workbench.contract import ConfigError, DataError

TRAINING = ("calibration", "routed")


@dataclass(frozen=True)
class TeacherPool:
    """Who is asked what.

    Attributes:
        prompts: those of the run; a place counts them from 0. Training prompts come first, in the order of the data,
            then those that judge, in the order of their draw.
        given: responses of a file by name of the prompt and of the teacher; None where teachers are asked.
        left_out: what was not used.
        notes: what a reader must know.
    """

    prompts: tuple[Asked, ...]
    teachers: tuple[Teacher, ...]
    given: Mapping[tuple[str, str], Given] | None
    source: str
    credit: str
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def places(self, *splits: str) -> list[int]:
        """Return places of the prompts of some splits."""
        return [at for at, asked in enumerate(self.prompts) if asked.split in splits]

    @property
    def names(self) -> list[str]:
        """Return names of the teachers in their order."""
        return [teacher.name for teacher in self.teachers]


def open_pool(config: PersynConfig, report: ProgressCallback = no_progress) -> TeacherPool:
    """Read prompts and teachers as the settings say; topics are not found yet.

    Raises:
        ConfigError: fewer than two teachers, or settings that contradict each other.
        DataError: no such data, too few prompts, or prompts without the right answers that are needed.
    """
    if config.quality == "column" and not config.responses:
        raise ConfigError({"quality": "a column of scores needs a responses file."}, "Name the file in responses.")
    if config.responses:
        return _of_file(config, report)
    teachers = parse_teachers(config.teachers)
    prompts = reachable(named_prompts(config.data, config.columns, report), config)
    return _dealt_pool(config, prompts, (teachers, None), report)


def named_prompts(ref: str, columns: str, report: ProgressCallback) -> PromptSet:
    """Read the prompts that a reference names: those made by rule, or any data.

    Raises:
        DataError: as `open_prompts`.
    """
    if ref == one_step_problems.NAME:
        made = one_step_problems.made_problems()
        asked = (Asked(one.name, one.text, one.answer, one.operation, group=one.wording) for one in made)
        return PromptSet(tuple(asked), ref, one_step_problems.CREDIT)
    return open_prompts(ref, columns, report)


def reachable(prompts: PromptSet, config: PersynConfig) -> PromptSet:
    """Return the prompts without those whose numbers are too large for the settings."""
    kept, beyond = within_reach(prompts.prompts, config.largest)
    return replace(prompts, prompts=tuple(kept), left_out=(*prompts.left_out, *beyond))


def _of_file(config: PersynConfig, report: ProgressCallback) -> TeacherPool:
    found = open_responses(config, report)
    prompts = found.prompts
    if not all(asked.answer for asked in prompts.prompts):
        prompts = replace(prompts, prompts=_with_answers(prompts.prompts, config, report))
    return _dealt_pool(config, prompts, (found.teachers, found.given), report)


def _with_answers(prompts: tuple[Asked, ...], config: PersynConfig, report: ProgressCallback) -> tuple[Asked, ...]:
    """Right answers that the file lacks, from the prompts' own data where the same prompts stand in it."""
    try:
        known = {
            folded(asked.text): asked.answer for asked in named_prompts(config.data, config.columns, report).prompts
        }
    except DataError:
        return prompts
    return tuple(
        asked if asked.answer else replace(asked, answer=known.get(folded(asked.text), "")) for asked in prompts
    )


def _dealt_pool(
    config: PersynConfig,
    prompts: PromptSet,
    teachers: tuple[tuple[Teacher, ...], Mapping[tuple[str, str], Given] | None],
    report: ProgressCallback,
) -> TeacherPool:
    prompts = answerable(prompts) if config.quality == "verifier" else prompts
    counts = counts_for(len(prompts.prompts), config)
    mine = dealt(prompts.prompts, counts)
    everything = tuple(with_difficulty([*mine, *examined_elsewhere(config, mine, report)]))
    notes = tuple(filter(None, (counts.note, *prompts.notes)))
    pool = TeacherPool(everything, *teachers, prompts.source, prompts.credit, prompts.left_out, notes)
    if config.train_student and not examined_places(pool, config):
        raise DataError(
            "No problem with a right answer is left to examine the student.",
            "Hold out prompts with answers (held_out), name data with answers for the examination (evaluation), or "
            "leave the student untrained.",
            field="evaluation",
        )
    return pool


def examined_elsewhere(config: PersynConfig, mine: Sequence[Asked], report: ProgressCallback) -> list[Asked]:
    """Return problems of the examination where one is named, in the order of their draw; none of them is trained on."""
    if not config.evaluation:
        return []
    trained = {folded(asked.text) for asked in mine if asked.split in TRAINING}
    found = [
        asked for asked in answerable(reachable(named_prompts(config.evaluation, "", report), config)).prompts
        if asked.answer and folded(asked.text) not in trained
    ]  # fmt: skip
    most = config.examined or config.held_out
    first = sorted(found, key=lambda asked: lot(1, asked.name))[:most]
    return [replace(asked, name=f"exam {asked.name}", split="examined") for asked in first]


def examined_places(pool: TeacherPool, config: PersynConfig) -> list[int]:
    """Return places of the problems that examine students: of the named examination, else the held-out prompts.

    Only those with a right answer; at most `examined` of them, in the order of their draw.
    """
    places = pool.places("examined" if config.evaluation else "held_out")
    known = [at for at in places if pool.prompts[at].answer]
    return known[: config.examined] if config.examined else known


def prompt_rows(pool: TeacherPool, config: PersynConfig) -> list[PromptRow]:
    """Return rows of the prompts; where the data have no topics, prompts are clustered by meaning."""
    topics = [asked.topic for asked in pool.prompts]
    if not all(topics):
        texts = [asked.text for asked in pool.prompts]
        vectors = open_encoder(DEFAULT_ENCODER, config.dtype).embed(texts)
        topics = topic_names(texts, spherical_clusters(vectors, config.topics))
    return [
        PromptRow(
            place=place, prompt=asked.name, text=asked.text, answer=asked.answer, topic=topic,
            difficulty=asked.difficulty, split=asked.split,
        )
        for place, (asked, topic) in enumerate(zip(pool.prompts, topics, strict=True))
    ]  # fmt: skip


JUDGED_AT_ONCE = 40
"""Judged prompts of a block."""


@dataclass(frozen=True)
class Block:
    """Some prompts that are always computed together.

    Attributes:
        name: unique in the run ("calibration", "held_out 2").
        places: of its prompts.
        key: digest of their names and texts.
    """

    name: str
    places: tuple[int, ...]
    key: str


def digest_of(texts: Iterable[str]) -> str:
    """Return 16 hex digits of some texts and their order."""
    told = hashlib.sha256()
    for text in texts:
        told.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return told.hexdigest()[:16]


def block_of(pool: TeacherPool, name: str, places: Sequence[int]) -> Block:
    """Return the block of some places."""
    said = (part for at in places for part in (pool.prompts[at].name, pool.prompts[at].text))
    return Block(name, tuple(places), digest_of(said))


def blocks_of(pool: TeacherPool, *splits: str) -> list[Block]:
    """Return the blocks of some splits in their order; a split without prompts has none."""
    found: list[Block] = []
    for split in splits:
        places = pool.places(split)
        if split in ("calibration", "routed"):
            found += [block_of(pool, split, places)] if places else []
        else:
            found += judged_blocks(pool, split, places)
    return found


def judged_blocks(pool: TeacherPool, name: str, places: Sequence[int]) -> list[Block]:
    """Return judged prompts in blocks of one size, the last one smaller where they do not fill it."""
    starts = range(0, len(places), JUDGED_AT_ONCE)
    parts = [places[start : start + JUDGED_AT_ONCE] for start in starts]
    return [block_of(pool, f"{name} {at + 1}", part) for at, part in enumerate(parts)]


def training_key(pool: TeacherPool) -> str:
    """Return digest of the training prompts: what stays while a run gets more seeds, items or arms."""
    return digest_of(block.key for block in blocks_of(pool, "calibration", "routed"))


@dataclass(frozen=True)
class Sizes:
    """How many responses a run asks for at most: what arms share is not known before they choose.

    Attributes:
        pool: of the run, or of a larger one.
    """

    pool: TeacherPool

    def split(self, name: str, most: int) -> int:
        """Return the number of prompts of a split."""
        return min(most, len(self.pool.places(name)))

    def parallel(self, asked: AskedRun[PersynConfig]) -> int:
        """Return the number of responses by all teachers to the prompts that every one of them answers."""
        config, routed = asked.config, self.routed_prompts(asked)
        everything = self.pool.given is not None or any(arm.policy == "oracle" for arm in asked.arms.values())
        both = self.split("calibration", config.calibration) + self.split("held_out", config.held_out)
        return (both + (routed if everything else 0)) * len(self.pool.teachers)

    def routed_prompts(self, asked: AskedRun[PersynConfig]) -> int:
        """Return the number of prompts that only their chosen teachers need answer."""
        training = min(asked.config.prompts, len(self.pool.places("calibration", "routed")))
        return training - self.split("calibration", asked.config.calibration)

    def routed(self, asked: AskedRun[PersynConfig]) -> int:
        """Return the number of further responses, of chosen teachers alone."""
        policies = [arm.policy for arm in asked.arms.values()]
        if "oracle" in policies or self.pool.given is not None:
            return 0
        arms = sum(policy != "untuned" for policy in policies)
        return self.routed_prompts(asked) * min(arms, len(self.pool.teachers))

    def students(self, asked: AskedRun[PersynConfig]) -> int:
        """Return the number of trainings at most; equal sets are taught once."""
        taught = sum(arm.policy != "untuned" for arm in asked.arms.values())
        return taught * len(asked.seeds) if asked.config.train_student else 0

    def exams(self, asked: AskedRun[PersynConfig]) -> int:
        """Return the number of answers of examined students, the untuned one's among them."""
        most = asked.config.examined or asked.config.held_out
        return min(most, len(examined_places(self.pool, asked.config))) * (self.students(asked) + 1)
