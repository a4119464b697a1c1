"""What earlier attempts left: closed scopes, taken commands, the next number; torn lines go."""

from pathlib import Path

import pytest

from workbench.storage.event_writer import EventWriter
from workbench.storage.replay import Earlier, kind_of, last_extension, read_earlier


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path, 0, 1)
    writer.say("started", "", pid=1, process_started=0.0)
    writer.say("row", "a", table="T", row={"kind": "closed", "text": '"kind":"closed"'})
    writer.say("closed", 'odd "kind":"row" name')
    writer.say("command", "", number=4, name="add")
    writer.say("row", "b", table="T", row={})
    writer.close()
    return path


def test_earlier_attempts_are_read(events: Path) -> None:
    earlier = read_earlier(events)
    assert (earlier.seq, earlier.attempt, earlier.commands) == (5, 2, {4})
    assert list(earlier.closed) == ['odd "kind":"row" name']


def test_no_file_is_a_first_attempt(tmp_path: Path) -> None:
    assert read_earlier(tmp_path / "none") == Earlier()
    (tmp_path / "empty").touch()
    assert read_earlier(tmp_path / "empty") == Earlier()


def test_a_torn_line_is_cut_at_every_length(events: Path) -> None:
    whole = events.read_bytes()
    for length in range(len(whole)):
        events.write_bytes(whole[:length])
        earlier = read_earlier(events)
        kept = events.read_bytes()
        assert kept == whole[: whole.rfind(b"\n", 0, length) + 1]
        assert earlier.seq == kept.count(b"\n")


def test_a_garbage_line_does_not_reset_the_numbers(events: Path) -> None:
    with events.open("ab") as file:
        file.write(b"\x00\xff garbage\n")
    assert read_earlier(events).seq >= 4
    assert read_earlier(events).attempt == 2


def test_the_kind_is_read_without_parsing() -> None:
    assert kind_of(b'{"seq":1,"attempt":1,"at":1.0,"scope":"\\"kind\\":\\"x","kind":"row","row":{}}') == b"row"
    assert kind_of(b"garbage") == b""


def test_the_last_extension_is_read_without_a_change(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    assert last_extension(path) == 0
    writer = EventWriter(path, 0, 1)
    writer.say("started", "", pid=1, process_started=0.0)
    writer.say("row", "", table="T", row={"kind": "started", "extension": 9})
    writer.close()
    assert last_extension(path) == 0
    writer = EventWriter(path, 2, 2)
    writer.say("started", "", pid=1, process_started=0.0, extension=2)
    writer.close()
    torn = path.read_bytes() + b'{"seq":3,"attempt":3,"at":1.0,"scope":"","kind":"started","extension":3'
    path.write_bytes(torn)
    assert last_extension(path) == 2
    assert path.read_bytes() == torn
