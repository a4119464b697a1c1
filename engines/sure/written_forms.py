"""Forms that a model writes (another style, source, order of sentences), and whether they entail the document."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engines.parts.answers import comparable, split_sentences
from engines.parts.completions import Completion, Prompt, Sampling
from engines.parts.generation import Generator, Use
from engines.sure.config import SureConfig
from engines.sure.perturbations import PERTURBATIONS, Document, in_order
from engines.sure.readers import laid_out
from engines.sure.rows import Instance
from workbench.contract import ModelError

if TYPE_CHECKING:
    from engines.parts.models import ModelSource

KEEP = "Keep every fact, name, number and date. Reply with the text alone."
TASKS = {
    "simple": f"Rewrite the text in plain, simple English with short sentences. {KEEP}",
    "complex": f"Rewrite the text in an elaborate, formal style with long sentences. {KEEP}",
    "llm_generated": f"Write the text again in your own words. {KEEP}",
    "self_generated": f"Write the text again in your own words. {KEEP}",
    "llm_ranked": "Below are numbered sentences. List their numbers, the most important sentence first, separated by "
    "commas. Name each number once and write nothing else.",
}
ROOM, LEAST_TOKENS = 1.6, 48
"""A rewriting may take that many times the tokens of the longest document, and that many at least."""
LOOP_WORDS, LOOP_TIMES = 6, 3
"""So many words in a row that stand so often in a rewriting, and not in its document, are a loop."""
SPELLED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
"""A rewriting may spell out a small number."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ENDED = re.compile(r"[.!?…。！？][\"'”’»)\]」』]*\s*$")
ASK = (
    "Does the first text entail the second, that is, must everything the second text says be true if the first one is? "
    "Reply with one word: entail, neutral or contradict.\n\nFirst text:\n{premise}\n\nSecond text:\n{hypothesis}"
)
BATCH = 8
Pair = tuple[str, str]


def written_rows(asked: Sequence[str], made: str) -> list[str]:
    """Return the rows of the taxonomy that are asked for and made by "writer" or by "reader"."""
    return [row.name for row in PERTURBATIONS.values() if row.name in asked and row.made == made]


def writers(config: SureConfig) -> dict[str, str]:
    """Name the model that writes each row of the taxonomy that no rule makes; none for rows without a writer."""
    strong = written_rows(config.perturbations, "writer") if config.writer else []
    own = written_rows(config.perturbations, "reader")
    return dict.fromkeys(strong, str(config.writer)) | dict.fromkeys(own, config.reader)


def writer_notes(config: SureConfig) -> Iterator[str]:
    """Say which rows are left out for want of a writer, and which model writes which."""
    asked = written_rows(config.perturbations, "writer")
    if asked and not config.writer:
        yield f"Left out, because no writer is set: {', '.join(asked)}."
    for row in written_rows(config.perturbations, "reader"):
        yield f"{PERTURBATIONS[row].title.capitalize()}: source by the reader itself."


def judged_rows(config: SureConfig) -> list[str]:
    """Name the rows whose forms a judge of entailment sees: those a model wrote, but for other orders."""
    if config.judge == "off":
        return []
    return [row.name for row in PERTURBATIONS.values() if row.made != "rule" and row.kind != "logic"]


def writing_prompt(row: str, document: Document, config: SureConfig) -> Prompt:
    """Return what a model is asked for one row of the taxonomy; the title stays as it is and is not shown."""
    text = document.text
    if row == "llm_ranked":
        text = "\n".join(f"{number}. {said}" for number, said in enumerate(split_sentences(document.text), start=1))
    return laid_out(f"{TASKS[row]}\n\n{text}", config, "Text:")


@dataclass(frozen=True)
class Rewriting:
    """What a model wrote of a document.

    Attributes:
        text: the plain document as changed.
        fault: why it is no fair form: unfinished, looping, numbers_lost; "" where it may be one.
    """

    text: str
    fault: str = ""


def rewritings(row: str, instances: Sequence[Instance], writer: Generator, config: SureConfig) -> list[Rewriting]:
    """Write one row of the taxonomy for all instances, greedily, in their order.

    Differs from the paper: the prompts are ours; an order that does not name every sentence once leaves the document
    as it was, and the pair is then dropped as unchanged.
    """
    documents = [Document(instance.title, instance.document) for instance in instances]
    prompts = [writing_prompt(row, document, config) for document in documents]
    sampling = Sampling(max_tokens=room_for(document_tokens(documents, writer)))
    answers = writer.generate(prompts, sampling, Use(f"Write: {PERTURBATIONS[row].title}"), whole=True)
    return [_rewriting(row, document, said[0]) for document, said in zip(documents, answers, strict=True)]


def document_tokens(documents: Sequence[Document], writer: Generator) -> list[int]:
    """Count the tokens of each document's text as its writer reads it, whatever its script."""
    return writer.count([document.text for document in documents])


def room_for(tokens: Sequence[int]) -> int:
    """Return the tokens that a rewriting of any of some documents of these many tokens may take."""
    return max(LEAST_TOKENS, int(ROOM * max(tokens, default=1)))


