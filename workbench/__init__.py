"""The bench: runs methods, keeps and shows what they say; knows no method and imports no torch.

From Python: `from workbench import run, extend, show, recent_runs, engines`; see `workbench.bench.python_api`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.bench.python_api import engines, extend, recent_runs, run, show

__all__ = ["engines", "extend", "recent_runs", "run", "show"]


def __getattr__(name: str) -> Any:
    """The functions for scripts and notebooks, loaded at first use: importing a part of the bench stays cheap."""
    if name not in __all__:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    from workbench.bench import python_api

    return getattr(python_api, name)
