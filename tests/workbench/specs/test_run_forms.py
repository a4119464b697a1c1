"""The four forms of a spec, and spec files."""

from pathlib import Path

import pytest

from tests.rooms import ENGINES
from tests.rooms.counting import COUNTING
from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_spec
from workbench.specs.run_forms import forms_of, read_spec_file, read_spec_path, spec_as_yaml


def test_forms_name_what_differs_from_the_closest_preset():
    spec = read_spec(COUNTING, preset="study", settings={"bonus": 0.5}, seeds=[3])
    forms = forms_of(COUNTING, spec, "/?run=x")
    assert forms.cli.replace("\\\n    ", "") == "benchwright run counting --preset study --bonus 0.5 --seeds 3"
    assert "preset='study'" in forms.python and "settings={'bonus': 0.5}" in forms.python
    assert "items: 60" in forms.yaml and "own_arms" not in forms.yaml
    assert forms.link == "/?run=x"


def test_a_plain_preset_needs_no_more():
    forms = forms_of(COUNTING, read_spec(COUNTING))
    assert forms.cli == "benchwright run counting --preset quick"
    compile(forms.python, "form", "exec")


def test_own_arms_and_fewer_arms_are_said():
    spec = read_spec(COUNTING, arms=["plain"], own_arms={"wild": {"bonus": -3.0}})
    forms = forms_of(COUNTING, spec)
    assert "--arms plain,wild" in forms.cli and "--own-arm wild:bonus=-3.0" in forms.cli
    assert "own_arms={'wild': {'bonus': -3.0}}" in forms.python


def test_yaml_gives_the_spec_back():
    spec = read_spec(COUNTING, settings={"items": 7}, seeds=[1, 2], own_arms={"wild": {"bonus": 1}})
    body = read_spec_file(spec_as_yaml(spec))
    assert read_spec(ENGINES[body.pop("engine")], **body) == spec


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "not YAML"),
        ("- 1", "must be a mapping"),
        ("", "must be a mapping"),
        ("engine: counting\nsetings: {}", "no such key"),
        ("settings: [1]", "must be a mapping"),
        ("arms: plain", "must be a list"),
        ("own_arms: {wild: 3}", "mapping of settings"),
        ("!!python/object/apply:os.system ['true']", "not YAML"),
    ],
)
def test_other_files_are_refused(text: str, said: str):
    with pytest.raises(ConfigError, match=said):
        read_spec_file(text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "latin.yaml", tmp_path / "none.yaml", tmp_path):
        with pytest.raises(ConfigError, match="cannot be read"):
            read_spec_path(path)
