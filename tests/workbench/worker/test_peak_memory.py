import time

import numpy as np

from workbench.worker.peak_memory import LOOK_SECONDS, PeakMemory


def test_memory_that_was_held_in_between_is_seen():
    with PeakMemory() as peak:
        before = peak.bytes
        held = np.ones(50_000_000)
        time.sleep(3 * LOOK_SECONDS)
        del held
    assert peak.bytes > before + 300_000_000
