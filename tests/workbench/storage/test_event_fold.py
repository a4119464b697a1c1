"""The fold over event lines: what stands, what goes, which tables changed when."""

import json
from typing import Any

from workbench.contract.events import Event
from workbench.storage.committed_scopes import CommittedScopes
from workbench.storage.event_fold import EventFold


def lines(*events: tuple[str, str, dict[str, Any]], first: int = 0) -> list[bytes]:
    heads = [{"seq": first + at, "attempt": 1, "at": 1.0} for at in range(len(events))]
    told = [
        head | {"kind": kind, "scope": scope} | more for head, (kind, scope, more) in zip(heads, events, strict=True)
    ]
    return [json.dumps(event).encode() + b"\n" for event in told]


def row(scope: str, number: int, table: str = "T") -> tuple[str, str, dict[str, Any]]:
    return ("row", scope, {"table": table, "row": {"number": number}})


STARTED = ("started", "", {"pid": 1, "process_started": 1.0})


def test_the_fold_over_a_whole_log_is_what_stands() -> None:
    note = ("note", "b", {"text": "cut"})
    chunk = ("chunk", "a", {"table": "U", "file": "U-3.parquet", "rows": 2})
    fold = EventFold().take_lines(lines(STARTED, row("a", 1), ("closed", "a", {}), chunk, row("b", 2), note, STARTED))
    assert [said.body for said in fold.rows] == ['{"number":1}']
    assert [said.file for said in fold.chunks] == ["U-3.parquet"]
    assert list(fold.notes) == []
    assert (fold.changed, fold.shrunk) == ({"T": 6, "U": 3}, {"T": 6})


def test_a_part_of_a_log_tells_what_goes_of_the_rows_before() -> None:
    scopes = CommittedScopes(uncommitted=["b"], closed={"a"})
    more = lines(("reopened", "a", {}), row("a", 3), STARTED, row("b", 4), first=7)
    fold = EventFold(scopes, last_seq=6, read_to=100).take_lines(more)
    assert fold.dropped == {"a": 7, "b": 9}
    assert [said.body for said in fold.rows] == ['{"number":4}']
    assert fold.read_to == 100 + sum(map(len, more))


def test_what_cannot_be_read_is_counted_and_left_out() -> None:
    heard: list[Event] = []
    bad = [b"nonsense\n", *lines(("unheard_of", "", {})), *lines(row("a", 1)), *lines(row("a", 2)), b"\n"]
    fold = EventFold(listen=heard.append).take_lines([*bad, *lines(("finished", "", {"seconds": 1.0}), first=9)])
    assert [said.body for said in fold.rows] == ['{"number":1}']
    assert (fold.events, fold.refused, fold.refused_at) == (2, 3, 0)
    assert [event.kind for event in heard] == ["finished"]
