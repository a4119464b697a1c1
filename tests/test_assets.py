"""What ships beside the code: small, and without a path of the machine that made it."""

import gzip
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from engines import ENGINES
from tests.source import ROOT
from workbench.contract.fields import read_spec
from workbench.contract.settings import settings_of
from workbench.export.example_folder import MACHINE_PATH

ASSETS = ROOT / "assets"
FILES = sorted(path for path in ASSETS.rglob("*") if path.is_file())
EXAMPLES = sorted((ASSETS / "examples").iterdir())
LARGEST_EXAMPLES = 12 << 20
PICTURES = (".png", ".safetensors")


def _texts(path: Path) -> str:
    """Everything in a file that may be read as text; of tables, every cell and column name that is no number."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        return repr([set(map(repr, column.to_pylist())) for column in table.columns if "float" not in str(column.type)])
    if path.suffix in PICTURES:
        return path.read_bytes().decode("latin-1")
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8", errors="replace")


def test_no_shipped_file_names_a_path_of_a_machine():
    found = {path: MACHINE_PATH.search(_texts(path)) for path in FILES if path.suffix != ".png"}
    assert len(found) > 100
    assert not {str(path.relative_to(ROOT)): match.group() for path, match in found.items() if match}


def test_the_examples_are_small_and_their_logs_hold_no_rows():
    assert sum(path.stat().st_size for path in FILES if ASSETS / "examples" in path.parents) <= LARGEST_EXAMPLES
    for example in EXAMPLES:
        kinds = [json.loads(line)["kind"] for line in (example / "events.jsonl").read_text("utf-8").splitlines()]
        assert not {"row", "progress"} & set(kinds) and len(kinds) < 1000, example.name


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_spec_of_an_example_can_be_asked_again(example: Path):
    spec = json.loads((example / "spec.json").read_text("utf-8"))
    asked = {key: spec[key] for key in ("settings", "arms", "seeds", "own_arms")}
    assert read_spec(ENGINES[spec["engine"]], **asked).settings.items() >= spec["settings"].items()


@pytest.mark.parametrize("name", sorted(ENGINES))
@pytest.mark.parametrize("preset", ["quick", "study"])
def test_presets_start_from_bundled_names(name: str, preset: str):
    engine = ENGINES[name]
    given = engine.presets[preset].config.model_dump()
    kinds = {setting.name: setting.kind for setting in settings_of(engine.config)}
    refs = [given[key] for key, kind in kinds.items() if kind in ("model", "data")]
    refs += [ref for key, kind in kinds.items() if kind == "list" for ref in given[key]]
    named = [ref for ref in refs if isinstance(ref, str) and ref]
    assert named and not [ref for ref in named if "/" in ref or ref.startswith(("upload:", "run:", "openai:", "vllm:"))]
