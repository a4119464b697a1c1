"""Tasks that a model is tuned on and examined in: opened, tuned, examined."""

from engines.parts.tasks.examination import UNTRAINED, Examination, answer_problems, examined
from engines.parts.tasks.glosses import gloss_problems
from engines.parts.tasks.problems import VERIFIERS, Problem, Verifier, digest_of
from engines.parts.tasks.tasks import Task, TaskSettings, deal, open_task
from engines.parts.tasks.tuning import quarter_means, tuned, tuned_row

__all__ = [
    "UNTRAINED",
    "VERIFIERS",
    "Examination",
    "Problem",
    "Task",
    "TaskSettings",
    "Verifier",
    "answer_problems",
    "deal",
    "digest_of",
    "examined",
    "gloss_problems",
    "open_task",
    "quarter_means",
    "tuned",
    "tuned_row",
]
