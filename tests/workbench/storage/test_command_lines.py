"""Commands on disk: whole lines only, in order, each number once; writers do not mix."""

import threading
from pathlib import Path

from tests.rooms.steering import Add
from workbench.contract.run_log import Command
from workbench.storage.command_lines import CommandLines, append_command, read_command


def test_lines_come_in_order_and_only_when_whole(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    lines = CommandLines(path, taken={1})
    assert list(lines.new()) == []
    for amount in range(3):
        append_command(path, "add", Add(amount=amount))
    with path.open("ab") as file:
        file.write(b'{"name":')
    assert [number for number, _ in lines.new()] == [0, 2]
    with path.open("ab") as file:
        file.write(b'"x"}\n')
    assert list(lines.new()) == [(3, b'{"name":"x"}')]


def test_what_is_not_taken_up_waits(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    for amount in range(3):
        append_command(path, "add", Add(amount=amount))
    lines = CommandLines(path, taken=())
    assert next(lines.new())[0] == 0
    assert [number for number, _ in lines.new()] == [1, 2]


def test_two_writers_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"

    def write() -> None:
        for _ in range(200):
            append_command(path, "add", Add(amount=7))

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = [line for _, line in CommandLines(path, ()).new()]
    assert len(lines) == 800
    assert all(line.startswith(b'{"name":"add","body":{"amount":7},"at":') for line in lines)


def test_a_line_is_a_command_of_the_card_or_none() -> None:
    line = b'{"name":"add","body":{"amount":4},"at":1.0}'
    assert read_command({"add": Add}, line) == Command("add", Add(amount=4))
    for wrong in (
        b"{",
        b"[]",
        b'{"name":"add"}',
        b'{"name":"drop","body":{}}',
        b'{"name":"add","body":{"amount":"x"}}',
    ):
        assert read_command({"add": Add}, wrong) is None
