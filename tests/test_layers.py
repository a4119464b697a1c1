"""Who may import whom: the arrows of the design, by syntax and by trial."""

import subprocess
import sys

import pytest

from tests.source import ROOT, imports, modules

CONTRACT = {
    f"workbench.{name}"
    for name in (
        "engine",
        "schema",
        "facts",
        "claims",
        "views",
        "pictures",
        "vocabulary",
        "errors",
        "events",
        "plotting",
        "palette",
        "field_docs",
    )
}
TOOLS = {f"workbench.{name}" for name in ("tool", "playground", "enrolment", "data_preview")}
"""What the page and its tools agree on."""

HEAVY = ("torch", "transformers", "peft", "accelerate", "datasets", "trl", "vllm", "gguf")


def _under(name: str, *roots: str) -> bool:
    return any(name == root or name.startswith(root + ".") for root in roots)


def _ours(name: str) -> set[str]:
    return {found for found in imports(modules()[name]) if _under(found, "workbench", "engines", "app", "tests")}


def _rooms() -> list[str]:
    return sorted({name.split(".")[1] for name in modules() if name.startswith("engines.")} - {"parts", "__main__"})


def test_the_product_has_modules_on_both_sides():
    assert "workbench.engine" in modules()
    assert _rooms(), "no engine was found; the layer tests would hold nothing"


@pytest.mark.parametrize("name", [name for name in modules() if _under(name, "workbench")])
def test_the_bench_imports_no_method(name: str):
    assert not {found for found in _ours(name) if _under(found, "engines", "app", "tests")}


@pytest.mark.parametrize("name", [name for name in modules() if _under(name, "workbench")])
def test_the_bench_loads_no_model_library(name: str):
    assert not {found for found in imports(modules()[name]) if _under(found, *HEAVY)}


@pytest.mark.parametrize("name", [n for n in modules() if n.startswith("engines.") and n.count(".") >= 1])
def test_methods_see_the_contract_and_the_parts(name: str):
    room = ".".join(name.split(".")[:2])
    if name == "engines.__main__":
        assert _ours(name) <= {"engines", "workbench.worker"}
        return
    of_parts = {"workbench.home", "workbench.catalogue", "workbench.responses"} if room == "engines.parts" else set()
    allowed = CONTRACT | TOOLS | of_parts
    foreign = {found for found in _ours(name) if found not in allowed and not _under(found, room, "engines.parts")}
    assert not foreign


@pytest.mark.parametrize("name", list(modules()))
def test_sql_lives_in_the_history_and_the_kept_responses(name: str):
    if not _under(name, "workbench.history", "workbench.responses", "workbench.database_files"):
        assert not {found for found in imports(modules()[name]) if _under(found, "sqlite3", "sqlite_utils")}


@pytest.mark.parametrize("name", list(modules()))
def test_gradio_lives_in_the_page(name: str):
    if not _under(name, "workbench.ui", "workbench.server", "app"):
        assert not {found for found in imports(modules()[name]) if _under(found, "gradio")}


SERVING = {"workbench.server", "workbench.routes", "workbench.login_page"}


@pytest.mark.parametrize("name", [n for n in modules() if _under(n, "workbench") and not _under(n, "workbench.ui")])
def test_only_the_server_and_the_export_know_the_page(name: str):
    found = {found for found in _ours(name) if _under(found, "workbench.ui")}
    assert not found or name in SERVING or (name, found) == ("workbench.export", {"workbench.ui.offline_report"})


def _loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_the_server_starts_without_model_libraries():
    assert not _loaded_by("import app") & {"torch", "transformers", "peft", "plotly", "scipy"}


def test_every_card_is_cheap():
    cards = ", ".join(["engines", *(f"engines.{room}" for room in _rooms())])
    assert not _loaded_by(f"import {cards}") & {"torch", "transformers", "peft", "plotly", "scipy", "gradio"}


def test_the_command_line_starts_without_the_page():
    assert not _loaded_by("import workbench.cli") & {"torch", "transformers", "gradio", "plotly", "scipy", "pandas"}
