"""Which rows are committed, event by event."""

from workbench.storage.committed_scopes import CommittedScopes


def test_a_new_attempt_drops_what_was_not_closed() -> None:
    scopes = CommittedScopes()
    for scope in ("a", "b", ""):
        scopes.say(scope)
    scopes.take("closed", "a")
    assert set(scopes.take("started", "")) == {"b", ""}
    assert not scopes.take("started", "")
    assert "a" in scopes and "b" not in scopes


def test_what_is_said_in_a_closed_scope_is_committed_at_once() -> None:
    scopes = CommittedScopes(closed={"a"})
    scopes.say("a")
    assert not scopes.take("started", "")


def test_a_reopened_scope_is_dropped_though_it_was_closed_before() -> None:
    scopes = CommittedScopes(uncommitted=["b"], closed={"a", "b/once:x"})
    assert scopes.take("reopened", "a") == ("a",)
    scopes.say("a")
    assert set(scopes.take("started", "")) == {"a", "b"}
    scopes.take("closed", "a")
    assert (scopes.newly_closed, scopes.newly_reopened, scopes.uncommitted) == ({"a"}, set(), set())


def test_the_end_commits_the_rows_of_the_run_itself() -> None:
    scopes = CommittedScopes()
    scopes.say("")
    scopes.take("finished", "")
    scopes.take("progress", "a")
    assert not scopes.take("started", "")
