"""Symbolic equality of maths answers, by math-verify in a process of its own that a hostile answer cannot hang.

Design decisions:
- The process is started at the first question and lives on: reading an answer takes milliseconds, starting a second.
- Its CPU time is limited per pair, not the time on the clock, so that a busy machine decides as an idle one does.
- Plain numbers never reach it: they are compared exactly here.
"""

import atexit
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import psutil

from workbench.contract.errors import ModelError

CPU_SECONDS = 5.0
"""Processor time that one pair may take."""

CLOCK_SECONDS = 60.0
"""Time on the clock that one pair may take, for a process that waits instead of computing."""

START_SECONDS = 120.0
LOOK_SECONDS = 0.05
LONGEST_EXPRESSION = 5_000
"""Characters of an answer that are read, from its end, where the result stands."""

ENVIRONMENT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "VIRTUAL_ENV", "HOME", "TMPDIR")
"""What the process is told of the environment: no keys."""


@dataclass(frozen=True)
class MathsVerdict:
    """Whether an answer equals its gold; `problem` says why nothing could be decided, and then `equal` is false."""

    equal: bool
    problem: str = ""


class MathsReader:
    """One reading process, started when it is first needed. Safe to share between threads; close it when done."""

    def __init__(self, cpu_seconds: float = CPU_SECONDS) -> None:
        self._cpu_seconds = cpu_seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[MathsVerdict]:
        """Return verdicts on (gold, answer) pairs, in order. A pair that takes too long costs itself, not the others.

        Raises:
            ModelError: the reading process does not start.
        """
        known: dict[tuple[str, str], MathsVerdict] = {}
        for pair in pairs:
            if pair not in known:
                known[pair] = self._judge(*pair)
        return [known[pair] for pair in pairs]

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _judge(self, gold: str, answer: str) -> MathsVerdict:
        gold, answer = gold[-LONGEST_EXPRESSION:], answer[-LONGEST_EXPRESSION:]
        numbers = _plain_number(gold), _plain_number(answer)
        if None not in numbers:
            return MathsVerdict(numbers[0] == numbers[1])
        with self._lock:
            process = self._ready()
            said = _asked(process, [gold, answer], self._cpu_seconds, CLOCK_SECONDS)
            if said in (b"true\n", b"false\n"):
                return MathsVerdict(said == b"true\n")
            self._end()
        if said is None:
            return MathsVerdict(False, f"Reading it took more than {self._cpu_seconds:g} seconds of processor time.")
        return MathsVerdict(False, "Reading it took more memory than it may, or the reader failed.")

    def _ready(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engines.parts.answers.maths_reader"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            start_new_session=True,
        )
        if _asked(self._process, ["$x$", "$x$"], START_SECONDS, START_SECONDS) != b"true\n":
            self._end()
            raise ModelError(
                "The process that reads maths answers does not start.",
                "Check that math-verify is installed: pip install math-verify",
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    _close(pipe)
            process.wait()


_READER = MathsReader()
# One process serves all methods of a worker, because each costs a second to start; it ends with its standard input,
# should the worker be killed.
atexit.register(_READER.close)


def maths_equal(gold: str, answer: str) -> bool:
    r"""Return whether an answer, read as LaTeX or plain mathematics, equals the gold (1/2, 0.5 and \frac12 do).

    The gold may be bare ("x^2+1") or within a text; of the answer the result is read (boxed, or said to be the answer,
    else the last expression). False where either cannot be read in 5 seconds of processor time.
    """
    return maths_verdicts([(gold, answer)])[0].equal


def maths_verdicts(pairs: Sequence[tuple[str, str]]) -> list[MathsVerdict]:
    """Judge as `maths_equal` for many (gold, answer) pairs, each with the reason where nothing could be decided."""
    return _READER.judge(pairs)


def _asked(process: "subprocess.Popen[bytes]", pair: list[str], cpu: float, clock: float) -> bytes | None:
    """The line that the process answers; empty when it died, None when its time ran out."""
    if process.stdin is None or process.stdout is None:
        return b""
    try:
        process.stdin.write(json.dumps(pair).encode() + b"\n")
        process.stdin.flush()
    except OSError:
        return b""
    begun, spent = time.monotonic(), _cpu_seconds(process)
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        while not waiting.select(LOOK_SECONDS):
            if time.monotonic() - begun > clock or _cpu_seconds(process) - spent > cpu:
                return None
    return process.stdout.readline()


def _cpu_seconds(process: "subprocess.Popen[bytes]") -> float:
    try:
        times = psutil.Process(process.pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


def _close(pipe: object) -> None:
    try:
        pipe.close()  # type: ignore[attr-defined]
    except OSError:
        return


def _plain_number(text: str) -> Fraction | None:
    plain = text.strip().strip("$").strip()
    digits = plain.lstrip("-").replace(".", "", 1)
    return Fraction(plain) if digits.isascii() and digits.isdigit() and len(digits) < 100 and plain[-1] != "." else None
