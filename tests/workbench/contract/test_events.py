"""Every event survives its JSON line, and nothing else is an event."""

import pytest
from pydantic import TypeAdapter, ValidationError

from workbench.contract.events import (
    EVENT,
    ArtifactSaved,
    ChunkAdded,
    CommandTaken,
    Event,
    Failed,
    Finished,
    Note,
    PhaseOpened,
    Progress,
    Recorded,
    RowAdded,
    ScopeClosed,
    ScopeReopened,
    Started,
    Stopped,
)

BASE = {"seq": 3, "attempt": 1, "at": 1.5, "scope": "Estimate/once:a"}
EVENTS: list[Event] = [
    Started(**BASE, pid=7, process_started=1.0, extension=2),
    PhaseOpened(**BASE, name="Estimate"),
    ScopeClosed(**BASE),
    ScopeClosed(**BASE, key="3 seeds"),
    ScopeReopened(**BASE),
    Progress(**BASE, done=1, total=2, unit="layers"),
    RowAdded(**BASE, table="T", row={"x": 1, "y": [1.0, 2.0], "s": "\u2028 é"}),
    ChunkAdded(**BASE, table="T", file="T-0.parquet", rows=9),
    ArtifactSaved(**BASE, name="v.safetensors", bytes=9, sha256="0" * 64),
    Recorded(**BASE, name="dtype", value="bfloat16"),
    Note(**BASE, text="3 sentences were cut"),
    CommandTaken(**BASE, number=0, name="pin"),
    Finished(**BASE, seconds=1.0),
    Stopped(**BASE, seconds=1.0),
    Failed(**BASE, code="data", message="m", hint="h"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_an_event_is_one_json_line(event: Event) -> None:
    line = event.model_dump_json()
    assert "\n" not in line
    assert EVENT.validate_json(line) == event


def test_every_kind_is_tried() -> None:
    kinds = TypeAdapter(Event).json_schema()["discriminator"]["mapping"]
    assert {event.kind for event in EVENTS} == set(kinds)


@pytest.mark.parametrize("line", ["{}", '{"kind":"row"}', '{"kind":"shell","seq":0}', "[]", '"x"', ""])
def test_garbage_is_refused(line: str) -> None:
    with pytest.raises(ValidationError):
        EVENT.validate_json(line)
