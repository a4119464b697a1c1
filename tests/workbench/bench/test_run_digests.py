"""Verdict words are made once, kept with the record, and made anew only when rows, attempt or claims are others."""

from pathlib import Path

import pytest

from tests.desks import add_run, open_desk
from tests.rooms import ENGINES
from workbench.bench import run_digests
from workbench.bench.run_digests import DigestKeeper, basis_of, is_current, make_digest
from workbench.contract.fields import read_spec
from workbench.history import History, RunDigest


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """A desk with a finished run of the counting toy."""
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        run = desk.bench.start(read_spec(desk.engines["counting"]))
        assert desk.bench.wait(run, 120).state == "finished"
        yield desk, run


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Runs of which a digest was made, in order."""
    made: list[str] = []
    real = run_digests.make_digest

    def counting(history, record, engine):
        made.append(record.run)
        return real(history, record, engine)

    monkeypatch.setattr(run_digests, "make_digest", counting)
    return made


def test_the_words_are_those_of_the_verdicts_and_the_folder_is_measured(counted):
    from workbench.bench.results import result_of

    desk, run = counted
    digest = make_digest(desk.history, desk.history.record(run), ENGINES["counting"])
    words = [verdict.verdict for verdict in result_of(desk.history, ENGINES, run).judged]
    assert sum(digest.verdicts.values()) == len(words) > 0
    assert digest.verdicts == {word: words.count(word) for word in digest.verdicts}
    assert digest.bytes > digest.spare >= 0


def test_a_run_is_judged_once_however_often_it_is_listed(counted, judged):
    desk, run = counted
    keeper = DigestKeeper(desk.history, desk.engines)
    for _ in range(3):
        keeper.want(desk.history.listing().records)
        keeper.settle()
    assert judged == [run]
    assert is_current(desk.history.record(run), ENGINES["counting"])


def test_another_basis_has_it_made_anew(counted, judged):
    desk, run = counted
    desk.history.keep_digest(run, RunDigest("of other rows", {"holds": 99}, 0, 0))
    keeper = DigestKeeper(desk.history, desk.engines)
    assert not is_current(desk.history.record(run), ENGINES["counting"])
    keeper.want([desk.history.record(run)])
    keeper.settle()
    assert judged == [run] and desk.history.record(run).digest.verdicts != {"holds": 99}


def test_a_live_run_is_left_alone_and_a_failed_one_has_no_verdicts(counted, judged):
    desk, _ = counted
    live, failed = add_run(desk, "steering"), add_run(desk, "steering")
    desk.history.set_state(failed, "failed", expect=["queued"])
    keeper = DigestKeeper(desk.history, desk.engines)
    keeper.want([desk.history.record(live), desk.history.record(failed)])
    keeper.settle()
    assert judged == [failed]
    assert desk.history.record(failed).digest.verdicts == {}


def test_a_run_that_cannot_be_judged_is_not_tried_at_every_look(counted, monkeypatch):
    desk, _ = counted
    run = add_run(desk)
    desk.history.set_state(run, "stopped", expect=["queued"])
    tried = []

    def beyond(history, record, engine):
        tried.append(record.run)
        raise KeyError("a column of another version")

    monkeypatch.setattr(run_digests, "make_digest", beyond)
    keeper = DigestKeeper(desk.history, desk.engines)
    for _ in range(3):
        keeper.want([desk.history.record(run)])
        keeper.settle()
    assert tried == [run]


def test_a_run_whose_method_is_not_installed_is_measured_and_not_judged(counted):
    desk, run = counted
    digest = make_digest(desk.history, desk.history.record(run), None)
    assert digest.verdicts == {} and digest.bytes > 0
    assert basis_of(desk.history.record(run), None) != basis_of(desk.history.record(run), ENGINES["counting"])


def test_a_history_that_is_closed_meanwhile_ends_the_work(tmp_path: Path):
    with open_desk(tmp_path) as desk:
        run = add_run(desk)
        desk.history.set_state(run, "stopped", expect=["queued"])
        record = desk.history.record(run)
    closed = History(tmp_path / "history.db")
    closed.close()
    keeper = DigestKeeper(closed, ENGINES)
    keeper.want([record])
    keeper.settle()
    assert keeper._thread is None
