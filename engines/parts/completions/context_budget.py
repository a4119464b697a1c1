"""How much of a prompt is read, and how long its answer may be, in a model's context."""

from engines.parts.completions.generation import Sampling
from workbench.contract.errors import DataError


def context_room(index: int, tokens: int, sampling: Sampling, context: int) -> tuple[int, int]:
    """Count the prompt tokens to leave out on the left, and the tokens of the answer.

    A prompt that fills the context is too long; one that leaves less room than `max_tokens` gets a shorter answer.
    Truncation leaves `max_tokens` of room, or half of the context where that is less.

    Args:
        index: of the request, for the error.
        tokens: of the whole prompt.
        context: most tokens of prompt and answer together.

    Raises:
        DataError: the prompt is empty or too long; `row` is the index of the request, from 1.
    """
    if not tokens:
        raise DataError(f"Prompt {index + 1} has no tokens.", "Give it at least one word.", row=index + 1)
    truncated = max(0, tokens - kept_tokens(sampling, context)) if sampling.too_long == "truncate left" else 0
    room = min(sampling.max_tokens, context - tokens + truncated)
    if room < 1:
        raise DataError(
            f"Prompt {index + 1} has {tokens:,} tokens; the model reads {context:,}, answer included.",
            "Shorten it, have prompts truncated, or choose a model with a longer context.",
            row=index + 1,
        )
    return truncated, room


def kept_tokens(sampling: Sampling, context: int) -> int:
    """Return the most tokens of a prompt that is truncated on the left."""
    return max(context - sampling.max_tokens, context // 2)
