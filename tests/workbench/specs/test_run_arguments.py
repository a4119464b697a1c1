"""What `benchwright run` is asked; refusals are tried in test_cli.py."""

from pathlib import Path

import pytest

from tests.rooms import ENGINES
from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_spec
from workbench.specs.run_arguments import read_run_arguments


def test_flags_go_over_the_spec_file_and_the_file_over_the_preset(tmp_path: Path):
    path = tmp_path / "spec.yaml"
    path.write_text("engine: counting\npreset: study\nsettings: {bonus: 1}\nown_arms: {wild: {bonus: 2, rounds: 3}}\n")
    asked = read_run_arguments(["--spec", str(path), "--own-arm", "wild:rounds=4", "--seeds", "5,6"], ENGINES)
    assert asked.spec == read_spec(
        ENGINES["counting"],
        preset="study",
        settings={"bonus": 1},
        own_arms={"wild": {"bonus": 2, "rounds": 4}},
        seeds=[5, 6],
    )


def test_the_rest_of_the_request():
    asked = read_run_arguments(["counting", "--title", "T", "--json", "out.json", "--quiet"], ENGINES)
    assert (asked.title, asked.json, asked.quiet) == ("T", Path("out.json"), True)


def test_a_spec_file_of_another_method_is_refused(tmp_path: Path):
    path = tmp_path / "spec.yaml"
    path.write_text("engine: printing\n")
    with pytest.raises(ConfigError, match="'printing'"):
        read_run_arguments(["counting", "--spec", str(path)], ENGINES)
