"""What every method must keep, tested once for all of them; the toys keep it too."""

import json
import re
import shlex
from typing import Any

import pandas as pd
import pytest

from engines import ENGINES
from tests.quick_runs import REAL, TODAY, QuickRuns, Rows, probe_spec
from tests.rooms import ENGINES as TOYS
from tests.source import ROOT
from workbench.bench.results import to_json
from workbench.cli.cards import card_of
from workbench.contract.claims import Claim, Contrast, contrast_of
from workbench.contract.engine import Engine
from workbench.contract.fields import arm_configs, read_spec, settings_of
from workbench.contract.runs import RunSpec
from workbench.contract.schema import ClaimOutlook, Config, Estimate, EstimatePart, Outcome, Row
from workbench.contract.views import Chart, Listing, Passage, Tables, Tree
from workbench.figures.measures import Drawable, drawable, every_arm
from workbench.specs.flags import RESERVED
from workbench.specs.run_arguments import read_run_arguments
from workbench.specs.run_forms import forms_of, read_spec_file
from workbench.statistics import judge
from workbench.worker.fitting import smaller_values

SNAKE = re.compile(r"^[a-z][a-z0-9_]{0,47}$")
EVERY = pytest.mark.parametrize("engine", [*REAL, *TOYS.values()], ids=lambda engine: engine.name)
EVERY_REAL = pytest.mark.parametrize("engine", REAL, ids=lambda engine: engine.name)


def _configs(engine: Engine) -> list[type[Config]]:
    asked = [engine.ask.question] if engine.ask else []
    return [engine.config, *asked, *engine.commands.values(), *(view.controls for view in _views(engine))]


def _views(engine: Engine) -> list[Drawable]:
    """Every view of a method as the page draws it."""
    asked = engine.ask.views if engine.ask else ()
    return [*drawable((*engine.views, *asked), engine), *every_arm(engine)]


def _empty(kind: type[Row]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(kind.model_fields))


def _drawn(view: Drawable, tables: Tables) -> Any:
    offered = view.options(tables) if view.options else {}
    kept = view.controls().model_dump()
    controls = view.controls.model_validate(
        {**kept, **{name: values[0] for name, values in offered.items() if len(values) and kept[name] not in values}}
        if not any(isinstance(value, tuple) for value in kept.values())
        else kept
    )
    match view:
        case Chart():
            assert view.describe(tables, controls).strip()
            return view.draw(tables, controls).to_json()
        case Listing():
            return view.rows(tables, controls).to_json()
        case Tree():
            return view.nodes(tables, controls)
        case Passage():
            return view.spans(tables, controls)


@EVERY
def test_names_are_plain_and_unique(engine: Engine):
    kinds = {kind.table() for kind in engine.rows}
    groups = [engine.arms, engine.metrics, engine.claims, _views(engine)]
    for names in ([thing.name for thing in group] for group in groups):
        assert len(names) == len(set(names)) and all(SNAKE.match(name) for name in names), names
    assert len(kinds) == len(engine.rows) and Outcome not in engine.rows


@EVERY
def test_every_setting_can_be_shown_and_is_explained(engine: Engine):
    for config in _configs(engine):
        for setting in settings_of(config):
            assert len(setting.help) > 8, f"{config.__name__}.{setting.name} has no help"
    assert not RESERVED & {setting.name for setting in settings_of(engine.config)}


@EVERY_REAL
def test_a_form_asks_five_things_and_folds_the_rest_by_what_it_is_about(engine: Engine):
    settings = settings_of(engine.config)
    assert 1 <= sum(setting.basic for setting in settings) <= 5
    named = [name for names in engine.config.sections.values() for name in names.split()]
    assert sorted(named) == sorted(setting.name for setting in settings if not setting.basic)
    assert engine.config.titles.keys() <= {setting.name for setting in settings}
    assert len({setting.label for setting in settings}) == len(settings)


@EVERY_REAL
def test_a_preset_never_promises_how_long_it_takes(engine: Engine):
    for preset in engine.presets.values():
        assert not re.search(r"\b(seconds?|minutes?|hours?)\b", preset.promise), preset.promise


