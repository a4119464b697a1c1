"""The playground's recipe: each model answers in turn, so that none takes the cores from another's measured speed."""

import time
from collections.abc import Callable
from math import exp

from engines.parts.completions import Completion, Prompt, Sampling, chat
from engines.parts.generation import Generator, Use, keep_speed, open_generator
from workbench.contract import RunLog, RunStopped, WorkbenchError
from workbench.tool_questions.playground import Answered, AnswerPiece, AnswerToken, Prompting, Unanswered

ALTERNATIVES = 5
SERVED = "openai:"
PIECE_SECONDS = 0.15
"""Pieces of a growing answer are told at most this often."""


def run(question: Prompting, log: RunLog) -> None:
    """Let every model answer; one that cannot says why, and the others go on.

    Raises:
        RunStopped: the user pressed Stop.
    """
    for place, ref in enumerate(question.models):
        with log.phase(f"Answer {place + 1} of {len(question.models)}: {ref}"):
            try:
                answer(question, place, log)
            except RunStopped:
                raise
            except WorkbenchError as error:
                log.row(Unanswered(model=place, ref=ref, message=str(error), hint=error.hint))


def answer(question: Prompting, place: int, log: RunLog) -> None:
    """Return one model's answer, in pieces as it grows and then token by token.

    Raises:
        ModelError: the model or server cannot be used, or not for this prompt.
        DataError: the prompt is too long for the model, or a bundled model cannot be had.
        ResourceError: it does not fit in memory.
        RunStopped: the user pressed Stop.
    """
    ref = question.models[place]
    generator = open_generator(ref, log)
    begun = time.perf_counter()
    use = Use(stage="Answer", arm="", seed=question.seed)
    pieces = _Pieces(place, log)
    completion = generator.generate([prompt_of(question)], sampling_of(question), use, pieces.hear)[0][0]
    seconds = time.perf_counter() - begun
    pieces.close(completion.text)
    for at, choice in enumerate(completion.choices):
        alternatives = tuple((text, exp(logprob)) for text, logprob in choice.alternatives)
        token = AnswerToken(
            model=place, place=at, text=choice.text, probability=exp(choice.logprob), alternatives=alternatives
        )
        log.row(token)
    log.row(_answered(ref, place, generator, completion, seconds))


def prompt_of(question: Prompting) -> Prompt:
    """Return the prompt as a model takes it: turns of a chat, or a text to be continued."""
    if question.reading == "chat":
        return chat(question.prompt, question.system)
    return f"{question.system}\n\n{question.prompt}" if question.system else question.prompt


def sampling_of(question: Prompting) -> Sampling:
    """Return how to answer, with probabilities and alternatives."""
    return Sampling(
        max_tokens=question.max_tokens,
        temperature=question.temperature,
        seed=question.seed,
        logprobs=True,
        alternatives=ALTERNATIVES,
    )


class _Pieces:
    """Tells a growing answer in pieces, each only what is new."""

    def __init__(self, place: int, log: RunLog, clock: Callable[[], float] = time.monotonic) -> None:
        self._place, self._log, self._clock = place, log, clock
        self._told, self._next = "", 0.0

    def hear(self, index: int, text: str) -> None:
        if self._clock() >= self._next:
            self._tell(text)
            self._next = self._clock() + PIECE_SECONDS

    def close(self, text: str) -> None:
        self._tell(text)

    def _tell(self, text: str) -> None:
        if text != self._told:
            begin = _common(self._told, text)
            self._log.row(AnswerPiece(model=self._place, begin=begin, text=text[begin:]))
            self._told = text


def _common(first: str, second: str) -> int:
    """Characters that two texts share at their beginning."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, pair in pairs if pair[0] != pair[1]), min(len(first), len(second)))


def _answered(ref: str, place: int, generator: Generator, completion: Completion, seconds: float) -> Answered:
    speed = None
    if not completion.reused:
        speed = keep_speed(generator.fingerprint, generator.dtype, completion.tokens, seconds)
        if ref.startswith(SERVED):
            # A list cannot know a server's fingerprint without asking it: it finds the speed by the reference.
            keep_speed(ref, "", completion.tokens, seconds)
    return Answered(
        model=place, ref=ref, name=generator.name, text=completion.text, finish=completion.finish,
        prompt_tokens=completion.prompt_tokens, tokens=completion.tokens, dtype=generator.dtype,
        reused=completion.reused, seconds=seconds, tokens_per_second=speed,
    )  # fmt: skip
