"""Answer matching: checks per CPU second against a plain SQuAD-style normaliser.

Run `python -m tests.benchmarks.bench_sure` or `pytest -n0 -m benchmark tests/benchmarks/bench_sure.py`. The checks are
those of a run on the bundled questions: passages that BM25 finds (is it Golden?), forms (does it still hold the
answer?) and answers (are they right?), as often as a run makes them. Both sides normalise the gold answers of a
question once; equality is asserted first; ours begins each round with an empty memory. Forms alone, of which none is
seen twice, are reported beside.
"""

import statistics
import time
from collections.abc import Callable

import pytest

from engines.parts.answers.answers import normalised
from engines.parts.answers.gold_answers import GoldAnswers, _searchable
from engines.parts.retrieval.retrieval import Bm25
from engines.sure.config import SureConfig
from engines.sure.forms import rule_forms
from engines.sure.questions import open_questions

ROUNDS = 7
LEAST = 5.0

Checks = list[tuple[tuple[str, ...], str]]


def checks() -> tuple[Checks, Checks]:
    """All checks of a run, and those of forms alone: gold answers with a text."""
    config = SureConfig(questions=80)
    asked = open_questions(config)
    pool = [document.plain() for document in asked.pool]
    index = Bm25(pool)
    whole, forms = [], []
    for one in asked.questions:
        own = [(one.answers, form.text) for form in rule_forms(one.documents[0], config)]
        found = [(one.answers, pool[hit.passage]) for hit in index.search(one.question, config.oracle_documents)]
        said = [f"The answer to this question is {answer}." for answer in (*one.answers, "not in the document")]
        # Every form is judged beside the answer from the document before the change.
        answers = [(one.answers, said[at % len(said)]) for at in range(len(own))] + [(one.answers, said[0])] * len(own)
        forms += own
        whole += [*found, *own, *answers]
    return whole, forms


def by_plain_normaliser(found: Checks) -> list[bool]:
    """Each text normalised letter by letter, as SQuAD's script does, and searched for the normalised gold answers."""
    golds: dict[tuple[str, ...], list[str]] = {}
    said = []
    for answers, text in found:
        if answers not in golds:
            golds[answers] = [f" {normalised(answer)} " for answer in answers]
        read = f" {normalised(text.replace('<', ' ').replace('>', ' '))} "
        said.append(any(gold in read for gold in golds[answers]))
    return said


def by_ours(found: Checks) -> list[bool]:
    """As a run checks them, with an empty memory."""
    _searchable.cache_clear()
    golds: dict[tuple[str, ...], GoldAnswers] = {}
    said = []
    for answers, text in found:
        if answers not in golds:
            golds[answers] = GoldAnswers(answers)
        said.append(golds[answers].within(text))
    return said


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of the process."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def measured(found: Checks) -> tuple[float, float, float]:
    """Ratio of medians (plain over ours), and the lowest and highest ratio of neighbouring rounds."""
    assert by_ours(found) == by_plain_normaliser(found)
    rounds = [(seconds(lambda: by_plain_normaliser(found)), seconds(lambda: by_ours(found))) for _ in range(ROUNDS)]
    plain, ours = (statistics.median(side) for side in zip(*rounds, strict=True))
    ratios = [a / b for a, b in rounds]
    return plain / ours, min(ratios), max(ratios)


@pytest.mark.benchmark
def test_matching_is_five_times_as_fast_as_a_plain_normaliser():
    whole, forms = checks()
    for name, found, least in (("a run", whole, LEAST), ("forms alone", forms, 0.0)):
        ratio, low, high = measured(found)
        print(f"{name}: {len(found)} checks, {ratio:.1f}x ({low:.1f} to {high:.1f})")
        assert ratio >= least, name


if __name__ == "__main__":
    test_matching_is_five_times_as_fast_as_a_plain_normaliser()
