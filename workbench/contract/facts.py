"""Names of facts that methods record with `RunLog.record` and that the bench reads: how large, how long, how cut."""

from enum import StrEnum


class Fact(StrEnum):
    """A fact of a run that says how far its verdicts carry; its value is a number unless it says otherwise."""

    PARAMETERS = "model_parameters"
    """Parameters of the model the claims are about; with `Engine.published`, the scale of a verdict."""
    STEPS = "training_steps"
    """Updates of each trained arm; fewer than published is a shorter horizon."""
    ITEMS = "training_items"
    """Examples that each trained arm saw."""
    ANSWERS = "answers"
    """Answers that were generated and judged."""
    ANSWERS_CUT = "answers_cut"
    """Of these, answers cut at the token limit."""
    ANSWERS_EMPTY = "answers_empty"
    """Of these, answers without any text."""
    PROMPTS = "prompts_read"
    """Prompts (or texts) that the model read."""
    PROMPTS_CUT = "prompts_cut"
    """Of these, prompts cut to the model's context or a limit."""
    DTYPE = "dtype"
    """Number format of the model ("float32", "bfloat16")."""
    PEAK_MEMORY = "peak_memory_bytes"
    """Most memory that the worker held while it worked on the run; recorded by the bench."""


PHASE_SECONDS = "seconds of "
"""Beginning of the names of facts that say how long each phase took, in the last attempt; recorded by the bench."""
