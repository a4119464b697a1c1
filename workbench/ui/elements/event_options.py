"""How events of the page are wired that show no progress of their own, which are nearly all."""

from typing import Any

QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "show_progress_on": ()}
"""The browser keeps a status for every output that may show progress, and at each step of each event looks all of them
up in the whole page: with five methods that took a second of its time for every tick of a timer. Nothing shows none."""

AT_ONCE: dict[str, Any] = {**QUIET, "queue": False}
"""The same, past the queue: for what answers in milliseconds."""
