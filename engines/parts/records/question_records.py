"""Record types that several methods take: prompts, questions with their answers, and passages to read."""

from typing import Annotated, ClassVar

from engines.parts.records.record_types import AlsoNamed, JoinedWith, LooksLike, Record

WHOLE_PROMPT = JoinedWith(
    "{body} {}", "{table}\n\n{}", "{context}\n\n{}", "{passage}\n\n{}", "{}\n\n{input}", "{}\n\n{options}",
    "{}\n\n{choices}",
)  # fmt: skip
"""What stands beside a prompt in the data sets of others: without it the prompt cannot be answered."""


class Prompt(Record):
    """One prompt for a model."""

    same: ClassVar = ("prompt",)
    prompt: Annotated[
        str, AlsoNamed("instruction", "query", "question", "text", "request", "user", "input"), WHOLE_PROMPT
    ]
    """What the model is asked, as a user would write it."""


class Question(Record):
    """A question with the answers that count as right, and the passage that holds them where there is one."""

    same: ClassVar = ("question", "passage")
    question: Annotated[
        str, AlsoNamed("query", "q", "prompt", "problem", "instruction"), LooksLike(r"\?\s*$", "end in a question mark")
    ]
    """The question."""
    answers: Annotated[
        tuple[str, ...], AlsoNamed("answer", "gold", "target", "targets", "label", "output", "solution", "a")
    ]
    """Answers that count as right, the first one foremost."""
    passage: Annotated[str, AlsoNamed("context", "paragraph", "document", "evidence", "article", "story")] = ""
    """What the answer can be read from."""
    title: Annotated[str, AlsoNamed("topic", "subject", "source")] = ""
    """What the passage is part of: questions of one title are not independent."""


class Passage(Record):
    """A text to read: a page, a section, a paragraph."""

    text: Annotated[str, AlsoNamed("passage", "content", "body", "paragraph", "document", "abstract", "sentence")]
    """The text."""
    title: Annotated[str, AlsoNamed("heading", "topic", "source", "page")] = ""
    """Where it stands."""
