"""What a reader is asked: a short answer from a document, or from memory."""

from collections.abc import Sequence

from engines.parts.completions import Prompt, Sampling, chat
from engines.sure.config import SureConfig

NO_ANSWER = "NO-RES"
"""The word asked for where a document holds no answer."""

INSTRUCTION = "Answer the question in at most five words, copied from the document. Give only the answer."
ABSTAIN = f" If the document does not hold the answer, reply {NO_ANSWER}."
CLOSED_BOOK = "Answer the question in at most five words. Give only the answer."


def reading_prompt(question: str, document: str, config: SureConfig) -> Prompt:
    """The prompt that asks for an answer from a document.

    Differs from the paper: the question stands before the document, and once more behind it, unless `order` says
    otherwise, so that all forms of a document share instruction and question.
    """
    instruction = INSTRUCTION + (ABSTAIN if config.abstain else "")
    asked, given = f"Question: {question}", f"Document:\n{document}"
    orders = {
        "question_around": (asked, given, asked),
        "question_first": (asked, given),
        "document_first": (given, asked),
    }
    return _prompt([instruction, *orders[config.order]], config)


def closed_book_prompt(question: str, config: SureConfig) -> Prompt:
    """The prompt that asks for an answer from memory."""
    return _prompt([CLOSED_BOOK, f"Question: {question}"], config)


def _prompt(parts: Sequence[str], config: SureConfig) -> Prompt:
    return laid_out("\n\n".join(parts), config, "Answer:")


def laid_out(text: str, config: SureConfig, ending: str = "") -> Prompt:
    """A request as the settings put it to a model: one turn of a chat, or a plain text with an ending to go on from."""
    return chat(text) if config.prompting == "chat" else f"{text}\n\n{ending}"


def reading_sampling(config: SureConfig) -> Sampling:
    """Greedy, short, up to the end of the line."""
    return Sampling(max_tokens=config.answer_tokens, stop=("\n",))


def spoken(answer: str) -> str:
    """An answer without the space around it."""
    return answer.strip()
