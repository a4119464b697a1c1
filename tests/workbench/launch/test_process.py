"""Processes by pid and start time."""

import os
import signal
import subprocess
import sys
import time

from workbench.launch.process import lives, memory_bytes, signal_group, start_time


def test_a_start_time_tells_a_process_from_a_stranger_with_its_number() -> None:
    started = start_time(os.getpid())
    assert started is not None
    assert lives(os.getpid(), started)
    assert lives(os.getpid(), started + 1.0)
    assert not lives(os.getpid(), started - 60.0)
    assert not signal_group(os.getpid(), started - 60.0, signal.SIGKILL)
    assert memory_bytes(os.getpid()) > 1 << 20


def test_a_dead_child_that_nobody_reaped_does_not_live() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        started = start_time(child.pid) or 0.0
        deadline = time.monotonic() + 120
        while start_time(child.pid) is not None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert not lives(child.pid, started)
        os.kill(child.pid, 0)
    assert start_time(child.pid) is None
    assert memory_bytes(child.pid) == 0


def test_a_group_is_signalled_as_a_whole() -> None:
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    with subprocess.Popen([sys.executable, "-c", program], start_new_session=True) as leader:
        started = start_time(leader.pid) or 0.0
        time.sleep(0.3)
        assert signal_group(leader.pid, started, signal.SIGKILL)
        assert leader.wait(10) == -signal.SIGKILL
