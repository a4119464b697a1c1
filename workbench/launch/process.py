"""Processes by (pid, start time), which tells a living worker from a stranger that got its number."""

import os
import signal

import psutil

CLOCK_TOLERANCE = 2.0
"""Seconds by which two readings of one start time may differ: the boot time they count from may be corrected."""


def start_time(pid: int) -> float | None:
    """Start of a living process in seconds since the epoch; None where there is none, or it is dead and unreaped."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


def lives(pid: int, started: float) -> bool:
    """Return whether the process of that pid is still the one that started then."""
    found = start_time(pid)
    return found is not None and abs(found - started) <= CLOCK_TOLERANCE


def memory_bytes(pid: int) -> int:
    """Resident memory of a process; 0 where there is none."""
    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return 0


def signal_group(pid: int, started: float, number: signal.Signals) -> bool:
    """Send a signal to the process group that a session leader leads; false where the leader is gone."""
    if not lives(pid, started):
        return False
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
