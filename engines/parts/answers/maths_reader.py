"""The child process of `maths_answers`: reads pairs of answers as mathematics and says whether they are equal.

One JSON line [gold, answer] in, one line true or false out. The parser and the simplifier have no bounds of their own
(9^9^9^9 is two seconds of typing and an eternity of arithmetic), so this process limits its memory and its files, and
whoever started it watches its time.
"""

import json
import logging
import os
import resource
import sys
from typing import Any

MEMORY_BYTES = 1 << 30
"""Private memory of the process; the libraries take 60 MB of it."""


def serve() -> None:
    """Answer pairs from standard input until it ends; the whole of `python -m engines.parts.answers.maths_reader`."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # A library that prints must not answer.
    logging.disable(logging.CRITICAL)
    _limit()
    for line in sys.stdin:
        answers.write(json.dumps(equal(*json.loads(line))) + "\n")
        answers.flush()


def equal(gold: str, answer: str) -> bool:
    """Return whether the answer, read as mathematics, equals the gold; false where either cannot be read."""
    from math_verify import verify

    try:
        wanted = _expressions(gold)
        return any(verify(wanted, found, timeout_seconds=None) for found in _readings(answer))
    except (ArithmeticError, ValueError, TypeError, AttributeError, LookupError, RecursionError, NotImplementedError):
        return False


def _expressions(text: str) -> list[Any]:
    # Between dollars nearly anything is read as LaTeX; without them only numbers and marked results are.
    from math_verify import parse

    bare = "$" not in text and "\\boxed" not in text and "\\(" not in text and "\\[" not in text
    return parse(f"${text.strip()}$" if bare else text, parsing_timeout=None)


def _readings(answer: str) -> list[list[Any]]:
    from math_verify import parse

    if "\n" in answer.strip() or len(answer.split()) > 8:
        return [parse(answer, parsing_timeout=None)]
    return [_expressions(answer), parse(answer, parsing_timeout=None)]


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    serve()
