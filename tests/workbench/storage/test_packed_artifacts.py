"""Packed artifacts come back byte for byte; damaged and lying ones are refused."""

import gzip
from pathlib import Path

import pytest

from workbench.contract.errors import HistoryError
from workbench.storage.packed_artifacts import SMALLEST, pack_artifact, unpack_artifacts

TEXT = b"the same line again\n" * SMALLEST
MOST = 1 << 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "artifacts"
    made.mkdir()
    return made


def test_what_is_packed_comes_back(folder: Path, tmp_path: Path):
    (tmp_path / "pairs.jsonl").write_bytes(TEXT)
    packed = pack_artifact(tmp_path / "pairs.jsonl", folder)
    assert packed.name == "pairs.jsonl.gz" and packed.stat().st_size < len(TEXT) / 50
    assert pack_artifact(tmp_path / "pairs.jsonl", tmp_path).read_bytes() == packed.read_bytes()
    unpack_artifacts(folder, {"pairs.jsonl": (len(TEXT), "")}, MOST)
    assert [path.name for path in folder.iterdir()] == ["pairs.jsonl"]
    assert (folder / "pairs.jsonl").read_bytes() == TEXT


@pytest.mark.parametrize("content", [b"short", bytes(range(256)) * 4, b""])
def test_small_artifacts_stay_as_they_are(content: bytes, folder: Path, tmp_path: Path):
    (tmp_path / "small.bin").write_bytes(content)
    assert pack_artifact(tmp_path / "small.bin", folder) == folder / "small.bin"
    assert (folder / "small.bin").read_bytes() == content


def test_an_artifact_that_is_itself_a_gzip_file_is_left_alone(folder: Path):
    (folder / "sums.json.gz").write_bytes(gzip.compress(b"{}"))
    unpack_artifacts(folder, {"sums.json.gz": (22, ""), "sums.json": (2, "")}, MOST)
    assert [path.name for path in folder.iterdir()] == ["sums.json.gz"]


def test_what_the_run_did_not_state_is_not_unpacked(folder: Path):
    (folder / "other.gz").write_bytes(gzip.compress(b"{}"))
    unpack_artifacts(folder, {"sums.json": (2, "")}, MOST)
    assert [path.name for path in folder.iterdir()] == ["other.gz"]


def test_a_bomb_stops_at_the_stated_length(folder: Path):
    (folder / "sums.json.gz").write_bytes(gzip.compress(bytes(64 << 20)))
    with pytest.raises(HistoryError, match="longer than the run said"):
        unpack_artifacts(folder, {"sums.json": (10, "")}, MOST)
    assert (folder / "sums.json").stat().st_size <= 10


def test_all_of_them_have_a_limit_together(folder: Path):
    for name in ("a", "b"):
        (folder / f"{name}.gz").write_bytes(gzip.compress(b"12345678"))
    with pytest.raises(HistoryError, match="more than 15 bytes"):
        unpack_artifacts(folder, {"a": (8, ""), "b": (8, "")}, 15)


@pytest.mark.parametrize("damage", [lambda body: body[:-9], lambda body: b"no gzip", lambda body: body[:20] + b"xxxxx"])
def test_a_damaged_one_is_refused(damage, folder: Path):
    (folder / "sums.json.gz").write_bytes(damage(gzip.compress(TEXT)))
    with pytest.raises(HistoryError, match="is damaged"):
        unpack_artifacts(folder, {"sums.json": (len(TEXT), "")}, MOST)


def test_nothing_that_lies_there_is_overwritten(folder: Path):
    (folder / "sums.json").write_bytes(b"mine")
    (folder / "sums.json.gz").write_bytes(gzip.compress(b"{}"))
    with pytest.raises(HistoryError, match="is damaged"):
        unpack_artifacts(folder, {"sums.json": (2, "")}, MOST)
    assert (folder / "sums.json").read_bytes() == b"mine"
