"""A method of another distribution: announced by an entry point, loaded by the module that its card names."""

import os
import subprocess
import sys
from pathlib import Path

from tests.source import ROOT

CARD = """
from dataclasses import replace
from tests.rooms.printing import PRINTING
ENGINES = {"elsewhere": replace(PRINTING, name="elsewhere", module="elsewhere.recipe")}
"""


def test_a_method_comes_by_entry_point(tmp_path: Path) -> None:
    package, announced = tmp_path / "elsewhere", tmp_path / "elsewhere-1.0.dist-info"
    package.mkdir()
    announced.mkdir()
    (package / "__init__.py").write_text(CARD)
    (package / "recipe.py").write_text("def run(config, log): ...\n")
    (announced / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
    (announced / "entry_points.txt").write_text("[benchwright.engines]\nmore = elsewhere:ENGINES\n")
    code = (
        "from workbench.contract.registry import engines; print(engines()['elsewhere'].load().__module__, *engines())"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    module, *names = done.stdout.split()
    assert module == "elsewhere.recipe" and {"elsewhere", "shifcon"} <= set(names)
