"""A run that speaks: events written to a run folder line by line, as a worker writes them."""

import json
from pathlib import Path
from typing import Any

from workbench.contract.runs import RunFolder, RunId, RunSpec
from workbench.history import History

SPEC = RunSpec(engine="counting", settings={"steps": 3, "language": "fr"}, arms=("plain",))
START = 1_700_000_000.0


class Speech:
    """Writes events with the right numbers; `at` grows by a second per event."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.seq = 0
        self.attempt = 0

    def start(self) -> "Speech":
        self.attempt += 1
        return self.say("started", pid=1, process_started=1.0)

    def say(self, kind: str, scope: str = "", **fields: Any) -> "Speech":
        event = {"seq": self.seq, "attempt": self.attempt, "at": START + self.seq, "scope": scope, "kind": kind}
        self.seq += 1
        return self.write(json.dumps(event | fields) + "\n")

    def row(self, scope: str = "", table: str = "Outcome", **row: Any) -> "Speech":
        if table == "Outcome":
            row = {"arm": "plain", "metric": "score", "seed": 0, "value": 1.0} | row
        return self.say("row", scope, table=table, row=row)

    def write(self, text: str | bytes) -> "Speech":
        with self.folder.events.open("ab") as lines:
            lines.write(text if isinstance(text, bytes) else text.encode())
        return self


def begin(history: History, spec: RunSpec = SPEC, run: RunId | None = None, **opening: Any) -> tuple[RunId, Speech]:
    """Open a run with a folder and a started worker."""
    run = history.open_run(spec, run=run, **opening)
    history.folder(run).make(spec)
    return run, Speech(history.folder(run)).start()


def finished(history: History, values: list[float], **opening: Any) -> RunId:
    """A finished run with one outcome per value."""
    run, speech = begin(history, **opening)
    for value in values:
        speech.row("judge", value=value)
    speech.say("closed", "judge").say("finished", seconds=2.5)
    history.ingest(run, history.folder(run))
    return run


def take_up(history: History, run: RunId) -> int:
    return history.ingest(run, history.folder(run))


def new_history(root: Path) -> History:
    return History(root / "history.db", root / "runs")
