"""What every part of the page works with: the engines, the history, the bench and who may change what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.contract.engine import Engine

if TYPE_CHECKING:
    from workbench.access.security import Access
    from workbench.bench.bench import Bench
    from workbench.contract.registry import Installed
    from workbench.history import History


@dataclass(frozen=True)
class PageContext:
    """Handed to each part of the page when it is built; read-only, shared by all visitors.

    Attributes:
        installed: the joined methods and tools, and what models and data there are.
        history: what runs said; safe to read from any thread.
        bench: starts, stops and resumes runs.
        access: who a visitor is and which runs they may change.
        base_url: address that links start with, without a slash at its end ("http://127.0.0.1:7860").
        plotly_url: address of plotly's script, served by this server.
    """

    installed: "Installed"
    history: "History"
    bench: "Bench"
    access: "Access"
    base_url: str
    plotly_url: str = "/static/plotly.min.js"

    @property
    def engines(self) -> Mapping[str, Engine]:
        """The joined methods by name."""
        return self.installed.engines
