"""The command line over the toy methods: commands, JSON, exit codes, and what it refuses."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.rooms import ENGINES, WORKER
from workbench.cli.cli import Tool

TOOL = Tool(lambda: ENGINES, WORKER)
FAST = ["run", "counting", "--items", "3"]
PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell started in the background
from tests.rooms import ENGINES, WORKER
from workbench.cli.cli import Tool
sys.exit(Tool(lambda: ENGINES, WORKER).main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """One finished run of the counting toy in the session's data folder, as its JSON."""
    target = tmp_path_factory.mktemp("json") / "result.json"
    asked = [
        *FAST,
        "--bonus",
        "0.05",
        "--arms",
        "shifted,plain",
        "--seeds",
        "0,1",
        "--title",
        "T",
        "--json",
        str(target),
    ]
    assert TOOL.main(asked) == 0
    return json.loads(target.read_text())


def _printed(capsys: pytest.CaptureFixture, *arguments: str) -> str:
    assert TOOL.main(arguments) == 0
    return capsys.readouterr().out


def test_list_names_every_method(capsys: pytest.CaptureFixture):
    assert "How much do the items sum up to?" in _printed(capsys, "list")
    assert [line["name"] for line in json.loads(_printed(capsys, "list", "--json"))] == list(ENGINES)


def test_describe_gives_the_card(capsys: pytest.CaptureFixture):
    card = json.loads(_printed(capsys, "describe", "counting", "--json"))
    assert {"name", "settings", "presets", "arms", "claims", "views"} <= card.keys()
    assert [arm["name"] for arm in card["arms"]] == ["shifted", "plain", "halved"]
    assert {"items", "pause", "bonus", "rounds"} == {setting["name"] for setting in card["settings"]}
    assert card["presets"]["study"]["seeds"] == [0, 1, 2]
    assert "Adds a fifth to every score." in _printed(capsys, "describe", "counting")


def test_a_run_answers_with_everything(ran: dict):
    keys = {"run", "engine", "state", "settings", "outcomes", "verdicts", "tables", "seconds", "error"}
    assert keys <= ran.keys()
    assert (ran["engine"], ran["state"], ran["error"]) == ("counting", "finished", None)
    assert ran["settings"] == {"items": 3, "pause": 0.0, "bonus": 0.05, "rounds": 1}
    assert len(ran["outcomes"]) == 2 * 2 * 3
    assert set(ran["outcomes"][0]) == {"arm", "metric", "seed", "value", "item", "cluster", "slice"}
    assert ran["outcomes"][0]["cluster"] is None
    assert {"claim", "verdict", "estimate", "low", "high", "paper"} <= ran["verdicts"][0].keys()
    assert {name: len(rows) for name, rows in ran["tables"].items() if rows} == {"Step": 12, "Tally": 4}
    assert ran["seconds"] > 0


def test_the_run_is_in_the_history(ran: dict, capsys: pytest.CaptureFixture):
    listed = json.loads(_printed(capsys, "runs", "--json"))
    assert (listed[0]["run"], listed[0]["engine"], listed[0]["state"]) == (ran["run"], "counting", "finished")
    assert ran["run"] in _printed(capsys, "runs", "--engine", "counting")
    assert ran["run"] not in _printed(capsys, "runs", "--engine", "printing")


def test_show_gives_the_same_json(ran: dict, capsys: pytest.CaptureFixture):
    assert json.loads(_printed(capsys, "show", ran["run"], "--json")) == ran
    shown = _printed(capsys, "show", ran["run"])
    assert "The shift raises the score." in shown and "Step 12" in shown


def test_json_goes_to_standard_output_too(capsys: pytest.CaptureFixture):
    out = _printed(capsys, *FAST, "--json", "-", "--quiet")
    assert json.loads(out[out.index("{\n") :])["state"] == "finished"


def test_a_run_says_first_which_claims_it_could_never_decide(capsys: pytest.CaptureFixture):
    assert TOOL.main([*FAST, "--arms", "shifted"]) == 0
    assert "could never decide 1 claim:" in capsys.readouterr().err.split("Run ", 1)[0]


