"""Who may import whom: the arrows of the design, by syntax and by trial. Each test names every offender at once."""

import subprocess
import sys
from collections import defaultdict

from tests.source import ROOT, imports, modules

BENCH = [name for name in modules() if name.split(".")[0] == "workbench"]
ENGINES = [name for name in modules() if name.split(".")[0] == "engines"]
HEAVY = ("torch", "transformers", "peft", "accelerate", "datasets", "trl", "vllm", "gguf")
OF_ROOMS = ("workbench.contract", "workbench.figures", "workbench.tool_questions")
"""What methods and tools see of the bench; they import its names from these packages, not from modules inside."""
MOST_MODULES_OF_A_ROOM = 20
"""Beside its face."""
OF_PARTS = (*OF_ROOMS, "workbench.storage.home", "workbench.storage.responses")


def _under(name: str, *roots: str) -> bool:
    return any(name == root or name.startswith(root + ".") for root in roots)


def _ours(name: str) -> set[str]:
    return {found for found in imports(modules()[name]) if _under(found, "workbench", "engines", "app", "tests")}


def _rooms() -> list[str]:
    return sorted({name.split(".")[1] for name in ENGINES if name.count(".")} - {"parts", "__main__"})


def _package(name: str) -> str:
    """The package that a module lies in: engines.parts.models, workbench.ui.runs, a room, a module by itself."""
    depth = 3 if _under(name, "engines.parts", "workbench.ui") else 2
    return ".".join(name.split(".")[:depth])


def _offenders(names: list[str], allowed) -> dict[str, list[str]]:
    found = {name: sorted(other for other in _ours(name) if not allowed(name, other)) for name in names}
    return {name: others for name, others in found.items() if others}


def test_the_product_has_modules_on_both_sides():
    assert "workbench.contract.engine" in modules()
    assert _rooms(), "no engine was found; the layer tests would hold nothing"


def test_the_bench_imports_no_method():
    assert not _offenders(BENCH, lambda _, other: not _under(other, "engines", "app", "tests"))


def test_the_bench_loads_no_model_library():
    assert not [name for name in BENCH if any(_under(found, *HEAVY) for found in imports(modules()[name]))]


def test_rooms_see_the_contract_the_figures_and_the_packages_of_parts():
    rooms = [name for name in ENGINES if _under(name, *(f"engines.{room}" for room in _rooms()))]

    def allowed(name: str, other: str) -> bool:
        if _under(other, "engines.parts"):
            return other.count(".") == 2 or (other in modules() and other.count(".") == 3)
        return _under(other, ".".join(name.split(".")[:2]), *OF_ROOMS)

    assert not _offenders(rooms, allowed)
    assert _ours("engines.__main__") <= {"workbench.contract.registry", "workbench.worker.worker"}


def test_parts_know_no_method_and_little_of_the_bench():
    parts = [name for name in ENGINES if _under(name, "engines.parts")]
    assert not _offenders(parts, lambda _, other: _under(other, "engines.parts", *OF_PARTS))


def test_packages_import_each_other_in_no_circle():
    below: dict[str, set[str]] = defaultdict(set)
    for name in [*BENCH, *ENGINES]:
        below[_package(name)] |= {_package(other) for other in _ours(name)} - {_package(name)}
    floors = {package: others for package, others in below.items() if package.count(".")}
    while floors:
        lowest = [package for package, others in floors.items() if not others & floors.keys()]
        assert lowest, f"circle among {sorted(floors)}"
        for package in lowest:
            del floors[package]


def test_no_folder_is_a_drawer():
    held: dict[str, int] = defaultdict(int)
    for path in modules().values():
        held[str(path.parent.relative_to(ROOT))] += path.name != "__init__.py"
    most = dict.fromkeys((f"engines/{room}" for room in _rooms()), MOST_MODULES_OF_A_ROOM)
    assert not {folder: many for folder, many in held.items() if many > most.get(folder, 30)}


def test_sql_lives_in_the_history_and_the_kept_responses():
    allowed = ("workbench.history", "workbench.storage.responses", "workbench.storage.database_files")
    outside = [name for name in modules() if not _under(name, *allowed)]
    assert not [n for n in outside if any(_under(m, "sqlite3", "sqlite_utils") for m in imports(modules()[n]))]


def test_gradio_lives_in_the_page():
    outside = [name for name in modules() if not _under(name, "workbench.ui", "workbench.server.server", "app")]
    assert not [name for name in outside if any(_under(found, "gradio") for found in imports(modules()[name]))]


def test_only_the_server_and_the_export_know_the_page():
    serving = ("workbench.ui", "workbench.server", "workbench.access.login_page", "workbench.export.offline_report")
    outside = [name for name in BENCH if not _under(name, *serving)]
    assert not _offenders(outside, lambda _, other: not _under(other, "workbench.ui"))


def _loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_the_server_starts_without_model_libraries():
    assert not _loaded_by("import app") & {"torch", "transformers", "peft", "plotly", "scipy", "openai"}


def test_every_card_is_cheap():
    cards = ", ".join(["engines", *(f"engines.{room}" for room in _rooms())])
    assert not _loaded_by(f"import {cards}") & {"torch", "transformers", "peft", "plotly", "scipy", "gradio"}


def test_the_command_line_starts_without_the_page():
    assert not _loaded_by("import workbench.cli.cli") & {"torch", "transformers", "gradio", "plotly", "scipy", "pandas"}
