"""Who may import whom: the arrows of the design, by syntax and by trial."""

import subprocess
import sys
from collections.abc import Callable, Iterable

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


def _offenders(names: Iterable[str], faults: Callable[[str], set[str]]) -> dict[str, set[str]]:
    """Every module that breaks a rule, with what it should not import."""
    found = {name: faults(name) for name in names}
    return {name: foreign for name, foreign in found.items() if foreign}


BENCH = [name for name in modules() if _under(name, "workbench")]


def test_the_bench_imports_no_method():
    assert not _offenders(BENCH, lambda name: {n for n in _ours(name) if _under(n, "engines", "app", "tests")})


def test_the_bench_loads_no_model_library():
    assert not _offenders(BENCH, lambda name: {n for n in imports(modules()[name]) if _under(n, *HEAVY)})


def test_methods_see_the_contract_and_the_parts():
    def foreign(name: str) -> set[str]:
        room = ".".join(name.split(".")[:2])
        if name == "engines.__main__":
            return _ours(name) - {"engines", "workbench.worker"}
        of_parts = (
            {"workbench.home", "workbench.catalogue", "workbench.responses"} if room == "engines.parts" else set()
        )
        allowed = CONTRACT | TOOLS | of_parts
        return {found for found in _ours(name) if found not in allowed and not _under(found, room, "engines.parts")}

    assert not _offenders([name for name in modules() if name.startswith("engines.")], foreign)


def test_sql_lives_in_the_history_and_the_kept_responses():
    homes = ("workbench.history", "workbench.responses", "workbench.database_files")
    outside = [name for name in modules() if not _under(name, *homes)]
    assert not _offenders(outside, lambda n: {m for m in imports(modules()[n]) if _under(m, "sqlite3", "sqlite_utils")})


def test_gradio_lives_in_the_page():
    outside = [name for name in modules() if not _under(name, "workbench.ui", "workbench.server", "app")]
    assert not _offenders(outside, lambda name: {n for n in imports(modules()[name]) if _under(n, "gradio")})


SERVING = {"workbench.server", "workbench.routes", "workbench.login_page"}


def test_only_the_server_and_the_export_know_the_page():
    def foreign(name: str) -> set[str]:
        found = {found for found in _ours(name) if _under(found, "workbench.ui")}
        return found - ({"workbench.ui.offline_report"} if name == "workbench.export" else set())

    outside = [name for name in BENCH if not _under(name, "workbench.ui") and name not in SERVING]
    assert not _offenders(outside, foreign)


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
