"""What a run would take here: a few responses of every teacher, a few likelihoods, two steps of a training."""

from collections.abc import Sequence
from dataclasses import dataclass

from engines.parts.models import missing_bytes
from engines.parts.training import Example, training_estimate
from engines.persyn.config import PersynConfig
from engines.persyn.distillation import training_settings
from engines.persyn.responses import Teachers, collect
from engines.persyn.reward_matrix import require_some, score_responses
from engines.persyn.teacher_pool import TeacherPool, examined_places, open_pool
from engines.persyn.teachers import teaching_prompt
from workbench.contract import Asked, Probe

PROBED = 3
"""Prompts that every teacher is asked."""
OPENING = 5.0
"""Seconds for topics, embeddings and routers of frozen embeddings."""
STUDENTS = "Teach and examine the students"


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

    def parallel(self, asked: Asked[PersynConfig]) -> int:
        """Return the number of responses by all teachers to the prompts that every one of them answers."""
        config, routed = asked.config, self.routed_prompts(asked)
        everything = self.pool.given is not None or any(arm.policy == "oracle" for arm in asked.arms.values())
        both = self.split("calibration", config.calibration) + self.split("held_out", config.held_out)
        return (both + (routed if everything else 0)) * len(self.pool.teachers)

    def routed_prompts(self, asked: Asked[PersynConfig]) -> int:
        """Return the number of prompts that only their chosen teachers need answer."""
        training = min(asked.config.prompts, len(self.pool.places("calibration", "routed")))
        return training - self.split("calibration", asked.config.calibration)

    def routed(self, asked: Asked[PersynConfig]) -> int:
        """Return the number of further responses, of chosen teachers alone."""
        policies = [arm.policy for arm in asked.arms.values()]
        if "oracle" in policies or self.pool.given is not None:
            return 0
        arms = sum(policy != "untuned" for policy in policies)
        return self.routed_prompts(asked) * min(arms, len(self.pool.teachers))

    def students(self, asked: Asked[PersynConfig]) -> int:
        """Return the number of trainings at most; equal sets are taught once."""
        taught = sum(arm.policy != "untuned" for arm in asked.arms.values())
        return taught * len(asked.seeds) if asked.config.train_student else 0

    def exams(self, asked: Asked[PersynConfig]) -> int:
        """Return the number of answers of examined students, the untuned one's among them."""
        most = asked.config.examined or asked.config.held_out
        return min(most, len(examined_places(self.pool, asked.config))) * (self.students(asked) + 1)


def probe(config: PersynConfig, probe: Probe) -> None:
    """Measure a few responses, their scores and two steps of a training.

    Raises:
        WorkbenchError: as the run itself would, for models or data that cannot be used.
    """
    pool = open_pool(config)
    sizes = Sizes(pool)
    models = {teacher.model for teacher in pool.teachers if teacher.model} | {config.student}
    probe.disk(sum(map(missing_bytes, models)))
    probe.seconds("Train the routers", OPENING, 1, "opening, embedding and routing seldom take more")
    wanted = [(place, at) for place in pool.places("calibration")[:PROBED] for at in range(len(pool.teachers))]
    # Answers that were kept from an earlier run would take no time.
    teachers = Teachers(config, None, cached=False)
    asking = 0 if pool.given is not None else sizes.parallel
    with probe.part("Ask every teacher", asking, done=len(wanted), unit="responses") as ask:
        frame = collect(pool, wanted, config, teachers, "Probe")
    with probe.part("Score quality and learnability", sizes.parallel, done=len(wanted), unit="responses") as score:
        require_some(score_responses(frame, pool, config, probe.log, learnable=True))
    if pool.given is None:
        probe.seconds("Ask the chosen teachers alone", ask.each, sizes.routed, "responses, each as long as another")
    each = ask.each if pool.given is None else score.each
    probe.seconds(STUDENTS, each, sizes.exams, "answers, each as long as a teacher's")
    if config.train_student:
        cost = training_estimate(config.student, probable_examples(pool, config), training_settings(config, 0))
        budget = config.token_budget
        probe.training(STUDENTS, cost, lambda asked: sizes.students(asked) * asked.config.token_budget / budget)


def probable_examples(pool: TeacherPool, config: PersynConfig) -> Sequence[Example]:
    """Return examples of the size that a student would learn, within the budget: choices are not known before the run.

    A response is taken to be half as long as it may be; a word is about one and a third tokens.
    """
    response = " ".join(["so"] * max(1, config.answer_tokens // 2))
    asked = [pool.prompts[at].text for at in pool.places("calibration", "routed")]
    examples, left = [], float(config.token_budget)
    while left > 0:
        text = asked[len(examples) % len(asked)]
        examples.append(Example(teaching_prompt(text, config.exam_profile), response))
        left -= 30 + 1.34 * len(text.split()) + config.answer_tokens // 2
    return examples
