"""The page "Write a method": its files are a method that runs and is judged, in at most 250 lines."""

import re
from pathlib import Path

from tests.engines.worked_runs import start
from tests.rooms.stratified import ENGINE
from tests.rooms.stratified.sampling import draw_points, sine_integral
from tests.source import ROOT
from workbench.contract import Curves, Measures, Outcome, Rows
from workbench.contract.fields import read_spec
from workbench.statistics import judge

FOLDER = ROOT / "tests" / "rooms" / "stratified"
PAGE = (ROOT / "assets" / "docs" / "write_a_method.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"`engines/stratified/(\w+\.py)`\n\n```python\n(.*?)```", PAGE, re.DOTALL))


def test_the_page_has_every_file_as_it_runs_here():
    files = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py")}
    module = '    module="tests.rooms.stratified.run",\n'
    assert module in files["__init__.py"]
    there = {name: text.replace(module, "").replace("tests.rooms", "engines") for name, text in files.items()}
    assert there == BLOCKS


def test_the_method_is_small_and_has_a_picture_of_each_kind():
    assert sum(text.count("\n") for text in BLOCKS.values()) <= 250
    assert {type(view) for view in ENGINE.views} >= {Curves, Measures, Rows}
    assert ENGINE.claims and ENGINE.probe and ENGINE.load_probe()


def test_it_runs_and_its_claim_is_decided(tmp_path: Path):
    run = start(ENGINE, read_spec(ENGINE), tmp_path, "stratified")
    (verdict,) = judge(ENGINE, run.table(Outcome))
    assert verdict.verdict == "holds"
    assert len(run.table(Outcome)) == 2 * 8 * 30


def test_a_stratum_holds_one_point():
    import numpy as np

    points = draw_points(10, True, np.random.default_rng(0))
    assert (points * 10).astype(int).tolist() == list(range(10))
    assert abs(sine_integral(np.pi) - 2 / np.pi) < 1e-12


def test_the_readme_leads_to_the_page():
    assert "(assets/docs/write_a_method.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
