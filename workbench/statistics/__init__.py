"""Statistics: from outcomes to intervals and verdicts, by one recipe for verdicts and pictures alike."""

from workbench.statistics.arm_intervals import arm_intervals
from workbench.statistics.verdicts import LEVEL, Decision, Verdict, judge

__all__ = ["LEVEL", "Decision", "Verdict", "arm_intervals", "judge"]