@EVERY
def test_presets_are_complete_and_valid(engine: Engine):
    assert {"quick", "study", "paper"} <= engine.presets.keys()
    for name, preset in engine.presets.items():
        spec = read_spec(engine, preset=name)
        assert spec.settings == preset.config.model_dump(mode="json")
        assert (spec.arms, spec.seeds) == (preset.arms, preset.seeds)
        assert preset.promise.endswith((".", "!"))
    assert len(engine.presets["study"].arms) <= 5


@EVERY
def test_every_arm_fits_every_preset(engine: Engine):
    names = [arm.name for arm in engine.arms]
    for preset in engine.presets:
        found = arm_configs(engine, read_spec(engine, preset=preset, arms=names))
        assert all(isinstance(found[name], engine.config) for name in names)
    assert any(arm.role == "method" for arm in engine.arms) or engine.name in TOYS


@EVERY
def test_arms_change_what_their_settings_allow(engine: Engine):
    allowed = {setting.name for setting in settings_of(engine.config) if setting.per_arm}
    assert {(arm.name, field) for arm in engine.arms for field in arm.overrides if field not in allowed} == set()


@EVERY
def test_claims_reduce_to_cells_that_arms_report(engine: Engine):
    metrics, arms = {metric.name for metric in engine.metrics}, {arm.name for arm in engine.arms}
    for claim in engine.claims:
        for contrast in _contrasts(claim, engine):
            assert {cell.metric for _, cell in contrast.terms} <= metrics
            assert {cell.arm for _, cell in contrast.terms} <= arms
    assert engine.claims


def _contrasts(claim: Claim, engine: Engine) -> list[Contrast]:
    return [contrast_of(part, engine.metrics) for part in claim.parts]


@EVERY
def test_views_read_declared_rows_and_draw_empty_tables(engine: Engine):
    declared = list(engine.row_types().values())
    tables = Tables(_empty, declared)
    for view in _views(engine):
        assert view.reads and set(view.reads) <= set(declared)
        assert _drawn(view, tables) is not None


@EVERY
def test_the_card_is_complete_and_becomes_json(engine: Engine):
    card = json.loads(to_json(card_of(engine)))
    assert card["name"] == engine.name and card["question"].endswith("?")
    assert engine.fidelity and all(line.reason for line in engine.fidelity)
    assert engine.paper.url.startswith("https://")
    assert 1 <= engine.idea.count(". ") + 1 <= 4


@EVERY
def test_the_citation_says_what_the_card_says(engine: Engine):
    paper, plain = engine.paper, re.sub(r"[{}\\]", "", engine.paper.bibtex)
    fields = dict(re.findall(r"^  (\w+) += (.*?),?$", plain, re.MULTILINE))
    names = [" ".join(reversed(name.split(", "))) for name in fields["author"].split(" and ")]
    assert re.fullmatch(r"@[a-z]+\{[a-z]+\d{4}[a-z0-9]+,", engine.paper.bibtex.splitlines()[0])
    assert (fields["title"], fields["year"], fields["url"]) == (paper.title, str(paper.year), paper.url)
    assert ", ".join(names) == paper.authors.replace(", and others", ", others")


@EVERY
@pytest.mark.parametrize("preset", ["quick", "study", "paper"])
def test_a_spec_survives_json_yaml_and_the_command_line(engine: Engine, preset: str):
    spec = read_spec(engine, preset=preset, seeds=[3, 5])
    forms = forms_of(engine, spec)
    body = read_spec_file(forms.yaml)
    every = {**ENGINES, **TOYS}
    assert RunSpec.model_validate_json(spec.model_dump_json()) == spec
    assert read_spec(every[body.pop("engine")], **body) == spec
    assert read_run_arguments(shlex.split(forms.cli.replace("\\\n", ""))[2:], every).spec == spec


