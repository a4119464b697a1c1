"""A run's log: cut to its beginning and end, shown from its end, also while it grows."""

import os
import threading
from pathlib import Path

from workbench.contract.runs import RunFolder
from workbench.storage.log_file import cut_log, read_log


def test_a_long_log_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, "log")
    folder.path.mkdir()
    folder.log.write_bytes(b"first\n" + b"x" * 99 + b"\n" + b"y\n" * 5000 + b"last\n")
    assert cut_log(folder.log, limit=5000, kept=1000)
    text = read_log(folder)
    assert text.startswith("first")
    assert text.endswith("last\n")
    assert len(text) < 2100
    assert not cut_log(folder.log, limit=5000, kept=1000)
    assert read_log(folder, 7) == "last\n"
    assert read_log(RunFolder(tmp_path, "none")) == ""


def test_a_writer_goes_on_behind_the_cut(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, "log")
    folder.path.mkdir()
    descriptor = os.open(folder.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, b"a" * 50_000)
    assert cut_log(folder.log, limit=10_000, kept=1000)
    os.write(descriptor, b"\nafter\n")
    os.close(descriptor)
    assert folder.log.stat().st_size < 2200
    assert read_log(folder, 10).endswith("after\n")


def test_a_log_cut_again_and_again_while_it_grows_ends_with_its_last_line(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, "log")
    folder.path.mkdir()
    folder.log.touch()

    def write() -> None:
        descriptor = os.open(folder.log, os.O_WRONLY | os.O_APPEND)
        for number in range(20_000):
            os.write(descriptor, b"line %07d\n" % number)
        os.close(descriptor)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        cut_log(folder.log, limit=20_000, kept=2000)
    writer.join()
    cut_log(folder.log, limit=20_000, kept=2000)
    assert read_log(folder, 100).endswith("line 0019999\n")
    assert folder.log.read_bytes().startswith(b"line 0000000\n")
    assert folder.log.stat().st_size <= 20_000


def test_only_one_cuts_at_a_time(tmp_path: Path) -> None:
    import fcntl

    log = tmp_path / "log.txt"
    log.write_bytes(b"x" * 9000)
    with log.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert not cut_log(log, limit=100, kept=10)
    assert cut_log(log, limit=100, kept=10)
