"""Whether a rewritten document says what the original says: entailment both ways, by a judge of one's choice."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engines.parts.completions import Sampling
from engines.parts.generation import Generator, Use
from engines.sure.config import SureConfig
from engines.sure.reading import laid_out
from workbench.contract import ModelError

if TYPE_CHECKING:
    from engines.parts.models import ModelSource

ASK = (
    "Does the first text entail the second, that is, must everything the second text says be true if the first one is? "
    "Reply with one word: entail, neutral or contradict.\n\nFirst text:\n{premise}\n\nSecond text:\n{hypothesis}"
)
BATCH = 8
Pair = tuple[str, str]


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
