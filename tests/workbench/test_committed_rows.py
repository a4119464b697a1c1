"""Which rows stand: taken up at once, in pieces, rebuilt from the folder, read as a finished run, reasoned slowly."""

from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.history.speech import SPEC, Speech, new_history, take_up
from workbench.contract.schema import Row
from workbench.history import History
from workbench.storage.finished_run import FinishedRun


class Left(Row):
    number: int
    share: float | None = None
    vector: tuple[float, ...] = ()


class Right(Row):
    number: int
    share: float | None = None
    vector: tuple[float, ...] = ()


SCOPES = ("", "train", "train/once:kept")
FULL = {"share": 0.5, "vector": [1.0, 2.0]}
GARBAGE = ("not json\n", '{"seq":0,"attempt":1,"at":0,"scope":"","kind":"row","table":"Left","row":{}}\n', "\n")

SAID = st.tuples(st.sampled_from(["row", "row", "chunk", "note"]), st.sampled_from(SCOPES), st.booleans())
ENDED = st.tuples(st.sampled_from(["closed", "reopened"]), st.sampled_from(SCOPES), st.booleans())
TOLD = st.tuples(st.sampled_from(["started", "finished", "progress", "garbage"]), st.just(""), st.booleans())
LOG = st.lists(SAID | ENDED | TOLD, min_size=20, max_size=50)


def write(folder: Path, log: list[tuple[str, str, bool]]) -> list[tuple[str, str, str]]:
    """Write a log to a run folder; (kind, scope, what is said) of what it says, in order."""
    history = new_history(folder.parent.parent)
    history.open_run(SPEC, run=folder.name)
    history.folder(folder.name).make(SPEC)
    speech = Speech(history.folder(folder.name)).start()
    told = [("started", "", "")]
    for kind, scope, left in log:
        told.append((kind, scope, say(speech, kind, scope, "Left" if left else "Right")))
    speech.write('{"seq":99999,"attempt":9,"at":1.0,"scope":"","kind":"started","pid":1,"process_st')
    history.close()
    return told


def say(speech: Speech, kind: str, scope: str, table: str) -> str:
    number = speech.seq
    match kind:
        case "row":
            speech.row(scope, table, number=number, **(FULL if number % 2 else {}))
        case "chunk":
            frame = pd.DataFrame({"number": [number, number], "share": [0.25, None], "vector": [[3.0], []]})
            frame.to_parquet(speech.folder.path / "tables" / f"{table}-{number}.parquet", index=False)
            speech.say("chunk", scope, table=table, file=f"{table}-{number}.parquet", rows=2)
        case "note":
            speech.say("note", scope, text=str(number))
        case "started":
            speech.start()
        case "finished":
            speech.say("finished", seconds=1.0)
        case "progress":
            speech.say("progress", scope, done=1, total=2, unit="steps")
        case "garbage":
            speech.write(GARBAGE[number % len(GARBAGE)])
        case _:
            speech.say(kind, scope)
    return f"{table if kind in ('row', 'chunk') else kind} {number}"


def stands(told: list[tuple[str, str, str]], at: int) -> bool:
    """Whether what was said at a place still stands at the end: the rule itself, looked up event by event."""
    scope = told[at][1]

    def closed(place: int) -> bool:
        """Whether the scope was closed before that place."""
        ends = [
            kind for kind, other, _ in told[:place] if other == scope and kind in ("closed", "reopened", "finished")
        ]
        return bool(ends) and ends[-1] != "reopened"

    return all(
        not (kind == "reopened" and other == scope) and (kind != "started" or closed(place))
        for place, (kind, other, _) in enumerate(told)
        if place > at
    )


def standing(told: list[tuple[str, str, str]], name: str, kinds: tuple[str, ...]) -> list[int]:
    found = []
    for at, (kind, _, what) in enumerate(told):
        if kind in kinds and what.split()[0] == name and stands(told, at):
            found += [int(what.split()[1])] * (2 if kind == "chunk" else 1)
    return found


def seen(history: History, run: str) -> dict[str, Any]:
    record = history.record(run)
    frames = [history.table(run, kind) for kind in (Left, Right)]
    values = [repr(frame.values.tolist()) + repr(frame.dtypes.tolist()) for frame in frames]
    return {
        "frames": values,
        "numbers": [frame["number"].tolist() for frame in frames],
        "notes": [note for note in history.notes(run) if note.isdigit()],
        "tables": dict(record.tables),
        "revision": record.revision("Left", "Right"),
        "record": (record.state, record.attempt, record.phase, record.done, record.started, record.events),
    }


@given(LOG, st.lists(st.integers(1, 400), max_size=6))
def test_everyone_who_reads_a_run_reads_the_same_rows(tmp_path_factory, log, steps):
    root = tmp_path_factory.mktemp("committed")
    folder = root / "runs" / "a-run"
    told = write(folder, log)
    at_once = new_history(root)
    take_up(at_once, "a-run")
    found = seen(at_once, "a-run")
    expected = [standing(told, name, ("row", "chunk")) for name in ("Left", "Right")]
    assert found["numbers"] == expected
    assert found["notes"] == list(map(str, standing(told, "note", ("note",))))
    assert found["tables"] == {n: len(e) for n, e in zip(("Left", "Right"), expected, strict=True) if e}
    finished = FinishedRun(at_once.folder("a-run"))
    for kind in (Left, Right):
        pd.testing.assert_frame_equal(finished.table(kind), at_once.table("a-run", kind))
    at_once.close()
    assert rebuilt(root) == found
    assert in_pieces(root, folder, steps) == found


def rebuilt(root: Path) -> dict[str, Any]:
    """What a history made anew from the folders says; who may still be running is not its matter."""
    for file in root.glob("history.db*"):
        file.unlink()
    history = new_history(root)
    found = seen(history, "a-run")
    history.close()
    return found


def in_pieces(root: Path, folder: Path, steps: list[int]) -> dict[str, Any]:
    """What a history says that read the log as it grew."""
    text, end = (folder / "events.jsonl").read_bytes(), 0
    for file in root.glob("history.db*"):
        file.unlink()
    (folder / "spec.json").rename(root / "spec.json")  # so that no rebuild takes it up
    history = new_history(root)
    history.open_run(SPEC, run="a-run")
    for step in [*steps, len(text)]:
        end += step
        (folder / "events.jsonl").write_bytes(text[:end])
        take_up(history, "a-run")
    found = seen(history, "a-run")
    history.close()
    return found
