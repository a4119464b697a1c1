"""The pre-flight: the method's probe, measured and added up to an estimate of the run, and what would make it fit."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil

from workbench.contract.engine import Engine
from workbench.contract.fields import arm_configs, read_config
from workbench.contract.probe import Asked, Piece, Size, TrainingCost
from workbench.contract.runs import RunSpec
from workbench.contract.schema import Estimate, EstimatePart
from workbench.statistics.claim_outlook import claim_outlooks
from workbench.storage.home import place
from workbench.worker.fitting import Available, Cost, fitting_settings
from workbench.worker.peak_memory import PeakMemory

if TYPE_CHECKING:
    from workbench.worker.runlog import FolderLog


@dataclass(frozen=True)
class Part:
    """One kind of work: seconds of a unit, and how many units there are.

    Attributes:
        basis: what was measured, given the number of units in all.
    """

    phase: str
    each: float
    times: Size
    basis: Callable[[float], str]


class MeasuredProbe:
    """Collects what a method's probe measures; see `workbench.contract.probe.Probe` for what each call means.

    Args:
        asked: the run whose cost is asked for.
        log: of the pre-flight.
    """

    def __init__(self, asked: Asked[Any], log: "FolderLog") -> None:
        self.asked = asked
        self.log = log
        self.parts: list[Part] = []
        self._memory: list[Size] = []
        self._disk: list[Size] = []
        self._peaks: list[int] = []

    @contextmanager
    def part(
        self,
        phase: str,
        times: Size = 1,
        *,
        done: float = 1,
        unit: str = "",
        warm: Callable[[], object] | None = None,
    ) -> Iterator[Piece]:
        """Measure the body.

        Raises:
            RunStopped: the user pressed Stop.
        """
        self.log.progress(len(self.parts), len(self.parts) + 1, "parts")
        if warm:
            warm()
        piece = Piece(done=done)
        begun = time.perf_counter()
        yield piece
        piece.seconds = time.perf_counter() - begun
        self.parts.append(Part(phase, piece.each, times, lambda total: _basis(piece, unit, total)))

    def seconds(self, phase: str, each: float, times: Size = 1, basis: str = "") -> None:
        """Add `times` units of `each` seconds."""
        self.parts.append(
            Part(phase, each, times, lambda total: basis if total == 1 else f"{basis}; {total:,.0f} times")
        )

    def training(self, phase: str, cost: TrainingCost, times: Size = 1) -> None:
        """Add `times` trainings."""
        self.seconds(phase, cost.seconds, times, cost.basis)
        self._peaks.append(cost.memory_bytes)
        self._disk.append(lambda asked: cost.disk_bytes * _number(times, asked))

    def memory(self, size: Size) -> None:
        """Add bytes that the run holds beyond what this process holds."""
        self._memory.append(size)

    def disk(self, size: Size) -> None:
        """Add bytes that the run writes or downloads."""
        self._disk.append(size)

    def cost(self, asked: Asked[Any], held: int) -> Cost:
        """Return what a run takes.

        Args:
            asked: the run, as asked or smaller.
            held: bytes that this process held at most while it probed.
        """
        return Cost(
            seconds=sum(part.each * _number(part.times, asked) for part in self.parts),
            memory_bytes=int(max([held + sum(_number(size, asked) for size in self._memory), *self._peaks])),
            disk_bytes=int(sum(_number(size, asked) for size in self._disk)),
        )

    def rows(self) -> Iterator[EstimatePart]:
        """Return one line for each part that the run has."""
        for part in self.parts:
            times = _number(part.times, self.asked)
            if times:
                yield EstimatePart(phase=part.phase, seconds=part.each * times, basis=part.basis(times))


def preflight(engine: Engine, spec: RunSpec, log: "FolderLog") -> None:
    """Run the method's probe; emit one `Estimate`, its parts, and which claims the run could decide.

    Raises:
        WorkbenchError: as the run itself would, for a model or data that cannot be used.
    """
    for outlook in claim_outlooks(engine, spec):
        log.row(outlook)
    asked = asked_of(engine, spec)
    probe = MeasuredProbe(asked, log)
    with log.phase("Probe"), PeakMemory() as peak:
        engine.load_probe()(asked.config, probe)
    for row in probe.rows():
        log.row(row)

    def cost_of(smaller: Mapping[str, Any]) -> Cost:
        changed = spec.model_copy(update={"settings": {**spec.settings, **smaller}})
        return probe.cost(asked_of(engine, changed), peak.bytes)

    free = Available(psutil.virtual_memory().available, shutil.disk_usage(place("runs").parent).free)
    proposal, reason = fitting_settings(spec.settings, engine.shrink, cost_of, free)
    cost = cost_of({})
    log.row(
        Estimate(
            seconds=cost.seconds,
            memory_bytes=cost.memory_bytes,
            disk_bytes=cost.disk_bytes,
            proposal=proposal,
            proposal_reason=reason,
        )
    )


def asked_of(engine: Engine, spec: RunSpec) -> Asked[Any]:
    """Return what a spec asks, with the settings of its arms.

    Raises:
        ConfigError: a setting is refused.
    """
    return Asked(read_config(engine.config, spec.settings), arm_configs(engine, spec), spec.seeds)


def _number(size: Size, asked: Asked[Any]) -> float:
    return float(size(asked)) if callable(size) else float(size)


def _basis(piece: Piece, unit: str, total: float) -> str:
    taken = f"{piece.seconds:.1f} s" if piece.seconds >= 1 else f"{1000 * piece.seconds:,.1f} ms"
    if total == piece.done == 1:
        return f"measured now: {taken}"
    return f"{piece.done:,.0f} {unit or 'times'} in {taken}, {total:,.0f} in all"
