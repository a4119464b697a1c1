"""What people and the bench change: names, tags, states, deletion and its undo."""

import os

import pytest

from tests.workbench.history.speech import SPEC, begin, finished, take_up
from workbench.contract.errors import ConfigError, ResourceError, RunNotFound, StateError
from workbench.contract.runs import RunSpec


def test_one_key_is_one_run_per_owner(history):
    run = history.open_run(SPEC, key="click", owner="ada")
    assert history.open_run(SPEC, key="click", owner="ada") == run
    assert history.open_run(SPEC, key="click", owner="bob") != run
    assert history.open_run(SPEC) != history.open_run(SPEC)


@pytest.mark.parametrize("name", ["taken", "../up", "", "Upper", "a\n", "a" * 65])
def test_a_taken_or_hostile_id_is_refused(history, name):
    history.open_run(SPEC, run="taken")
    with pytest.raises(StateError):
        history.open_run(SPEC, run=name)


def test_a_new_run_waits(history):
    record = history.record(history.open_run(SPEC, owner="ada", title="  A\ttitle\n", origin="example"))
    assert (record.state, record.owner, record.title, record.origin) == ("queued", "ada", "A title", "example")
    assert (record.spec, record.live, record.resumable, record.attempt) == (SPEC, True, False, 0)


def test_settings_that_are_no_text_are_refused(history):
    with pytest.raises(ConfigError, match="settings"):
        history.open_run(RunSpec(engine="counting", settings={"prompt": "\ud800"}))
    assert history.listing().records == ()


def test_state_changes_only_from_an_expected_state(history):
    run = history.open_run(SPEC)
    assert not history.set_state(run, "running", expect={"starting"})
    assert not history.set_state(run, "running", expect=())
    assert history.set_state(run, "starting", expect={"queued", "stopping"})
    version = history.record(run).version
    error = ResourceError("Out of memory.", "Use a smaller batch.")
    assert history.set_state(run, "failed", expect={"starting"}, error=error)
    record = history.record(run)
    assert (record.error_code, record.error, record.hint) == ("resource", "Out of memory.", "Use a smaller batch.")
    assert record.ended is not None and record.version > version
    assert record.resumable
    history.set_state(run, "queued", expect={"failed"})
    assert (history.record(run).error, history.record(run).ended) == ("", None)


def test_names_notes_and_tags(history):
    run = history.open_run(SPEC)
    version = history.record(run).version
    history.rename(run, "<script>alert(1)</script> =1+1")
    history.set_note(run, "line 1\nline 2\x00")
    history.set_tags(run, ["b", " a ", "b", ""])
    history.star(run)
    record = history.record(run)
    assert record.title == "<script>alert(1)</script> =1+1"
    assert (record.note, record.tags, record.starred) == ("line 1\nline 2", ("a", "b"), True)
    assert record.version == version + 4
    history.star(run, False)
    assert not history.record(run).starred


@pytest.mark.parametrize(
    ("act", "value", "field"),
    [
        ("rename", "x" * 201, "title"),
        ("set_note", "x" * 20_001, "note"),
        ("set_tags", ["x" * 41], "tags"),
        ("set_tags", [str(n) for n in range(21)], "tags"),
    ],
)
def test_what_is_too_long_is_refused_and_nothing_changed(history, act, value, field):
    run = history.open_run(SPEC)
    before = history.record(run)
    with pytest.raises(ConfigError) as told:
        getattr(history, act)(run, value)
    assert list(told.value.problems) == [field]
    assert history.record(run) == before


def test_delete_can_be_undone(history):
    run = finished(history, [1.0])
    history.delete(run)
    assert history.listing().records == ()
    assert history.record(run).deleted
    assert history.counts() == {}
    history.undelete(run)
    assert [found.run for found in history.listing().records] == [run]
    assert history.folder(run).events.exists()
    assert history.purge() == []


def test_a_live_run_is_not_deleted(history):
    run, _ = begin(history)
    with pytest.raises(StateError, match="is queued"):
        history.delete(run)
    assert not history.record(run).deleted


def test_purge_removes_rows_folder_and_questions(history):
    run, kept = finished(history, [1.0]), finished(history, [2.0])
    question = RunSpec(engine="counting", settings={}, purpose="ask", parent=run)
    ask, speech = begin(history, question)
    speech.say("finished", seconds=1.0)
    take_up(history, ask)
    history.delete(run)
    assert history.purge(before=0.0) == []
    assert sorted(history.purge()) == sorted([run, ask])
    for gone in (run, ask):
        assert not history.folder(gone).path.exists()
        with pytest.raises(RunNotFound):
            history.record(gone)
        with pytest.raises(RunNotFound):
            history.undelete(gone)
    assert history.versions(kept) == {"Outcome": 1}
    assert history.check() == []


def test_purge_never_follows_a_link(history, tmp_path):
    run = finished(history, [1.0])
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("kept")
    folder = history.folder(run).path
    folder.rename(tmp_path / "moved")
    os.symlink(outside, folder)
    history.delete(run)
    history.purge()
    assert (outside / "precious").read_text() == "kept"
    assert not folder.is_symlink()
