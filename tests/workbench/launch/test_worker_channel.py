"""Assignments: runs cross a socket in order, reports come back, the end of either side is heard."""

import os
import socket
from pathlib import Path

import pytest

from workbench.contract.runs import RunFolder
from workbench.launch.worker_channel import Inbox, Outbox


def test_assignments_and_reports_cross_a_socket(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    number = os.dup(theirs.fileno())
    theirs.close()
    outbox, inbox = Outbox(ours), Inbox(number)
    assert not inbox.waiting()
    for name in ("one", "two"):
        outbox.assign(RunFolder(tmp_path, name))
    assert inbox.waiting()
    folders = [inbox.next(), inbox.next()]
    assert [folder.run for folder in folders if folder] == ["one", "two"]
    assert outbox.reports() == []
    inbox.report(idle="one", memory_bytes=1)
    assert outbox.reports() == [{"idle": "one", "memory_bytes": 1}]
    outbox.close()
    assert inbox.next() is None
    inbox.report(idle="nobody listens")
    inbox.close()
    os.close(number)


def test_an_assignment_survives_the_bench_that_made_it(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    outbox = Outbox(ours)
    outbox.assign(RunFolder(tmp_path, "run"))
    outbox.close()
    number = os.dup(theirs.fileno())
    theirs.close()
    inbox = Inbox(number)
    folder = inbox.next()
    assert folder is not None
    assert folder.path == (tmp_path / "run").resolve()
    assert inbox.next() is None
    inbox.close()
    os.close(number)


def test_a_worker_that_is_gone_cannot_be_assigned(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    outbox = Outbox(ours)
    with pytest.raises(OSError):
        outbox.assign(RunFolder(tmp_path, "run"))
    assert outbox.reports() == []
    outbox.close()
