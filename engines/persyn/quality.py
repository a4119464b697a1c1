"""Who scores responses: a verifier of final answers, a reward model, a judge, or a column of the responses file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from engines.parts.answers import final_number, maths_verdicts, numbers_equal
from engines.parts.completions import Sampling, chat
from engines.parts.generation import Use, open_generator
from engines.persyn.config import PersynConfig
from workbench.contract import ConfigError, DataError, ModelError, RunLog

if TYPE_CHECKING:
    from engines.parts.models import ModelSource

BATCH = 8
MARK = re.compile(r"-?\d+(?:\.\d+)?")
LOWEST, HIGHEST = 1.0, 10.0


@dataclass(frozen=True)
class Said:
    """A response to score.

    Attributes:
        answer: the right one, "" where none is known.
        score: of the responses file.
    """

    prompt: str
    response: str
    answer: str = ""
    score: float | None = None


class Scorer(Protocol):
    """Scores responses; higher is better."""

    def score(self, said: Sequence[Said]) -> np.ndarray:
        """Score each with one number, shape (n,); NaN where a response cannot be scored."""
        ...


def open_quality(config: PersynConfig, log: RunLog | None = None) -> Scorer:
    """Open the scorer that the settings name.

    Raises:
        ConfigError: it needs a model and none is named.
        ModelError: the model cannot be used.
    """
    if config.quality == "verifier":
        return Verifier()
    if config.quality == "column":
        return Column()
    if not config.quality_model:
        raise ConfigError(
            {"quality_model": f"needed for the quality {config.quality}."},
            "Name a reward model or a judge, or choose the verifier.",
        )
    if config.quality == "judge":
        return Judge(config, log)
    from engines.parts.models import resolve_model

    return RewardModel(resolve_model(config.quality_model))


def is_right(gold: str, response: str) -> bool:
    """Return whether the final answer of a response is right: as numbers exactly, else as mathematics."""
    return bool(verdicts([(gold, response)])[0])


def verdicts(pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """Return whether each (gold, response) is right, shape (n,), bool.

    A gold that is a plain number is compared exactly with the number that the response ends on; any other is read as
    mathematics, in a process of its own that a hostile answer cannot hang.
    """
    found = np.zeros(len(pairs), bool)
    symbolic = [at for at, (gold, _) in enumerate(pairs) if not _is_number(gold)]
    asked = set(symbolic)
    for at, (gold, response) in enumerate(pairs):
        if at not in asked:
            found[at] = numbers_equal(gold, response)
    for at, verdict in zip(symbolic, maths_verdicts([pairs[at] for at in symbolic]), strict=True):
        found[at] = verdict.equal
    return found


def final_of(response: str) -> str:
    """Return the final answer of a response as the verifier reads it, for the reader; "" where it names no number."""
    number = final_number(response)
    if number is None:
        return ""
    return str(number.numerator) if number.denominator == 1 else _plain(number)


def _plain(number: Fraction) -> str:
    exact = Fraction(f"{float(number):.12g}") == number
    return f"{float(number):.12g}" if exact else f"{number.numerator}/{number.denominator}"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*\$?-?\d[\d,]*(\.\d+)?(/\d+)?\s*%?\s*", text) is not None


class Verifier:
    """1 where the final answer is right, 0 where it is wrong: the paper's quality for maths."""

    def score(self, said: Sequence[Said]) -> np.ndarray:
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
    """The score that stands in the responses file."""

    def score(self, said: Sequence[Said]) -> np.ndarray:
        """As the protocol."""
        return np.array([np.nan if each.score is None else each.score for each in said], float)


class Judge:
    """A generator that is asked for a mark from 1 to 10, greedily; an answer without a mark cannot be scored."""

    def __init__(self, config: PersynConfig, log: RunLog | None) -> None:
        if not {"{prompt}", "{response}"} <= set(re.findall(r"\{\w+\}", config.judge_prompt)):
            raise ConfigError(
                {"judge_prompt": "it must hold {prompt} and {response}."}, "Write both where the texts shall stand."
            )
        self._generator = open_generator(config.quality_model, log, config.dtype)
        self._prompt = config.judge_prompt

    def score(self, said: Sequence[Said]) -> np.ndarray:
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

    def score(self, said: Sequence[Said]) -> np.ndarray:
        """As the protocol; without a chat template prompt and response are read as two segments."""
        import torch

        found: list[float] = []
        for start in range(0, len(said), BATCH):
            with torch.inference_mode():
                logits = self._model(**self._read(said[start : start + BATCH])).logits
            found += logits[:, 0].float().tolist()
        return np.array(found, float)

    def _read(self, batch: Sequence[Said]) -> Any:
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
