"""A tool's recipe worked off in this process, into a run folder of its own."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.contract.fields import tool_spec
from workbench.contract.runs import RunFolder
from workbench.contract.tool import Tool
from workbench.storage.event_writer import EventWriter
from workbench.storage.replay import Earlier
from workbench.worker.runlog import FolderLog


@dataclass(frozen=True)
class Worked:
    """What the tool said, and the folder of its run."""

    folder: RunFolder
    events: list[dict[str, Any]]

    def rows(self, kind: type) -> list[dict[str, Any]]:
        """The rows of a type, in order."""
        return [event["row"] for event in self.events if event["kind"] == "row" and event["table"] == kind.__name__]

    def names(self, kind: str) -> list[str]:
        """Names of the phases, or of the artifacts."""
        return [event["name"] for event in self.events if event["kind"] == kind]

    def text(self, name: str) -> str:
        """What a saved file holds."""
        return self.folder.artifact(name).read_text("utf-8")


def worked(tool: Tool, asked: Mapping[str, Any], root: Path) -> Worked:
    """Work the tool off; what it raises is raised."""
    spec = tool_spec(tool, asked)
    folder = RunFolder(root, "a-run")
    folder.make(spec)
    writer = EventWriter(folder.events, 0, 1)
    try:
        writer.say("started", "", pid=os.getpid(), process_started=0.0)
        log = FolderLog(folder, tool, spec, writer, Earlier())
        tool.load()(tool.question.model_validate(spec.settings), log)
        log.close()
    finally:
        writer.close()
    return Worked(folder, [json.loads(line) for line in folder.events.read_bytes().splitlines()])
