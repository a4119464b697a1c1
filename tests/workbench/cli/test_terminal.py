"""What a terminal shows of a run."""

import io
from typing import Any

import pytest

from tests.rooms.counting import COUNTING
from tests.workbench.made_verdicts import verdict
from workbench.bench.estimate_check import Compared, EstimateCheck
from workbench.cli.terminal import (
    FetchLines,
    ProgressLine,
    engine_text,
    estimate_text,
    outlook_text,
    phase_words,
    progress_text,
    table_text,
    verdict_text,
    verdicts_text,
)
from workbench.contract.fields import read_spec
from workbench.history.records import RunRecord

SPEC = read_spec(COUNTING)


def _record(**changes: Any) -> RunRecord:
    kept: dict[str, Any] = {name: "" for name in RunRecord.__annotations__}
    kept |= {"spec": SPEC, "state": "running", "phase": "Count", "done": 3, "total": 12, "unit": "items"}
    kept |= {"progress_at": 100.0, "tags": (), "tables": {}, "revisions": {}, "seconds": None}
    return RunRecord(**(kept | changes))


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_says_phase_share_and_time_left():
    assert progress_text(_record(), 65.0, drawn=False) == "Count   25% 3/12 items  about 1 min 05 s left"
    assert "[######..................]" in progress_text(_record(), None)
    assert progress_text(_record(state="queued", phase="", total=0), None) == "queued"
    assert progress_text(_record(state="finished", phase=""), None) == "finished"
    assert progress_text(_record(total=0), 3.0) == "Count  about 3.0 s left"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", ""),
        ("Count", "Count"),
        ("Measure/once:language fr", "Measure"),
        ("Retrieve/cell:mean_shifted/0/Count", "Retrieve > mean_shifted, seed 0 > Count"),
        ("cell:plain", ""),
    ],
)
def test_phases_are_told_without_inner_scopes(path: str, words: str):
    assert phase_words(path) == words


def test_a_phase_that_is_opened_again_is_told_without_its_number():
    assert phase_words("Ask every teacher#2/cell:plain/0#1") == "Ask every teacher > plain, seed 0"


def test_a_terminal_line_redraws_itself():
    out = _Terminal()
    line = ProgressLine(out)
    line(_record(), None)
    line(_record(state="finished", phase=""), None)
    line.close()
    assert out.getvalue().count("\r") == 2 and out.getvalue().count("\n") == 1
    assert out.getvalue().rstrip("\n").endswith(" ")


def test_a_plain_stream_gets_a_line_per_phase_and_one_now_and_then():
    out = io.StringIO()
    line = ProgressLine(out)
    for at in (100.0, 101.0, 102.0, 106.0):
        line(_record(progress_at=at, done=int(at) - 98), None)
    line(_record(phase="Sum up", total=0), None)
    line.close()
    said = out.getvalue().splitlines()
    assert len(said) == 3 and said[-1].startswith("Sum up") and "\r" not in out.getvalue()


def test_fetching_is_told_in_steps():
    out = io.StringIO()
    tell = FetchLines(out)
    for done in range(0, 101, 10):
        tell("model", done, 100)
    assert out.getvalue().splitlines() == ["model 0 %", "model 50 %", "model 100 %"]


def test_tables_align_under_their_heads():
    assert table_text(("a", "bb"), [("xyz", 1)]).splitlines() == ["a    bb", "xyz  1"]


def test_a_card_in_words_names_everything_to_choose_from():
    shown = engine_text(COUNTING)
    for part in ("Sixty items under three seeds.", "halved (off)", "The shift raises the score.", "reconstructed"):
        assert part in shown


def test_a_verdict_opens_with_its_answer_and_ends_with_its_doubts():
    told = verdict_text(verdict(counted=True)).splitlines()
    assert told[0].startswith("+ HOLDS HERE (COUNTED) [small]: On this data the shift finds 8 more of 100 sentences.")
    assert told[1] == "    Claim: The shift raises the score."
    assert told[-2:] == ["    How this could be wrong:", "      - 3 seeds: how seeds vary is known roughly."]
    assert "p 0.0012 alone, 0.0072 corrected within its family; look 1 of 5." in "\n".join(told)


def test_verdicts_stand_by_family_and_a_failed_run_has_none():
    many = [verdict(family="own"), verdict(family="headline", headline=True)]
    told = verdicts_text(many, "finished")
    assert told.index("\nHeadline\n") < told.index("\nOur own checks\n") and "other claims" not in told
    assert verdicts_text([], "failed") == "The run failed, so no claim is judged. What it wrote before is in Rows."
    assert verdicts_text(many, "stopped").startswith("Partial")


def test_a_card_promises_its_claims_by_family():
    assert "Claims: The paper's other claims\n  shift_helps: " in engine_text(COUNTING)


def test_claims_that_stay_open_are_said_before_the_start():
    assert outlook_text({}) == ""
    told = outlook_text({"It gains.": "One seed never decides."})
    assert told.startswith("This run could never decide 1 claim:") and "“It gains.” One seed never decides." in told


def test_an_estimate_is_said_beside_what_the_run_took():
    check = EstimateCheck(
        (Compared("Train", 60.0, 90.0), Compared("Answer", None, 2.0)), Compared("Time", 65.0, 95.0),
        Compared("Memory", 2e9, None), ("items",), 1,
    )  # fmt: skip
    told = estimate_text(check)
    assert "Train: about 1 min 00 s estimated, 1 min 30 s taken" in told
    assert "Answer: about – estimated, 2.0 s taken" in told and "differed in items" in told
