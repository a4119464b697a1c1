"""Forms that a model writes: another style, another source, another order of sentences."""

import re
from collections.abc import Sequence

from engines.parts.completions import Prompt, Sampling
from engines.parts.generation import Generator, Use
from engines.sure.config import SureConfig
from engines.sure.forms import Form
from engines.sure.perturbations import PERTURBATIONS
from engines.sure.reading import laid_out
from engines.sure.rows import Instance
from engines.sure.sentences import in_order, split_sentences
from engines.sure.templates import Document

KEEP = "Keep every fact, name, number and date. Reply with the text alone."
TASKS = {
    "simple": f"Rewrite the text in plain, simple English with short sentences. {KEEP}",
    "complex": f"Rewrite the text in an elaborate, formal style with long sentences. {KEEP}",
    "llm_generated": f"Write the text again in your own words. {KEEP}",
    "self_generated": f"Write the text again in your own words. {KEEP}",
    "llm_ranked": "Below are numbered sentences. List their numbers, the most important sentence first, separated by "
    "commas. Name each number once and write nothing else.",
}
TOKENS_A_WORD, ROOM = 1.5, 1.6
"""Tokens allowed for a rewriting: those of the longest document, and as much again as a wordy writer needs."""
LEAST_TOKENS = 48


def written_rows(asked: Sequence[str], made: str) -> list[str]:
    """The rows of the taxonomy that are asked for and made by "writer" or by "reader"."""
    return [row.name for row in PERTURBATIONS.values() if row.name in asked and row.made == made]


def writing_prompt(row: str, document: Document, config: SureConfig) -> Prompt:
    """What a model is asked for one row of the taxonomy; the title stays as it is and is not shown."""
    text = document.text
    if row == "llm_ranked":
        text = "\n".join(f"{number}. {said}" for number, said in enumerate(split_sentences(document.text), start=1))
    return laid_out(f"{TASKS[row]}\n\n{text}", config, "Text:")


def written_forms(row: str, instances: Sequence[Instance], writer: Generator, config: SureConfig) -> list[Form]:
    """The forms of one row of all instances, in their order; greedy.

    Differs from the paper: the prompts are ours; an order that does not name every sentence once leaves the document
    as it was, and the pair is then dropped as unchanged.
    """
    documents = [Document(instance.title, instance.document) for instance in instances]
    room = room_for(documents)
    prompts = [writing_prompt(row, document, config) for document in documents]
    use = Use(f"Write: {PERTURBATIONS[row].title}")
    answers = writer.generate(prompts, Sampling(max_tokens=room), use, whole=True)
    texts = [said[0].text.strip() for said in answers]
    return [_form(row, document, text) for document, text in zip(documents, texts, strict=True)]


def room_for(documents: Sequence[Document]) -> int:
    """Tokens that a rewriting of any of these documents may take."""
    longest = max((len(document.text.split()) for document in documents), default=1)
    return max(LEAST_TOKENS, int(longest * TOKENS_A_WORD * ROOM))


def _form(row: str, document: Document, said: str) -> Form:
    if row == "llm_ranked":
        said = in_order(document.text, [int(number) for number in re.findall(r"\d+", said)])
    # Nothing written leaves the document as it was.
    return Form(row, document.plain(), Document(document.title, said or document.text).plain())
