"""EventWriter: whole lines in order, on disk in time, an end that can be told on a full disk."""

import json
import os
import threading
import time
from pathlib import Path

import pytest

from workbench.storage.event_writer import EventWriter, whole_lines


def lines_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_lines_are_numbered_in_order_from_many_threads(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path / "events.jsonl", 7, 3)
    threads = [
        threading.Thread(target=lambda: [writer.say("note", "s", text="x" * 300) for _ in range(2000)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    told = lines_of(tmp_path / "events.jsonl")
    assert [line["seq"] for line in told] == list(range(7, 8007))
    assert {line["attempt"] for line in told} == {3}
    assert {path.name for path in tmp_path.iterdir()} == {"events.jsonl"}


def test_a_line_is_on_disk_within_50_ms(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path, 0, 1)
    waits = []
    for number in range(20):
        writer.say("note", "", text=str(number))
        begun, size = time.monotonic(), path.stat().st_size
        while path.stat().st_size == size and time.monotonic() < begun + 2:
            time.sleep(0.001)
        waits.append(time.monotonic() - begun)
    writer.close()
    assert sorted(waits)[10] < 0.05


def test_a_write_error_reaches_the_caller_and_the_end_can_be_told(tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path, 0, 1)
    writer.say("row", "", table="T", row={})
    writer.flush()
    own = os.dup(writer._descriptor)
    with open("/dev/full", "rb+", buffering=0) as full:
        os.dup2(full.fileno(), writer._descriptor)
        writer.say("row", "", table="T", row={})
        with pytest.raises(OSError, match="No space left"):
            writer.flush()
        with pytest.raises(OSError, match="No space left"):
            writer.say("closed", "")
    os.dup2(own, writer._descriptor)
    os.close(own)
    writer.recover()
    assert not (tmp_path / ".reserve").exists()
    writer.say("failed", "", code="resource", message="The disk is full.")
    writer.close()
    assert [line["kind"] for line in lines_of(path)] == ["row", "failed"]


@pytest.mark.parametrize(("text", "whole"), [(b"", 0), (b"a", 0), (b"a\n", 2), (b"a\nb", 2), (b"x" * 200_000, 0)])
def test_whole_lines_are_measured(tmp_path: Path, text: bytes, whole: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(text)
    with path.open("rb") as file:
        assert whole_lines(file.fileno(), len(text)) == whole
