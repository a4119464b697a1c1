"""The probe of a method: small pieces of its real work, each with how often the whole run does it.

Design decisions:
- How often is a number, or a function of what is asked: a smaller run is then estimated without measuring again.
- A piece is measured under the name of the run's phase that it belongs to, so that the estimate of a phase can be laid
  beside what the phase took.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from workbench.contract.schema import Config

if TYPE_CHECKING:
    from workbench.contract.run_log import RunLog

Settings = TypeVar("Settings", bound=Config)


@dataclass(frozen=True)
class Asked(Generic[Settings]):
    """What a run is asked.

    Attributes:
        config: its settings.
        arms: each arm with its full settings.
    """

    config: Settings
    arms: Mapping[str, Settings]
    seeds: Sequence[int]


Size = float | Callable[[Asked[Any]], float]
"""A number, or what gives it for a run as asked; cheap, for it is called some dozens of times."""

Shrink = Mapping[str, float | tuple[Any, ...]]
"""Settings that may be made smaller together: each towards a least number, or along other values, largest first."""


@dataclass
class Piece:
    """A piece of the work that was measured.

    Attributes:
        seconds: that it took.
        done: how many units it did.
    """

    seconds: float = 0.0
    done: float = 1.0

    @property
    def each(self) -> float:
        """Seconds of one unit."""
        return self.seconds / max(self.done, 1e-9)


class TrainingCost(Protocol):
    """What one training takes, as `engines.parts.training.training_estimate` finds it."""

    @property
    def seconds(self) -> float:
        """Loading the model and all updates."""
        ...

    @property
    def memory_bytes(self) -> int:
        """Peak memory of the process."""
        ...

    @property
    def disk_bytes(self) -> int:
        """What it leaves on the disk, checkpoints included."""
        ...

    @property
    def basis(self) -> str:
        """What was measured, in words."""
        ...


class Probe(Protocol):
    """What a method's `probe(config, probe)` is given; the bench adds up, and proposes a smaller run where needed."""

    @property
    def asked(self) -> Asked[Any]:
        """The run whose cost is asked for."""
        ...

    @property
    def log(self) -> "RunLog[Any]":
        """For pieces of the method that speak; a pre-flight emits no outcomes."""
        ...

    def part(
        self,
        phase: str,
        times: Size = 1,
        *,
        done: float = 1,
        unit: str = "",
        warm: Callable[[], object] | None = None,
    ) -> AbstractContextManager[Piece]:
        """Measure the body.

        Args:
            phase: of the run; several parts may belong to one phase.
            times: how many units the run does.
            done: how many the body does; may be set on the piece inside.
            unit: what is counted, in the plural ("tokens").
            warm: called before, unmeasured, to load caches.
        """
        ...

    def seconds(self, phase: str, each: float, times: Size = 1, basis: str = "") -> None:
        """Add work whose seconds are known from elsewhere: `times` units of `each` seconds."""
        ...

    def training(self, phase: str, cost: TrainingCost, times: Size = 1) -> None:
        """Add `times` trainings: their seconds, the peak memory of one, and what they leave on the disk."""
        ...

    def memory(self, size: Size) -> None:
        """Add bytes that the run holds beyond what this process holds after the probe."""
        ...

    def disk(self, size: Size) -> None:
        """Add bytes that the run writes, or that must be downloaded first."""
        ...
