"""Quality of responses: by a verifier of final answers, a reward model, a judge, or a score that came with them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from engines.parts.answers.verdicts import verdicts
from engines.parts.completions.generation import Sampling
from engines.parts.completions.prompts import chat
from engines.parts.generation.generator import Use, open_generator
from engines.parts.models.dtype import DtypeName
from workbench.contract.errors import ConfigError, DataError, ModelError
from workbench.contract.run_log import RunLog

if TYPE_CHECKING:
    from engines.parts.models.models import ModelSource

BATCH = 8
MARK = re.compile(r"-?\d+(?:\.\d+)?")
LOWEST, HIGHEST = 1.0, 10.0


@dataclass(frozen=True)
class ScoredResponse:
    """A response to score, with its prompt.

    Attributes:
        answer: the right one, "" where none is known.
        score: that came with it, None without.
    """

    prompt: str
    response: str
    answer: str = ""
    score: float | None = None


class QualityScorer(Protocol):
    """Scores responses; higher is better."""

    def score(self, said: Sequence[ScoredResponse]) -> np.ndarray:
        """Score each with one number, shape (n,); NaN where a response cannot be scored."""
        ...


@dataclass(frozen=True)
class QualitySettings:
    """How the quality of responses is scored.

    Attributes:
        model: of the reward model or judge; "" for the others.
        judge_prompt: holds {prompt} and {response}.
        dtype: of the judge.
    """

    kind: Literal["verifier", "reward_model", "judge", "column"]
    model: str
    judge_prompt: str
    dtype: DtypeName


def open_quality(settings: QualitySettings, log: RunLog | None = None) -> QualityScorer:
    """Open the scorer that the settings name.

    Raises:
        ConfigError: it needs a model and none is named.
        ModelError: the model cannot be used.
    """
    if settings.kind == "verifier":
        return Verifier()
    if settings.kind == "column":
        return Column()
    if not settings.model:
        raise ConfigError(
            {"quality_model": f"needed for the quality {settings.kind}."},
            "Name a reward model or a judge, or choose the verifier.",
        )
    if settings.kind == "judge":
        return Judge(settings, log)
    from engines.parts.models.models import resolve_model

    return RewardModel(resolve_model(settings.model))


class Verifier:
    """1 where the final answer is right, 0 where it is wrong: the paper's quality for maths."""

    def score(self, said: Sequence[ScoredResponse]) -> np.ndarray:
        """As the protocol.

        Raises:
            DataError: a prompt has no right answer to compare with.
        """
        missing = next((each for each in said if not each.answer), None)
        if missing:
            raise DataError(
                f"There is no right answer to {missing.prompt[:80]!r}, so that a verifier cannot score responses.",
                "Name the column that holds the right answers (answer=COLUMN), or choose another scorer of quality.",
                field="answer",
            )
        return verdicts([(each.answer, each.response) for each in said]).astype(float)


class Column:
    """The score that came with each response, as from a column of a file."""

    def score(self, said: Sequence[ScoredResponse]) -> np.ndarray:
        """As the protocol."""
        return np.array([np.nan if each.score is None else each.score for each in said], float)


class Judge:
    """A generator that is asked for a mark from 1 to 10, greedily; an answer without a mark cannot be scored."""

    def __init__(self, settings: QualitySettings, log: RunLog | None) -> None:
        if not {"{prompt}", "{response}"} <= set(re.findall(r"\{\w+\}", settings.judge_prompt)):
            raise ConfigError(
                {"judge_prompt": "it must hold {prompt} and {response}."}, "Write both where the texts shall stand."
            )
        self._generator = open_generator(settings.model, log, settings.dtype)
        self._prompt = settings.judge_prompt

    def score(self, said: Sequence[ScoredResponse]) -> np.ndarray:
        """As the protocol."""
        filled = [
            self._prompt.replace("{prompt}", each.prompt, 1).replace("{response}", each.response, 1) for each in said
        ]
        answers = self._generator.generate([chat(text) for text in filled], Sampling(max_tokens=8), Use("Judge"))
        return np.array([mark_of(one[0].text) for one in answers], float)


def mark_of(answer: str) -> float:
    """Return the first number of a judge's answer, kept within 1 and 10; NaN where there is none."""
    found = MARK.search(answer)
    return min(HIGHEST, max(LOWEST, float(found[0]))) if found else float("nan")


class RewardModel:
    """A sequence-classification model with one output, read on the chat of prompt and response.

    Raises:
        ModelError: the model cannot be loaded, or gives more than one number.
    """

    def __init__(self, source: "ModelSource") -> None:
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        place, told = source.path, {"trust_remote_code": False, "local_files_only": True}
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(place, **told)
            self._model: Any = AutoModelForSequenceClassification.from_pretrained(place, use_safetensors=True, **told)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{source.name} cannot be used as a reward model: {str(error)[:200]}",
                "Choose a model of sequence classification with one output.",
            ) from error
        self._model.eval()
        if self._model.config.num_labels != 1:
            raise ModelError(
                f"{source.name} gives {self._model.config.num_labels} numbers; a reward model gives one.",
                "Choose a reward model, such as one of the Skywork-Reward family.",
            )
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        self._model.config.pad_token_id = self._tokenizer.pad_token_id

    def score(self, said: Sequence[ScoredResponse]) -> np.ndarray:
        """As the protocol; without a chat template prompt and response are read as two segments."""
        import torch

        found: list[float] = []
        for start in range(0, len(said), BATCH):
            with torch.inference_mode():
                logits = self._model(**self._read(said[start : start + BATCH])).logits
            found += logits[:, 0].float().tolist()
        return np.array(found, float)

    def _read(self, batch: Sequence[ScoredResponse]) -> Any:
        told = {"padding": True, "truncation": True, "return_tensors": "pt"}
        if not self._tokenizer.chat_template:
            prompts, responses = [each.prompt for each in batch], [each.response for each in batch]
            return self._tokenizer(prompts, responses, **told)
        chats = [
            [{"role": "user", "content": each.prompt}, {"role": "assistant", "content": each.response}]
            for each in batch
        ]
        texts = [self._tokenizer.apply_chat_template(turns, tokenize=False) for turns in chats]
        return self._tokenizer(texts, add_special_tokens=False, **told)