def test_a_failed_run_exits_with_one(capsys: pytest.CaptureFixture, tmp_path: Path):
    target = tmp_path / "failed.json"
    assert TOOL.main(["run", "failing", "--way", "data", "--json", str(target)]) == 1
    assert "Column 'fr' is missing" in capsys.readouterr().err
    answer = json.loads(target.read_text())
    assert answer["state"] == "failed" and answer["error"]["code"] == "data"
    assert len(answer["tables"]["Before"]) >= 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "countin"], "Did you mean 'counting'?"),
        (["run", "counting", "--itms", "3"], "Did you mean --items?"),
        (["run", "counting", "--items", "many"], "whole number"),
        (["run", "counting", "--items", "0"], "at least 1"),
        (["run", "counting", "--arms", "shiftd"], "Did you mean 'shifted'?"),
        (["run", "counting", "--seeds", "one"], "whole numbers"),
        (["run", "counting", "--preset", "quik"], "Did you mean 'quick'?"),
        (["run", "counting", "--own-arm", "wide"], "NAME:setting=value"),
        (["run", "counting", "--own-arm", "Big Arm:bonus=1"], "not a name for an arm"),
        (["run", "counting", "--spec", "/nowhere.yaml"], "cannot be read"),
        (["run", "counting", "stray"], "nothing that this could belong to"),
        (["run"], "No method was named"),
        (["describe", "nothing"], "no method named"),
        (["export", "260101-0000-none"], "Nothing was asked for"),
        (["launch"], "invalid choice"),
        ([], "required"),
    ],
)
def test_refusals_say_what_to_do_and_start_nothing(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture, fresh_home: Path
):
    assert TOOL.main(arguments) == 2
    assert said in capsys.readouterr().err
    assert not list((fresh_home / "runs").glob("*")) if (fresh_home / "runs").exists() else True


@pytest.mark.parametrize("run", ["260101-0000-none-0000000000", "../../etc", "<b>"])
def test_an_unknown_run_exits_with_five(run: str, capsys: pytest.CaptureFixture):
    assert TOOL.main(["show", run]) == 5
    assert "no run" in capsys.readouterr().err


def test_help_lists_flags_with_what_they_allow(capsys: pytest.CaptureFixture):
    with pytest.raises(SystemExit) as left:
        TOOL.main(["run", "counting", "--help"])
    assert left.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "--items N" in shown and "How many items each arm counts under each seed." in shown
    assert "at least 1 and at most 1000000" in shown


def test_underscores_pass_for_dashes_and_own_arms_run(tmp_path: Path):
    target = tmp_path / "own.json"
    asked = ["run", "counting", "--items=2", "--own_arm", "wild:bonus=-3", "--arms", "plain", "--json", str(target)]
    assert TOOL.main(asked) == 0
    answer = json.loads(target.read_text())
    assert answer["arms"] == ["plain", "wild"]
    assert {row["arm"] for row in answer["outcomes"] if row["value"] < 0} == {"wild"}


def test_a_spec_file_runs_and_flags_go_over_it(tmp_path: Path):
    spec, target = tmp_path / "spec.yaml", tmp_path / "answer.json"
    spec.write_text("engine: counting\nsettings: {items: 2, bonus: 0.5}\narms: [plain]\nseeds: [4, 5]\n")
    assert TOOL.main(["run", "--spec", str(spec), "--bonus", "0.25", "--json", str(target)]) == 0
    answer = json.loads(target.read_text())
    assert answer["settings"]["bonus"] == 0.25 and answer["settings"]["items"] == 2
    assert (answer["arms"], answer["seeds"]) == (["plain"], [4, 5])
    assert TOOL.main(["run", "failing", "--spec", str(spec)]) == 2


