"""The generator: order, equal requests, the cache, the ledger, and Stop."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.completions.generation import Request, Sampling
from engines.parts.completions.prompts import chat
from engines.parts.generation.generator import Generator, Use
from engines.parts.rows.token_use import TokenUse
from tests.engines.parts.heard_log import HeardLog
from tests.engines.parts.scripted_backend import ScriptedBackend
from workbench.contract.errors import DataError, ModelError, RunStopped
from workbench.storage.responses import ResponseStore

USE = Use("Answer", "method", 3)
WARM = Sampling(temperature=1.0, n=2, seed=5)


@pytest.fixture
def store(tmp_path: Path):
    store = ResponseStore(tmp_path / "responses.db")
    yield store
    store.close()


@given(st.lists(st.sampled_from(["a", "b c", "d"]), max_size=6), st.integers(1, 3))
def test_answers_come_by_prompt_then_sample(prompts: list[str], n: int):
    answers = Generator(ScriptedBackend()).generate(prompts, Sampling(temperature=1.0, n=n), USE)
    assert [[text.text.rsplit(" ", 1)[0] for text in of_prompt] for of_prompt in answers] == [
        [f"{prompt} {sample}" for sample in range(n)] for prompt in prompts
    ]


def test_an_answer_does_not_depend_on_its_neighbours():
    alone = Generator(ScriptedBackend()).generate(["b"], WARM, USE)[0]
    beside = Generator(ScriptedBackend()).generate(["a", "b", chat("b")], WARM, USE)
    assert beside[1] == alone
    assert beside[2] != alone


def test_equal_requests_are_computed_once_and_counted_by_what_was_asked():
    backend, log = ScriptedBackend(), HeardLog()
    answers = Generator(backend, log.as_log()).generate(["a b", "a b"], Sampling(n=3), USE)
    assert backend.asked == [Request("a b", 0)]
    assert [[text.reused for text in of_prompt] for of_prompt in answers] == [[False, True, True], [True, True, True]]
    (entry,) = log.rows
    assert isinstance(entry, TokenUse)
    assert entry.model_dump(exclude={"seconds"}) == {
        "stage": "Answer", "arm": "method", "seed": 3, "model": "scripted",
        "calls": 6, "prompt_tokens": 12, "completion_tokens": 18, "cut": 0, "empty": 0,
        "computed_tokens": 5, "reused": 5,
    }  # fmt: skip
    assert entry.seconds > 0


def test_unfinished_and_empty_answers_are_counted():
    class Shortened(ScriptedBackend):
        def _answer(self, index, request, sampling, listen):
            found = super()._answer(index, request, sampling, listen)
            return replace(found, text="" if request.prompt == "b" else found.text, finish="length")

    log = HeardLog()
    Generator(Shortened(), log.as_log()).generate(["a", "b", "c"], Sampling(), USE)
    assert (log.rows[0].cut, log.rows[0].empty) == (3, 1)


def test_a_generator_anew_reads_again_what_was_kept(store: ResponseStore):
    backend = ScriptedBackend()
    kept = Generator(backend, store=store)
    kept.generate(["a"], Sampling(), USE)
    assert kept.generate(["a"], Sampling(), USE)[0][0].reused
    assert not kept.anew().generate(["a"], Sampling(), USE)[0][0].reused
    assert len(backend.asked) == 2


def test_kept_answers_are_left_where_only_all_of_them_will_do(store: ResponseStore):
    Generator(ScriptedBackend(), store=store).generate(["a", "b"], WARM, USE)
    backend = ScriptedBackend()
    Generator(backend, store=store).generate(["a", "c"], WARM, USE, whole=True)
    assert sorted(str(request.prompt) for request in backend.asked) == ["a", "a", "c", "c"]
    again = ScriptedBackend()
    Generator(again, store=store).generate(["c", "a"], WARM, USE, whole=True)
    assert again.asked == []


def test_kept_answers_of_a_server_are_taken_one_by_one(store: ResponseStore):
    Generator(ScriptedBackend(), store=store).generate(["a"], Sampling(), USE)
    server = ScriptedBackend(runs_here=False)
    Generator(server, store=store).generate(["a", "c"], Sampling(), USE, whole=True)
    assert [str(request.prompt) for request in server.asked] == ["c"]


def test_kept_answers_are_found_by_another_generator(store: ResponseStore):
    first = Generator(ScriptedBackend(), store=store).generate(["a", "b"], WARM, USE)
    backend, log, heard = ScriptedBackend(), HeardLog(), []
    again = Generator(backend, log.as_log(), store).generate(
        ["b", "a"], WARM, USE, lambda place, text: heard.append((place, text))
    )
    assert not backend.asked
    assert [[a.text for a in answers] for answers in reversed(again)] == [
        [a.text for a in answers] for answers in first
    ]
    assert all(a.reused and a.computed_tokens == 0 for answers in again for a in answers)
    assert sorted(heard) == [(place, a.text) for place, a in enumerate([*again[0], *again[1]])]
    assert isinstance(log.rows[0], TokenUse) and log.rows[0].reused == 4 and log.rows[0].prompt_tokens == 4
    assert log.told[-1] == (4, 4, "answers")


@pytest.mark.parametrize(
    "changed",
    [{"fingerprint": "0" * 16}, {"dtype": "bfloat16"}],
)
def test_another_model_finds_nothing(store: ResponseStore, changed: dict[str, str]):
    Generator(ScriptedBackend(), store=store).generate(["a"], WARM, USE)
    backend = ScriptedBackend(**changed)
    Generator(backend, store=store).generate(["a"], WARM, USE)
    assert len(backend.asked) == 2


def test_another_seed_finds_greedy_answers_only(store: ResponseStore):
    greedy, warm = Sampling(seed=1), Sampling(seed=1, temperature=0.5)
    for sampling in (greedy, warm):
        Generator(ScriptedBackend(), store=store).generate(["a"], sampling, USE)
    backend = ScriptedBackend()
    Generator(backend, store=store).generate(["a"], Sampling(seed=2, n=2), USE)
    assert not backend.asked
    Generator(backend, store=store).generate(["a"], Sampling(seed=2, temperature=0.5), USE)
    assert backend.asked == [Request("a")]


def test_more_samples_need_only_the_new_ones(store: ResponseStore):
    Generator(ScriptedBackend(), store=store).generate(["a"], Sampling(temperature=1, n=2), USE)
    backend = ScriptedBackend()
    Generator(backend, store=store).generate(["a"], Sampling(temperature=1, n=4), USE)
    assert {request.sample for request in backend.asked} == {2, 3}


def test_what_finished_before_a_failure_is_kept(store: ResponseStore):
    def fail(request: Request) -> None:
        if request.prompt == "b":
            raise ModelError("The server is gone.")

    broken = ScriptedBackend(before=fail)
    with pytest.raises(ModelError, match="gone"):
        Generator(broken, store=store).generate(["a", "b", "c", "d"], Sampling(), USE)
    assert broken.closed == 1
    whole = ScriptedBackend()
    Generator(whole, store=store).generate(["a", "b", "c", "d"], Sampling(), USE)
    assert {request.prompt for request in whole.asked} == {"a", "b"}


def test_stop_ends_the_work_at_the_next_token_and_keeps_what_was_done(store: ResponseStore):
    pressed: list[Request] = []
    log = HeardLog(stop=lambda: bool(pressed))
    backend = ScriptedBackend(before=lambda request: pressed.append(request) if request.prompt == "a" else None)
    with pytest.raises(RunStopped):
        Generator(backend, log.as_log(), store).generate(["a", "b"], Sampling(), USE)
    assert backend.asked == [Request("b")] and backend.closed == 1
    assert not log.rows
    Generator(again := ScriptedBackend(), store=store).generate(["a", "b"], Sampling(), USE)
    assert again.asked == [Request("a")]


def test_a_refused_prompt_is_named_by_its_number_among_those_given(store: ResponseStore):
    Generator(ScriptedBackend(), store=store).generate(["fine"], Sampling(), USE)

    def refuse(request: Request) -> None:
        if request.prompt == "":
            raise DataError("Prompt 2 is empty.", "Write one.", row=2)

    with pytest.raises(DataError, match="Prompt 3 is empty") as refused:
        Generator(ScriptedBackend(before=refuse), store=store).generate(["fine", "other", "", ""], Sampling(), USE)
    assert (refused.value.row, refused.value.hint) == (3, "Write one.")


def test_it_is_the_model_that_it_asks():
    backend = ScriptedBackend()
    generator = Generator(backend)
    assert (generator.name, generator.fingerprint) == (backend.name, backend.fingerprint)
    assert (generator.dtype, generator.context) == (backend.dtype, backend.context)
    assert generator.counts_exactly and generator.count(["a b", "c"]) == [2, 1]


def test_no_prompts_are_no_work():
    log = HeardLog()
    assert Generator(ScriptedBackend(), log.as_log()).generate([], Sampling(n=2), USE) == []
    assert isinstance(log.rows[0], TokenUse) and log.rows[0].calls == 0


def test_a_store_that_cannot_be_used_is_told_and_fails_nothing(tmp_path: Path):
    (tmp_path / "folder.db").mkdir()
    log = HeardLog()
    answers = Generator(ScriptedBackend(), log.as_log(), ResponseStore(tmp_path / "folder.db")).generate(
        ["a"], Sampling(), USE
    )
    assert len(answers) == 1
    assert len(log.notes) == 1 and "not kept" in log.notes[0]
