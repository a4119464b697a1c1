"""The README says what is true: its commands, its table of methods, its examples."""

import ast
import re
import shlex
from pathlib import Path

import pytest

from engines import ENGINES
from tests.source import ROOT
from workbench.contract.fields import read_spec
from workbench.specs.run_arguments import read_run_arguments

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]


def test_it_is_short():
    assert README.count("\n") <= 150


def test_spaces_front_matter_opens_the_app_with_the_tested_gradio():
    import yaml

    front = yaml.safe_load(README.split("---")[1])
    assert (front["sdk"], front["app_file"], front["python_version"]) == ("gradio", "app.py", "3.12")
    assert f"gradio=={front['sdk_version']}\n" in (ROOT / "requirements.txt").read_text()
    assert len(front["short_description"]) <= 60
    assert (front["license"], front["suggested_hardware"]) == ("apache-2.0", "cpu-basic")


def test_a_space_installs_the_cpu_build_of_the_tested_torch():
    pinned = next(line for line in (ROOT / "requirements.txt").read_text().splitlines() if line.startswith("torch=="))
    early = (ROOT / "pre-requirements.txt").read_text().splitlines()
    assert [line for line in early if not line.startswith(("#", "--extra-index-url"))] == [f"{pinned}+cpu"]
    assert "--" not in (ROOT / "requirements.txt").read_text(), "requirements.txt installs from the configured index"


def test_every_shipped_binary_goes_to_a_space_by_lfs():
    attributes = (ROOT / ".gitattributes").read_text()
    rules = {line.split()[0] for line in attributes.splitlines() if "filter=lfs" in line}
    shipped = [path for folder in ("assets", "engines", "workbench") for path in (ROOT / folder).rglob("*")]
    binary = {
        path.suffix for path in shipped if "__pycache__" not in path.parts and path.is_file() and _is_binary(path)
    }
    assert ".parquet" in binary and rules == {f"*{suffix}" for suffix in binary}


def _is_binary(path: Path) -> bool:
    return b"\0" in path.read_bytes()[:8000]


def test_there_are_exactly_two_set_up_commands():
    setting_up = [line for line in SHELL if line.startswith("python3 -m venv")]
    assert len(setting_up) == 2
    assert setting_up[0].endswith("benchwright app") and setting_up[1].endswith("pytest")
    assert all("-r requirements.txt" in line and "benchwright fetch" in line for line in setting_up)


def test_the_table_names_every_method():
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+?) \| \[.*\]\((.+)\) \|$", README, re.MULTILINE)
    assert rows == [(e.name, str(e.tab), e.question, e.paper.url) for e in ENGINES.values()]


@pytest.mark.parametrize(
    "line", [line for line in SHELL if line.startswith("benchwright run ") and ".yaml" not in line]
)
def test_run_examples_are_accepted(line: str):
    arguments = shlex.split(line, comments=True)[2:]
    if "--help" not in arguments:
        assert read_run_arguments(arguments, ENGINES).spec.engine in ENGINES


def test_the_python_example_is_accepted():
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code
    call = next(n for n in ast.walk(ast.parse(code[1])) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name))
    name, given = ast.literal_eval(call.args[0]), {k.arg: ast.literal_eval(k.value) for k in call.keywords}
    assert read_spec(ENGINES[name], **given).engine == name
    tables = re.findall(r'result\.tables\["(\w+)"\]', code[1])
    assert tables and set(tables) <= set(ENGINES[name].row_types())


def test_links_and_pictures_lead_somewhere():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
