"""The kinds of record that rows are most often wanted as, by the words that pickers use."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from engines.parts.corpora import Gloss, Speech
from engines.parts.datasets import MappingProposal, propose_mapping
from engines.parts.records import WHOLE_PROMPT, AlsoNamed, Passage, Prompt, Question, Record


class MathsProblem(Record):
    """A problem in words, and its answer."""

    same: ClassVar = ("problem",)
    problem: Annotated[str, AlsoNamed("question", "query", "body"), WHOLE_PROMPT]
    """The problem, its numbers included."""
    answer: Annotated[str, AlsoNamed("solution", "target", "final_answer", "gold")]
    """A number, an expression, or a solution that ends in one."""


class SentencePair(Record):
    """The same sentence in two languages."""

    source: Annotated[str, AlsoNamed("src", "en", "english", "original")]
    """The sentence in one language."""
    target: Annotated[str, AlsoNamed("tgt", "translation", "fr", "de", "es", "french", "german", "spanish")]
    """The same sentence in the other."""


class PreferencePair(Record):
    """A prompt with a better and a worse answer."""

    prompt: Annotated[str, AlsoNamed("question", "instruction", "input"), WHOLE_PROMPT]
    """What was asked."""
    chosen: Annotated[str, AlsoNamed("preferred", "better", "win", "accepted")]
    """The better answer."""
    rejected: Annotated[str, AlsoNamed("dispreferred", "worse", "lose")]
    """The worse answer."""


RECORD_KINDS: Mapping[str, type[Record]] = {
    "question answering": Question,
    "maths problems": MathsProblem,
    "parallel sentences": SentencePair,
    "glosses": Gloss,
    "speeches": Speech,
    "preference pairs": PreferencePair,
    "prompts": Prompt,
    "texts": Passage,
}
"""In the order in which they are offered."""


def best_kind(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the kind whose required fields all find a column, and the surest ones; "" where no kind does.

    Of kinds that are equally sure the one that uses more columns counts: a question with answers is a prompt too.
    """
    scored = {name: _sureness(propose_mapping(columns, rows, kind)) for name, kind in RECORD_KINDS.items()}
    best = max(scored, key=lambda name: scored[name])
    return best if scored[best] > (0, 0.0) else ""


def _sureness(proposal: MappingProposal) -> tuple[int, float]:
    """(required fields with a column, their mean confidence); nothing where one lacks its column."""
    required = [match for match in proposal.matches if match.required]
    if proposal.missing or not required:
        return (0, 0.0)
    return len(required), sum(match.confidence for match in required) / len(required)
