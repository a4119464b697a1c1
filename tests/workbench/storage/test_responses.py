"""Kept responses: found again, shared by processes, bounded, and never a reason to fail."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.source import ROOT
from workbench.storage.responses import AT_ONCE, TOUCHED_SECONDS, ResponseStore, response_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "responses.db"


def used(path: Path) -> dict[str, int]:
    connection = sqlite3.connect(path)
    try:
        return dict(connection.execute("SELECT key, used FROM responses"))
    finally:
        connection.close()


@settings(max_examples=25)
@given(st.dictionaries(st.text("abc", min_size=1), st.text(st.characters(codec="utf-8")), max_size=5))
def test_texts_are_found_as_they_were(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]):
    store = ResponseStore(tmp_path_factory.mktemp("any") / "responses.db")
    store.keep(texts)
    assert store.found([*texts, "missing"]) == texts
    store.close()


def test_many_keys_are_found_at_once_and_the_last_text_counts(path: Path):
    store = ResponseStore(path)
    texts = {str(n): "text" for n in range(2 * AT_ONCE + 1)}
    store.keep(texts)
    store.keep({"7": "newer"})
    assert store.found(list(texts)) == {**texts, "7": "newer"}
    assert store.found([]) == {}


def test_it_opens_again_after_it_was_closed(path: Path):
    store = ResponseStore(path)
    store.keep({"a": "1"})
    store.close()
    assert store.found(["a"]) == {"a": "1"}
    assert response_store(path) is response_store(path)


def test_several_processes_write_one_file_at_once(path: Path):
    program = (
        "import sys; from pathlib import Path; from workbench.storage.responses import ResponseStore\n"
        "store = ResponseStore(Path(sys.argv[1]))\n"
        "for n in range(50): store.keep({f'{sys.argv[2]}-{n}': 'x' * 500})\n"
        "print(store.notices())"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(path), str(n)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for n in range(3)
    ]
    assert [writer.communicate(timeout=60)[0].strip() for writer in writers] == ["[]"] * 3
    assert len(ResponseStore(path).found([f"{w}-{n}" for w in range(3) for n in range(50)])) == 150


def test_what_was_used_longest_ago_is_dropped_when_the_room_is_full(path: Path):
    now = [0.0]
    store = ResponseStore(path, most_bytes=400_000, clock=lambda: now[0])
    for n in range(12):
        now[0] = 10_000.0 * n
        store.keep({f"{n}/{m}": "x" * 1000 for m in range(64)})
        assert "0/0" in store.found(["0/0"])
    left = used(path)
    assert f"{11}/0" in left and "0/0" in left, "the newest, and what is used all the time, stay"
    assert "1/0" not in left and "2/0" not in left
    assert path.stat().st_size < 600_000


def test_a_use_is_noted_once_an_hour(path: Path):
    now = [1_000_000.0]
    store = ResponseStore(path, clock=lambda: now[0])
    store.keep({"a": "1"})
    now[0] += TOUCHED_SECONDS - 1
    store.found(["a"])
    assert used(path) == {"a": 1_000_000}
    now[0] += 1
    store.found(["a"])
    assert used(path) == {"a": 1_000_000 + TOUCHED_SECONDS}


@pytest.mark.parametrize("harm", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(path: Path, harm: bytes):
    path.write_bytes(harm)
    store = ResponseStore(path)
    store.keep({"a": "1"})
    assert store.found(["a"]) == {"a": "1"}
    (notice,) = store.notices()
    (aside,) = path.parent.glob("responses.damaged-*.db")
    assert aside.name in notice and aside.read_bytes() == harm
    assert store.notices() == []


def test_damage_met_later_is_healed_too(path: Path):
    store = ResponseStore(path)
    store.keep({str(n): "x" * 1000 for n in range(200)})
    store.close()
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    path.write_bytes(whole)
    assert store.found([str(n) for n in range(200)]) == {}
    store.keep({"a": "1"})
    assert store.found(["a"]) == {"a": "1"}
    assert "set aside" in store.notices()[0]


def test_where_the_disk_refuses_nothing_is_kept_and_that_is_told(path: Path):
    path.mkdir()
    store = ResponseStore(path)
    store.keep({"a": "1"})
    assert store.found(["a"]) == {}
    (notice,) = store.notices()
    assert "not kept" in notice and "responses.db" in notice


def test_a_full_disk_loses_no_run(path: Path):
    store = ResponseStore(path)
    store.keep({"a": "1"})
    store._guarded(lambda connection: connection.execute("PRAGMA max_page_count = 6"))
    store.keep({str(n): "x" * 4000 for n in range(50)})
    assert "full" in store.notices()[0]
    assert store.found(["a"]) == {"a": "1"}
