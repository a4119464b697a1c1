"""Scopes: paths are the same in every attempt, names are used once."""

import json

import pytest

from workbench.contract.errors import StateError
from workbench.worker.scopes import Scope


def test_repeated_phases_are_numbered_and_names_cannot_forge_paths() -> None:
    run = Scope("", committed=False)
    assert [run.phase_path("train"), run.phase_path("train"), run.phase_path("train#2")] == [
        "train",
        "train#2",
        "train♯2",
    ]
    assert run.phase_path("a/b") == "a∕b"
    assert Scope("train", committed=False).phase_path("step") == "train/step"


def test_a_once_is_unique_in_its_scope_alone() -> None:
    run, phase = Scope("", committed=False), Scope("train", committed=True)
    assert run.kept_path("once:x") == "once:x"
    assert phase.kept_path("once:x") == "train/once:x"
    with pytest.raises(StateError, match="'once:x' was asked for twice in 'train'"):
        phase.kept_path("once:x")


def test_the_json_of_a_path_is_escaped() -> None:
    assert json.loads(Scope('say "hi"\n', committed=False).json) == 'say "hi"\n'
