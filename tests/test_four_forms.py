"""One run, four forms: the form's values, YAML, the command line and Python give the same rows."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engines import ENGINES
from tests.rooms import ENGINES as TOYS
from tests.rooms import WORKER as TOY_WORKER
from workbench.bench import python_api
from workbench.bench.results import Result
from workbench.bench.session import WORKER, Session, open_session
from workbench.cli.cli import Tool
from workbench.contract.engine import Engine
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunSpec
from workbench.contract.settings import settings_of
from workbench.specs.run_forms import forms_of
from workbench.ui.setup.form import shown_value

SHIFCON: dict[str, Any] = {
    "languages": ["fr", "de"],
    "sentences": 16,
    "token_cap": 1500,
    "projected_layers": 1,
    "draws": 2,
}
COUNTING: dict[str, Any] = {"items": 5, "bonus": 0.25}


def _document(result: Result, engine: Engine) -> dict[str, Any]:
    """Everything of a run but its name and what depends on the moment."""
    body = result.document()
    for name, rows in body["tables"].items():
        measured = engine.row_types()[name].measured_fields()
        body["tables"][name] = [{key: row[key] for key in row if key not in measured} for row in rows]
    return {key: body[key] for key in body if key not in ("run", "title", "seconds")}


def _by_form(session: Session, spec: RunSpec) -> str:
    """Start the run as the page does: from what its widgets hold."""
    engine = session.engines[spec.engine]
    config = engine.config.model_validate(spec.settings)
    held = {s.name: shown_value(s, getattr(config, s.name)) for s in settings_of(engine.config)}
    asked = read_spec(engine, settings=held, arms=list(spec.arms), seeds=",".join(map(str, spec.seeds)))
    return session.bench.start(asked)


def _same(
    engines: Mapping[str, Engine], worker: tuple[str, ...], spec: RunSpec, folder: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(python_api, "engines", lambda: engines)
    monkeypatch.setattr(python_api, "open_session", lambda known: open_session(known, worker))
    engine = engines[spec.engine]
    forms, tool = forms_of(engine, spec), Tool(lambda: engines, worker)
    with open_session(engines, worker) as session:
        run = _by_form(session, spec)
        record = session.bench.wait(run, 600)
        assert record.state == "finished", f"{record.error} {record.hint} {record.traceback}"
        by_form = _document(session.result(run), engine)
    (folder / "spec.yaml").write_text(forms.yaml, encoding="utf-8")
    assert tool.main(["run", "--spec", str(folder / "spec.yaml"), "--quiet", "--json", str(folder / "yaml.json")]) == 0
    line = shlex.split(forms.cli.replace("\\\n", ""))[1:]
    assert tool.main([*line, "--quiet", "--json", str(folder / "cli.json")]) == 0
    made: dict[str, Any] = {}
    exec(forms.python, made)
    assert by_form["outcomes"] and by_form["state"] == "finished"
    assert _document(made["result"], engine) == by_form
    for name in ("yaml", "cli"):
        answer = json.loads((folder / f"{name}.json").read_text())
        with open_session(engines, worker) as session:
            assert _document(session.result(answer["run"]), engine) == by_form
        assert {key: answer[key] for key in ("settings", "arms", "seeds", "outcomes")} == {
            key: by_form[key] for key in ("settings", "arms", "seeds", "outcomes")
        }


def test_a_toy_gives_the_same_rows_in_every_form(fresh_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    spec = read_spec(TOYS["counting"], settings=COUNTING, seeds=[0, 3])
    _same(TOYS, TOY_WORKER, spec, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_real_method_gives_the_same_rows_in_every_form(
    fresh_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    spec = read_spec(ENGINES["shifcon"], settings=SHIFCON, seeds=[1])
    _same(ENGINES, WORKER, spec, tmp_path, monkeypatch)
