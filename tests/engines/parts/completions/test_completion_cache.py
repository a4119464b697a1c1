"""Kept answers: read back as written, soon on disk, and older shapes passed over."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.completions.completion_cache import KeptAnswers
from engines.parts.completions.generation import Completion, Request, Sampling, TokenChoice
from engines.parts.completions.request_keys import answer_key
from workbench.storage.responses import ResponseStore

LOGPROBS = st.one_of(st.just(-math.inf), st.floats(-50, 0))
CHOICES = st.builds(TokenChoice, st.text(), LOGPROBS, st.lists(st.tuples(st.text(), LOGPROBS), max_size=2).map(tuple))
ANSWERS = st.builds(
    Completion,
    text=st.text(st.characters(codec=None)),
    finish=st.sampled_from(["stop", "length"]),
    prompt_tokens=st.integers(0, 99),
    tokens=st.integers(0, 99),
    computed_tokens=st.just(0),
    choices=st.lists(CHOICES, max_size=2).map(tuple),
    reused=st.just(True),
    truncated=st.integers(0, 9),
)
REQUEST, SAMPLING = Request("p"), Sampling()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory):
    store = ResponseStore(tmp_path_factory.mktemp("kept") / "responses.db")
    yield store
    store.close()


@given(answer=ANSWERS)
def test_an_answer_is_read_back_as_it_was(store: ResponseStore, answer: Completion):
    kept = KeptAnswers(store, "f", "d")
    with kept.writing():
        kept.keep(REQUEST, SAMPLING, answer)
    assert kept.found([REQUEST], SAMPLING) == {REQUEST: answer}


def test_held_answers_are_on_disk_a_moment_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr("engines.parts.completions.completion_cache.time.monotonic", lambda: now[0])
    store = ResponseStore(tmp_path / "responses.db")
    kept, other = KeptAnswers(store, "f", "d"), KeptAnswers(ResponseStore(tmp_path / "responses.db"), "f", "d")
    requests = [Request(str(n)) for n in range(3)]
    with kept.writing():
        for request in requests[:2]:
            kept.keep(request, SAMPLING, Completion("x", "stop", 1, 1, 2))
        assert len(other.found(requests, SAMPLING)) == 1
        now[0] += 0.3
        kept.pulse()
        assert len(other.found(requests, SAMPLING)) == 2


def test_an_answer_of_another_shape_is_passed_over(store: ResponseStore):
    request = Request("older")
    store.keep({answer_key("f", "d", SAMPLING, request): '{"text": "x"}'})
    assert KeptAnswers(store, "f", "d").found([request], SAMPLING) == {}
    store.keep({answer_key("f", "d", SAMPLING, request): "{"})
    assert KeptAnswers(store, "f", "d").found([request], SAMPLING) == {}


def test_without_a_store_nothing_is_kept():
    kept = KeptAnswers(None, "f", "d")
    with kept.writing():
        kept.keep(REQUEST, SAMPLING, Completion("x", "stop", 1, 1, 2))
    assert kept.found([REQUEST], SAMPLING) == {}
    assert kept.notices() == []