def test_export_and_import(ran: dict, tmp_path: Path, capsys: pytest.CaptureFixture, fresh_home: Path, monkeypatch):
    original = Path(os.environ["BENCHWRIGHT_HOME"])
    assert original == fresh_home
    monkeypatch.undo()
    files = _printed(capsys, "export", ran["run"], "--csv", str(tmp_path / "csv")).split()
    assert {Path(name).name for name in files} >= {"Outcome.csv", "Step.csv", "Tally.csv", "verdicts.csv"}
    lines = (tmp_path / "csv" / "Step.csv").read_text().splitlines()
    assert lines[0] == "arm,seed,round,number,score,seconds" and len(lines) == 13
    example = _printed(capsys, "export", ran["run"], "--example", str(tmp_path / "examples")).split()
    assert str(tmp_path / "examples" / ran["run"] / "tables" / "Step-0.parquet") in example
    whole = Path(os.environ["BENCHWRIGHT_HOME"]) / "runs" / ran["run"]
    for home, folder in ((fresh_home, whole), (tmp_path / "home", tmp_path / "examples" / ran["run"])):
        monkeypatch.setenv("BENCHWRIGHT_HOME", str(home))
        imported = _printed(capsys, "import", str(folder)).strip()
        shown = json.loads(_printed(capsys, "show", imported, "--json"))
        assert (shown["outcomes"], shown["tables"]) == (ran["outcomes"], ran["tables"])


@contextmanager
def started(home: Path, phase: str, *arguments: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """The command line as a process of its own, once its run is in that phase; and the run."""
    environment, log = {**os.environ, "BENCHWRIGHT_HOME": str(home)}, home / "cli.log"
    with log.open("w") as out:
        program = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments], stdout=out, stderr=out, env=environment, start_new_session=True
        )
    try:
        deadline = time.monotonic() + 120
        while phase not in log.read_text():
            assert program.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield program, log.read_text().split()[1]
    finally:
        program.kill()
        program.wait(30)


def test_control_c_stops_gracefully(fresh_home: Path, capsys: pytest.CaptureFixture):
    with started(fresh_home, "Count", "run", "counting", "--items", "500", "--pause", "0.05") as (program, run):
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 3
    shown = json.loads(_printed(capsys, "show", run, "--json"))
    assert shown["state"] == "stopped" and shown["tables"]["Step"]


def test_a_stopped_run_resumes_to_the_rows_of_a_whole_one(fresh_home: Path, capsys: pytest.CaptureFixture):
    asked = ("--items", "40", "--pause", "0.1")
    with started(fresh_home, "Count", "run", "counting", *asked) as (program, run):
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 3
    assert TOOL.main(["resume", run]) == 0
    assert TOOL.main(["run", "counting", "--items", "40"]) == 0
    capsys.readouterr()
    listed = json.loads(_printed(capsys, "runs", "--json"))
    resumed, whole = (json.loads(_printed(capsys, "show", line["run"], "--json")) for line in reversed(listed))
    assert resumed["run"] == run and resumed["outcomes"] == whole["outcomes"]


def test_a_second_control_c_leaves_the_run_and_stop_ends_it(fresh_home: Path, capsys: pytest.CaptureFixture):
    with started(fresh_home, "Go wrong", "run", "failing", "--way", "deaf") as (program, run):
        program.send_signal(signal.SIGINT)
        time.sleep(0.5)
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 130
    assert "stopped" in _printed(capsys, "stop", run)


def test_a_finished_run_goes_on_and_shows_what_it_answers_then(capsys: pytest.CaptureFixture, tmp_path: Path):
    target, grown = tmp_path / "run.json", tmp_path / "grown.json"
    assert TOOL.main(["run", "growing", "--json", str(target), "--quiet"]) == 0
    run = json.loads(target.read_text())["run"]
    capsys.readouterr()
    assert TOOL.main(["extend", run, "--items", "2"]) == 2
    assert "1 more seed or 4 more items" in capsys.readouterr().err
    assert TOOL.main(["extend", run]) == 2
    assert "Nothing was asked for" in capsys.readouterr().err
    more = ["--seeds", "1", "--items", "4", "--arms", "half", "--own-arm", "mine:bonus=0.2"]
    assert TOOL.main(["extend", run, *more, "--json", str(grown)]) == 0
    answer = json.loads(grown.read_text())
    assert (answer["run"], answer["seeds"], answer["arms"]) == (run, [0, 1, 2], ["method", "baseline", "half", "mine"])
    assert len(answer["outcomes"]) == 4 * 3 * 12
    assert {verdict["look"] for verdict in answer["verdicts"]} == {2}
    assert TOOL.main(["extend", "no-such-run", "--seeds", "1"]) == 5
    assert TOOL.main(["extend", run, "--take-back"]) == 1
    assert "no extension that can be taken back" in capsys.readouterr().err
