"""Every command of the README's command line is carried out, over a toy method of the same contract."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.source import ROOT
from tests.workbench.cli.test_cli import TOOL, started

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = re.search(r"## Command line\n\n```sh\n(.*?)```", README, re.DOTALL)
LINES = [line.split("#")[0].strip() for line in SECTION[1].splitlines()] if SECTION else []
COMMANDS = [command.strip() for line in LINES for command in line.split("&&")]
TOY = {"shifcon": "growing", "A,B": "half", "200": "20"}
"""What stands in for the README's words; everything else is asked as it stands."""


def _asked(command: str, words: dict[str, str]) -> list[str]:
    program, *arguments = shlex.split(command)
    assert program == "benchwright"
    return [(TOY | words).get(word, word) for word in arguments]


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A finished run of the toy and files, by the README's words for them."""
    folder = tmp_path_factory.mktemp("readme")
    spec, result = folder / "spec.yaml", folder / "result.json"
    spec.write_text("engine: growing\n")
    assert TOOL.main(["run", "growing", "--json", str(result), "--quiet"]) == 0
    words = {"RUN": json.loads(result.read_text())["run"], "spec.yaml": str(spec), "FOLDER": str(folder / "csv")}
    return words | {name: str(folder / name) for name in ("result.json", "report.html", "run.zip")}


def test_the_section_has_commands():
    assert {command.split()[1] for command in COMMANDS} >= {"list", "run", "show", "export", "extend", "import"}


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if command.split()[1] not in ("stop", "resume", "import")]
)
def test_a_command_is_carried_out(command: str, toy: dict[str, str], capsys: pytest.CaptureFixture):
    arguments = _asked(command, toy)
    if "--help" in arguments:
        with pytest.raises(SystemExit) as left:
            TOOL.main(arguments)
        assert left.value.code == 0
    else:
        assert TOOL.main(arguments) == 0, capsys.readouterr().err
    heard = capsys.readouterr()
    assert heard.out + heard.err


def test_a_run_is_stopped_and_goes_on(fresh_home: Path, capsys: pytest.CaptureFixture):
    stop, resume = (next(c for c in COMMANDS if c.split()[1] == what) for what in ("stop", "resume"))
    with started(fresh_home, "Count", "run", "counting", "--items", "60", "--pause", "0.05") as (_, run):
        assert TOOL.main(_asked(stop, {"RUN": run})) == 0
        assert "stopped" in capsys.readouterr().out
    assert TOOL.main(_asked(resume, {"RUN": run})) == 0


def test_a_run_folder_is_taken_up(toy: dict[str, str], fresh_home: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    command = next(command for command in COMMANDS if command.split()[1] == "import")
    monkeypatch.undo()
    folder = Path(os.environ["BENCHWRIGHT_HOME"]) / "runs" / toy["RUN"]
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(fresh_home))
    assert TOOL.main(_asked(command, {"FOLDER": str(folder)})) == 0
    assert TOOL.main(["show", capsys.readouterr().out.strip(), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "finished"


def test_the_benchmark_command_finds_benchmarks():
    command = re.search(r"`(pytest .*-m benchmark [^`]*)`", README)
    assert command
    files = [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob(shlex.split(command[1])[-1]))]
    asked = [word for word in shlex.split(command[1])[1:-1] if word != "-n0"]
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "--collect-only", "-q", *asked, *files],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout[-2000:]
    assert len([line for line in found.stdout.splitlines() if "::" in line]) >= len(files)
