"""Where runs are worked off: a Launcher turns a spec and a folder into a worker; `local` does so on this machine."""

from dataclasses import dataclass
from typing import Protocol

from workbench.contract.runs import RunFolder, RunSpec


@dataclass(frozen=True)
class Handle:
    """A worker that has taken a run, wherever it is: on this machine, pid and start time of its process."""

    pid: int
    started: float


class Launcher(Protocol):
    """Starts workers and knows whether they live. Safe to call from any thread."""

    def start(self, spec: RunSpec, folder: RunFolder) -> Handle:
        """Have a worker take the run up; its handle is in `worker.json` when this returns.

        Raises:
            ResourceError: no process can be started, or the folder cannot be written.
        """
        ...

    def alive(self, handle: Handle) -> bool:
        """Return whether that very worker still lives."""
        ...

    def owns(self, handle: Handle) -> bool:
        """Return whether this launcher started that worker, so that `alive` is certain."""
        ...

    def stop(self, handle: Handle, grace: float) -> None:
        """Make the worker end: ask its process group, and kill it after `grace` seconds. Does not wait."""
        ...

    def prepare(self) -> None:
        """Keep a worker ready for the next run, if that helps; called whenever the bench has a moment."""
        ...

    def death(self, handle: Handle) -> str:
        """Return why a dead worker died, in one sentence.

        Empty where nothing is known.
        """
        ...

    def waiting_memory(self) -> int:
        """Resident bytes of workers that wait."""
        ...

    def close(self) -> None:
        """Let waiting workers go; those that work go on."""
        ...