@EVERY_REAL
def test_a_method_lives_in_the_folder_of_its_name(engine: Engine):
    assert (ROOT / "engines" / engine.name / "run.py").is_file()
    assert ENGINES[engine.name] is engine


@EVERY
def test_the_probe_and_the_smallest_settings_are_valid(engine: Engine):
    assert probe_spec(engine).arms == engine.presets["quick"].arms
    for preset in engine.presets:
        asked = read_spec(engine, preset=preset).settings
        smaller = dict(asked)
        for step in engine.shrink:
            smaller |= smaller_values(asked, step, 0)
            read_spec(engine, preset=preset, settings=smaller)
    assert engine.name in TOYS or engine.shrink


@pytest.mark.slow
@pytest.mark.timeout(1000)
@EVERY_REAL
def test_the_probe_fills_every_table_that_the_views_read(engine: Engine, quick_runs: QuickRuns):
    _assert_filled(engine, quick_runs.probe(engine))


def _assert_filled(engine: Engine, rows: Rows) -> None:
    frames = {**rows.tables, "Outcome": rows.outcomes}
    views = [*drawable(engine.views, engine), *every_arm(engine)]
    for view in views:
        assert all(len(frames[kind.table()]) for kind in view.reads), view.name
    tables = Tables(lambda kind: frames[kind.table()], list(engine.row_types().values()))
    for view in views:
        assert _drawn(view, tables)
    for name, kind in engine.row_types().items():
        assert list(frames[name].columns) == list(kind.model_fields)


@pytest.mark.slow
@pytest.mark.timeout(1000)
@EVERY_REAL
def test_the_probe_reports_what_was_asked_and_is_judged(engine: Engine, quick_runs: QuickRuns):
    outcomes = quick_runs.probe(engine).outcomes
    assert set(outcomes["arm"]) == set(engine.presets["quick"].arms)
    assert set(outcomes["seed"]) == set(engine.presets["quick"].seeds)
    assert set(outcomes["metric"]) <= {metric.name for metric in engine.metrics}
    assert [verdict.claim for verdict in judge(engine, outcomes)] == [claim.name for claim in engine.claims]


@pytest.mark.slow
@pytest.mark.timeout(1000)
@EVERY_REAL
def test_the_preflight_estimates_the_phases_of_the_run(engine: Engine, quick_runs: QuickRuns):
    run = quick_runs.preflight(engine)
    (estimate,) = run.table(Estimate).to_dict("records")
    parts = run.table(EstimatePart)
    assert estimate["seconds"] > 0 and estimate["memory_bytes"] > 0 and estimate["disk_bytes"] >= 0
    assert estimate["seconds"] == pytest.approx(parts["seconds"].sum())
    assert set(parts["phase"]) <= quick_runs.probe(engine).phases
    assert list(run.table(ClaimOutlook)["claim"]) == [claim.name for claim in engine.claims]


@pytest.mark.slow
@pytest.mark.timeout(1000)
@pytest.mark.parametrize("engine", [TODAY], ids=lambda engine: engine.name)
def test_a_worker_gives_what_this_process_gives(engine: Engine, quick_runs: QuickRuns):
    _assert_filled(engine, quick_runs.by_worker(engine))
    assert _compared(quick_runs.by_worker(engine)) == _compared(quick_runs.probe(engine))


def _compared(rows: Rows) -> set[tuple[Any, ...]]:
    """Which observations there are; values may differ in the last digits with the number of threads."""
    return set(rows.outcomes[["arm", "metric", "seed", "item", "slice"]].fillna("").itertuples(index=False, name=None))


@pytest.mark.wide
@pytest.mark.timeout(1000)
@EVERY_REAL
def test_every_method_runs_in_a_worker(engine: Engine, quick_runs: QuickRuns):
    _assert_filled(engine, quick_runs.by_worker(engine))


@pytest.mark.wide
@pytest.mark.timeout(1000)
@EVERY_REAL
def test_the_whole_quick_preset_fills_every_table_that_its_views_read(engine: Engine, quick_runs: QuickRuns):
    _assert_filled(engine, quick_runs.whole(engine))
