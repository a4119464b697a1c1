"""The sample that a run of given settings has for the headline claims, so that its power is known before it runs."""

from engines.sure.config import BUNDLED, SureConfig
from engines.sure.perturbations import PERTURBATIONS
from workbench.contract import Design

BUNDLED_QUESTIONS, BUNDLED_TOPICS = 320, 40
LIKENESS = 0.035
"""Intraclass correlation of pairs within a topic in the study of 300 questions that ships: 0.03 for the reader's
robustness, and 0.03 to 0.04 for its gain by training at eight questions a topic. It comes from the forms of one
question (0.27 to 0.29 within a question); topics add nothing that could be seen."""
SPREAD = 0.39
"""Standard deviation of one pair's gain by training, there."""
SEED_SPREAD = 0.2
"""Of the smallest gain of a training (1.6 points): three seeds of the three trained arms there varied by 0.2, 1.1 and
2.6 points."""


def flips_design(config: SureConfig) -> Design:
    """Count pairs of all forms on all questions; the reader is greedy, so that seeds change nothing."""
    questions, topics = questions_and_topics(config)
    rows = _rows(config)
    return Design(items=questions * len(rows), clusters=topics, likeness=LIKENESS, level=0.92)


def repairs_design(config: SureConfig) -> Design:
    """Count pairs of held-out questions under the classes of changes that trainings see."""
    questions, topics = questions_and_topics(config)
    share = config.held_out / 100
    held_out = min(round(questions * share), config.held_out_questions)
    rows = [name for name in _rows(config) if PERTURBATIONS[name].kind != config.held_out_class]
    clusters = max(1, min(held_out, round(topics * share)))
    return Design(held_out * len(rows), clusters, LIKENESS, SEED_SPREAD, SPREAD, level=0.87)


def questions_and_topics(config: SureConfig) -> tuple[int, int]:
    """Count questions and the topics that they share; of data of one's own each question is taken for its own topic."""
    if config.data != BUNDLED:
        return config.questions, config.questions
    questions = min(config.questions, BUNDLED_QUESTIONS)
    return questions, min(questions, BUNDLED_TOPICS)


def _rows(config: SureConfig) -> list[str]:
    """Rows of the taxonomy that are read: those of a writer only where there is one, the control not at all."""
    known = [PERTURBATIONS[name] for name in config.perturbations if name in PERTURBATIONS]
    return [row.name for row in known if row.kind != "control" and (row.made != "writer" or config.writer)]
