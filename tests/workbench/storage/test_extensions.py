"""The file that tells how a run was extended: written whole, read as anyone's."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.rooms import ENGINES
from workbench.contract.circumstances import Look
from workbench.contract.errors import HistoryError
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunFolder
from workbench.storage.extensions import LOOKS_FILE, Extension, looks_of, read_extensions, write_extended

FIRST = Extension(seeds=(0, 1), arms=("method",), items=8, decided={"a": "holds"}, seconds=2.5, at=1e9)
ARMS = Extension(seeds=(0, 1, 2), arms=("method",), items=8, looks=False)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    folder, spec = RunFolder(tmp_path, "a-run"), read_spec(ENGINES["growing"])
    folder.make(spec)
    assert read_extensions(folder.path) == ()
    longer = spec.model_copy(update={"seeds": (0, 1, 2)})
    write_extended(folder, longer, (FIRST, ARMS))
    assert read_extensions(folder.path) == (FIRST, ARMS)
    assert folder.spec() == longer


def test_more_arms_alone_are_no_look() -> None:
    assert looks_of((FIRST, ARMS)) == (Look(2, 8, ("method",), {"a": "holds"}),)


@pytest.mark.parametrize(
    "wrong",
    [
        "{",
        "{}",
        [{}],
        [{"seeds": [], "arms": []}],
        [{"seeds": [-1], "arms": []}],
        [{"seeds": [0], "arms": ["../etc"]}],
        [{"seeds": [0], "arms": [], "decided": {"a": "undecided"}}],
        [{"seeds": [0], "arms": [], "decided": {"<b>": "holds"}}],
        [{"seeds": [0], "arms": [], "seconds": -1}],
        [{"seeds": [0], "arms": [], "more": 1}],
        [{"seeds": [0], "arms": []}] * 101,
    ],
    ids=repr,
)
def test_what_no_extension_writes_is_refused(tmp_path: Path, wrong: Any) -> None:
    text = wrong if isinstance(wrong, str) else json.dumps(wrong)
    (tmp_path / LOOKS_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(HistoryError, match=r"looks\.json of .* is not valid"):
        read_extensions(tmp_path)


def test_a_link_and_a_large_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("[]", encoding="utf-8")
    (tmp_path / LOOKS_FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HistoryError, match="cannot be read"):
        read_extensions(tmp_path)
    (tmp_path / LOOKS_FILE).unlink()
    (tmp_path / LOOKS_FILE).write_bytes(b" " * (4 << 20) + b"[]")
    with pytest.raises(HistoryError, match="larger than 4 MB"):
        read_extensions(tmp_path)
