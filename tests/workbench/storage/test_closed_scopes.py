"""Closed scopes: what an extension says anew, what goes with a value of another key, what is left behind."""

from workbench.storage.closed_scopes import ClosedScopes


def closed(*scopes: str | tuple[str, str], extension: int = 0) -> ClosedScopes:
    """Scopes closed in this order, each a path or (path, key), before the first extension."""
    found = ClosedScopes()
    for scope in scopes:
        path, key = (scope, "") if isinstance(scope, str) else scope
        found.take({"kind": "closed", "scope": path, "key": key})
    found.extension = extension
    return found


def test_events_close_and_reopen() -> None:
    scopes = ClosedScopes()
    for kind, scope in (("started", ""), ("closed", "a"), ("closed", "a/b"), ("reopened", "a"), ("row", "a")):
        scopes.take({"kind": kind, "scope": scope})
    assert list(scopes) == ["a/b"]
    scopes.take({"kind": "finished", "scope": ""})
    assert "" in scopes
    scopes.take({"kind": "started", "scope": "", "extension": 3})
    assert scopes.extension == 3


def test_a_run_resumed_says_no_phase_anew() -> None:
    scopes = closed("a", "a/once:x", "b")
    assert scopes.reopen_phases() == []
    assert scopes.reopen_unpassed() == []


def test_an_extended_run_says_its_phases_anew_but_none_inside_a_kept_value() -> None:
    scopes = closed("cell:m/0/Train", "cell:m/0", "Sum up", "Sum up/once:x/inner", "Sum up/once:x", "", extension=1)
    assert scopes.reopen_phases() == ["Sum up", ""]
    assert list(scopes) == ["cell:m/0/Train", "cell:m/0", "Sum up/once:x/inner", "Sum up/once:x"]


def test_a_phase_said_in_this_extension_stays_when_it_is_resumed() -> None:
    scopes = closed("a", "b")
    scopes.take({"kind": "started", "scope": "", "extension": 1})
    scopes.take({"kind": "reopened", "scope": "a"})
    scopes.take({"kind": "closed", "scope": "a"})
    assert scopes.reopen_phases() == ["b"]
    assert list(scopes) == ["a"]


def test_a_value_is_kept_under_its_key_alone() -> None:
    scopes = closed(("once:x", "8"), "once:y")
    assert scopes.keeps("once:x", "8")
    assert not scopes.keeps("once:x", "9")
    assert scopes.keeps("once:y", "")
    assert not scopes.keeps("once:y", "8")
    assert not scopes.keeps("once:z", "")


def test_what_lies_inside_goes_with_a_value_unless_it_has_a_key_of_its_own() -> None:
    inside = [
        "cell:m/0/Answer",
        ("cell:m/0/once:training", "training"),
        "cell:m/0/once:training/Train",
        "cell:m/0/Answer/once:plain",
        ("cell:m/0/Answer/once:plain/once:block", "0-5"),
        "cell:m/0/Answer/once:plain/phase",
    ]
    scopes = closed("cell:m/00", *inside, ("cell:m/0", "8"))
    gone = scopes.reopen_around("cell:m/0")
    assert gone == ["cell:m/0/Answer", "cell:m/0/Answer/once:plain", "cell:m/0/Answer/once:plain/phase", "cell:m/0"]
    assert scopes.reopen_around("cell:m/0") == [], "once"
    assert "cell:m/00" in scopes


def test_what_was_passed_stays_though_its_name_begins_as_that_of_another() -> None:
    scopes = closed(("cell:m/0", "8"), "cell:m/0/judge")
    assert scopes.keeps("cell:m/0/judge", "")
    assert scopes.reopen_around("cell:m/0") == ["cell:m/0"]


def test_what_an_extended_recipe_does_not_pass_goes_at_its_end() -> None:
    scopes = closed("once:old", "once:old/phase", "once:kept", "once:kept/phase", ("once:new", "1"), extension=1)
    assert scopes.keeps("once:kept", "")
    assert scopes.reopen_around("once:new") == ["once:new"]
    assert scopes.reopen_unpassed() == ["once:old", "once:old/phase"]
    assert list(scopes) == ["once:kept", "once:kept/phase"]
