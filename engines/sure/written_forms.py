"""Forms that a model writes (another style, source, order of sentences), and whether they entail the document."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engines.parts.completions import Prompt, Sampling
from engines.parts.generation import Generator, Use
from engines.sure.config import SureConfig
from engines.sure.perturbations import PERTURBATIONS, Document, in_order, split_sentences
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
TOKENS_A_WORD, ROOM = 1.5, 1.6
"""Tokens allowed for a rewriting: those of the longest document, and as much again as a wordy writer needs."""
LEAST_TOKENS = 48
ASK = (
    "Does the first text entail the second, that is, must everything the second text says be true if the first one is? "
    "Reply with one word: entail, neutral or contradict.\n\nFirst text:\n{premise}\n\nSecond text:\n{hypothesis}"
)
BATCH = 8
Pair = tuple[str, str]


def written_rows(asked: Sequence[str], made: str) -> list[str]:
    """The rows of the taxonomy that are asked for and made by "writer" or by "reader"."""
    return [row.name for row in PERTURBATIONS.values() if row.name in asked and row.made == made]


def writing_prompt(row: str, document: Document, config: SureConfig) -> Prompt:
    """What a model is asked for one row of the taxonomy; the title stays as it is and is not shown."""
    text = document.text
    if row == "llm_ranked":
        text = "\n".join(f"{number}. {said}" for number, said in enumerate(split_sentences(document.text), start=1))
    return laid_out(f"{TASKS[row]}\n\n{text}", config, "Text:")


def written_texts(row: str, instances: Sequence[Instance], writer: Generator, config: SureConfig) -> list[str]:
    """Write one row of the taxonomy for all instances, greedily: the plain documents as changed, in their order.

    Differs from the paper: the prompts are ours; an order that does not name every sentence once leaves the document
    as it was, and the pair is then dropped as unchanged.
    """
    documents = [Document(instance.title, instance.document) for instance in instances]
    room = room_for(documents)
    prompts = [writing_prompt(row, document, config) for document in documents]
    use = Use(f"Write: {PERTURBATIONS[row].title}")
    answers = writer.generate(prompts, Sampling(max_tokens=room), use, whole=True)
    texts = [said[0].text.strip() for said in answers]
    return [_changed(row, document, text) for document, text in zip(documents, texts, strict=True)]


def room_for(documents: Sequence[Document]) -> int:
    """Tokens that a rewriting of any of these documents may take."""
    longest = max((len(document.text.split()) for document in documents), default=1)
    return max(LEAST_TOKENS, int(longest * TOKENS_A_WORD * ROOM))


def _changed(row: str, document: Document, said: str) -> str:
    if row == "llm_ranked":
        said = in_order(document.text, [int(number) for number in re.findall(r"\d+", said)])
    # Nothing written leaves the document as it was.
    return Document(document.title, said or document.text).plain()


class Judge(Protocol):
    """Says of pairs (premise, hypothesis) whether the one entails the other."""

    def entails(self, pairs: Sequence[Pair]) -> np.ndarray:
        """Whether each premise entails its hypothesis, shape (n,), bool."""
        ...


class GeneratorJudge:
    """A generator that is asked, as in the paper; whatever does not begin with "entail" counts as no entailment."""

    def __init__(self, generator: Generator, config: SureConfig) -> None:
        self.generator, self.config = generator, config

    def entails(self, pairs: Sequence[Pair]) -> np.ndarray:
        """Whether each premise entails its hypothesis, shape (n,), bool."""
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
        """Whether entailment is the likeliest label of each pair, shape (n,), bool."""
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
    """The label that says entailment.

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
    """Whether the two texts of each pair entail each other, shape (n,), bool."""
    if not pairs:
        return np.zeros(0, bool)
    return judge.entails(pairs) & judge.entails([(after, before) for before, after in pairs])
