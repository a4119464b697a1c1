"""What is kept of a run for listings comes back with its record, and goes with it."""

import pytest

from tests.workbench.history.speech import finished
from workbench.contract.errors import RunNotFound, StateError
from workbench.history import History, RunDigest, RunFilter

DIGEST = RunDigest("rows-1", {"holds": 2, "undecided": 1}, 1_000, 400)


@pytest.fixture
def history(tmp_path):
    history = History(tmp_path / "history.db")
    yield history
    history.close()


def test_a_digest_comes_with_the_record_and_in_listings(history: History):
    run, other = finished(history, [1.0]), finished(history, [2.0])
    version = history.record(run).version
    history.keep_digest(run, DIGEST)
    assert history.record(run).digest == DIGEST
    assert {each.run: each.digest for each in history.listing().records} == {run: DIGEST, other: None}
    assert history.record(run).version == version, "pages that show the run have nothing to draw"


def test_disk_use_is_the_sum_of_what_is_kept(history: History):
    assert history.disk_use() == (0, 0)
    for spare in (400, 100):
        history.keep_digest(finished(history, [1.0]), RunDigest("b", {}, 1_000, spare))
    assert history.disk_use() == (2_000, 500)


def test_a_digest_is_replaced_and_forgotten(history: History):
    run = finished(history, [1.0])
    for digest in (DIGEST, RunDigest("rows-2", {}, 1, 0), None):
        history.keep_digest(run, digest)
        assert history.record(run).digest == digest


def test_a_damaged_digest_is_as_none_and_a_purged_run_leaves_none(history: History):
    run = finished(history, [1.0])
    history.keep_digest(run, DIGEST)
    with history._store.writing() as connection:
        connection.execute('UPDATE digests SET body = \'{"bytes": "many"}\'')
    assert history.record(run).digest is None
    history.delete(run)
    history.purge()
    assert history.disk_use() == (0, 0)


def test_what_is_unknown_is_refused(history: History):
    with pytest.raises(RunNotFound):
        history.keep_digest("none-such", DIGEST)


def test_archived_runs_are_listed_where_asked_for(history: History):
    run, other = finished(history, [1.0]), finished(history, [2.0])
    history.archive(run)
    listed = {
        asked: {each.run for each in history.listing(RunFilter(archived=asked)).records}
        for asked in (None, True, False)
    }
    assert listed == {None: {run, other}, True: {run}, False: {other}}
    history.archive(run, archived=False)
    assert history.record(run).archived is False


def test_a_live_run_is_not_archived(history: History):
    from tests.workbench.history.speech import SPEC

    run = history.open_run(SPEC)
    with pytest.raises(StateError, match="queued"):
        history.archive(run)