def _rewriting(row: str, document: Document, said: Completion) -> Rewriting:
    text = said.text.strip()
    if row == "llm_ranked":
        order = in_order(document.text, [int(number) for number in re.findall(r"\d+", text)])
        return Rewriting(Document(document.title, order).plain())
    # Nothing written leaves the document as it was.
    changed = Document(document.title, text or document.text).plain()
    return Rewriting(changed, fault_of(document.text, text, said.finish == "length") if text else "")


def fault_of(before: str, text: str, cut: bool) -> str:
    """Say why a rewriting is no fair form of its document: unfinished, looping or numbers_lost; "" where it may be one.

    Args:
        cut: it ended at its limit of tokens.
    """
    if loops(text) and not loops(before):
        return "looping"
    if cut or (_ENDED.search(before) and not _ENDED.search(text)):
        return "unfinished"
    return "numbers_lost" if lost_numbers(before, text) else ""


def loops(text: str) -> bool:
    """Return whether some words in a row stand again and again, or one sentence twice in a row."""
    sentences = [comparable(sentence) for sentence in split_sentences(text)]
    if any(one and one == after for one, after in pairwise(sentences)):
        return True
    words = comparable(text).split()
    words = words if len(words) > 1 else list(text)
    runs = Counter(tuple(words[at : at + LOOP_WORDS]) for at in range(len(words) - LOOP_WORDS + 1))
    return max(runs.values(), default=0) >= LOOP_TIMES


def lost_numbers(before: str, text: str) -> set[str]:
    """Return the numbers of a document that its rewriting lacks, neither in digits nor, if small, in words."""
    said = comparable(text)
    words = set(said.split())
    spelled = {str(number) for number, word in enumerate(SPELLED.split()) if word in words}
    return set(_NUMBER.findall(comparable(before))) - set(_NUMBER.findall(said)) - spelled


class Judge(Protocol):
    """Says of pairs (premise, hypothesis) whether the one entails the other."""

    def entails(self, pairs: Sequence[Pair]) -> np.ndarray:
        """Return whether each premise entails its hypothesis, shape (n,), bool."""
        ...


class GeneratorJudge:
    """A generator that is asked, as in the paper; whatever does not begin with "entail" counts as no entailment."""

    def __init__(self, generator: Generator, config: SureConfig) -> None:
        self.generator, self.config = generator, config

    def entails(self, pairs: Sequence[Pair]) -> np.ndarray:
        """Return whether each premise entails its hypothesis, shape (n,), bool."""
        texts = [ASK.format(premise=premise, hypothesis=hypothesis) for premise, hypothesis in pairs]
        prompts = [laid_out(text, self.config, "Answer:") for text in texts]
        sampling = Sampling(max_tokens=6, stop=("\n",))
        answers = self.generator.generate(prompts, sampling, Use("Judge the entailment"), whole=True)
        return np.array([said[0].text.strip().lower().strip("\"'*. ").startswith("entail") for said in answers], bool)


class ClassifierJudge:
    """A model of sequence classification that was trained on natural-language inference.

    Raises:
        ModelError: the model cannot be loaded, or none of its labels speaks of entailment.
    """

    def __init__(self, source: "ModelSource") -> None:
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        place, told = source.path, {"trust_remote_code": False, "local_files_only": True}
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(place, **told)
            self._model = AutoModelForSequenceClassification.from_pretrained(place, use_safetensors=True, **told).eval()
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{source.name} cannot be used as a classifier: {str(error)[:200]}",
                "Choose a model of sequence classification trained on natural-language inference.",
            ) from error
        self._entailment = entailment_label(dict(self._model.config.id2label), source.name)

    def entails(self, pairs: Sequence[Pair]) -> np.ndarray:
        """Return whether entailment is the likeliest label of each pair, shape (n,), bool."""
        import torch

        found: list[bool] = []
        for start in range(0, len(pairs), BATCH):
            premises, hypotheses = zip(*pairs[start : start + BATCH], strict=True)
            read = self._tokenizer(list(premises), list(hypotheses), padding=True, truncation=True, return_tensors="pt")
            with torch.inference_mode():
                likeliest = self._model(**read).logits.argmax(-1)
            found += [int(label) == self._entailment for label in likeliest]
        return np.array(found, bool)


def entailment_label(labels: dict[int, str], name: str) -> int:
    """Return the label that says entailment.

    Raises:
        ModelError: none does, or two do.
    """
    saying = [
        at for at, label in labels.items()
        if label.lower().startswith("entail") and not label.lower().startswith("entailment_not")
    ]  # fmt: skip
    if len(saying) != 1:
        listed = ", ".join(map(str, labels.values()))
        raise ModelError(
            f"The labels of {name} are {listed}; one of them must be entailment.",
            "Choose a classifier trained on natural-language inference.",
        )
    return saying[0]


def entailed_both_ways(judge: Judge, pairs: Sequence[Pair]) -> np.ndarray:
    """Return whether the two texts of each pair entail each other, shape (n,), bool."""
    if not pairs:
        return np.zeros(0, bool)
    return judge.entails(pairs) & judge.entails([(after, before) for before, after in pairs])
