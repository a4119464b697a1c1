"""RunSpec as a value and RunFolder as files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from workbench.contract.errors import RunNotFound
from workbench.contract.runs import RUN_ID, RunFolder, RunSpec, new_run_id, write_atomically

SPEC = RunSpec(engine="toy", settings={"rank": 3}, arms=("base",), seeds=(0, 1))


def test_ids_are_valid_and_never_repeat() -> None:
    ids = {new_run_id("script_characters_with_a_long_name") for _ in range(1000)}
    assert len(ids) == 1000 and all(RUN_ID.match(run) for run in ids)


@pytest.mark.parametrize("run", ["../x", "a/b", "", ".", "A", "a" * 65, "a\x00", "<b>", "=1+1", "a b"])
def test_hostile_ids_never_become_paths(run: str, tmp_path: Path) -> None:
    with pytest.raises(RunNotFound):
        RunFolder(tmp_path, run)


@pytest.mark.parametrize("name", ["../spec.json", "a/b", "", ".hidden", "x" * 129, "a\nb"])
def test_hostile_artifact_names_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(RunNotFound):
        RunFolder(tmp_path, "r1").artifact(name)


def test_folder_keeps_the_spec(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, "r1")
    folder.make(SPEC)
    assert folder.spec() == SPEC
    assert folder.worker() is None and folder.seconds_since_beat() is None
    folder.beat()
    assert (folder.seconds_since_beat() or 0.0) < 5.0


def test_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound, match="no folder"):
        RunFolder(tmp_path, "gone").spec()


@pytest.mark.parametrize(
    "change", [{"engine": "../x"}, {"seeds": ()}, {"seeds": (-1,)}, {"arms": ("A b",)}, {"extra": 1}]
)
def test_spec_refuses(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RunSpec.model_validate({**SPEC.model_dump(), **change})


@given(st.text(max_size=200))
def test_atomic_write_round_trips(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("w") / "f.txt"
    write_atomically(path, text)
    assert path.read_bytes().decode("utf-8") == text.replace("\n", "\n")
    assert [p.name for p in path.parent.iterdir()] == ["f.txt"]


def test_a_worker_takes_only_its_own_name_away(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, new_run_id("counting"))
    folder.make(RunSpec(engine="counting", settings={}))
    folder.name_worker(41, 1.0)
    folder.name_worker(42, 2.0)
    # The worker of the attempt before leaves late, when the next one has taken the run up.
    folder.forget_worker(41)
    assert folder.worker() == (42, 2.0)
    folder.forget_worker(42)
    assert folder.worker() is None
    folder.forget_worker(42)
