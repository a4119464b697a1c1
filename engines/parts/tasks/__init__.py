"""Tasks that a model is tuned on and examined in: opened, tuned, examined."""

from engines.parts.tasks.examination import Examination, answer_problems, examined, examined_under
from engines.parts.tasks.glosses import gloss_problems
from engines.parts.tasks.problems import VERIFIERS, Problem, Verifier, digest_of
from engines.parts.tasks.tasks import Task, TaskSettings, deal, open_task
from engines.parts.tasks.tuning import quarter_means, tuned, tuned_row
from engines.parts.tasks.untrained import UNTRAINED, examined_untrained, untrained_arm

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
    "examined_under",
    "examined_untrained",
    "gloss_problems",
    "open_task",
    "quarter_means",
    "tuned",
    "tuned_row",
    "untrained_arm",
]
