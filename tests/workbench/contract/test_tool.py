"""Tools: started, worked off and kept as runs are, and apart from them."""

from pathlib import Path

import pytest

from tests.rooms import ENGINES, TOOLS, WORKER
from tests.rooms.echoing import ECHOING, Word
from workbench.bench.bench import Bench, BenchSettings
from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_spec, tool_spec, with_purpose
from workbench.contract.tool import Tool
from workbench.history import History

FAST = BenchSettings(threads=1, niceness=0, spare=False, grace_seconds=1.0)


def test_a_tool_answers_in_rows_and_stays_out_of_the_list(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    with Bench(history, {**ENGINES, **TOOLS}, history.runs_root, FAST, WORKER) as bench:
        run = bench.start(tool_spec(ECHOING, {"words": "one two"}))
        assert bench.wait(run, 120).state == "finished"
        again = bench.start(tool_spec(ECHOING, {"words": "three"}))
        assert bench.wait(again, 120).state == "finished"
    assert list(history.table(run, Word)["word"]) == ["one", "two"]
    assert list(history.table(again, Word)["word"]) == ["three"]
    assert history.listing().records == ()
    history.close()


def test_what_a_tool_is_asked_is_checked(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="words"):
        tool_spec(ECHOING, {"words": ""})
    history = History(tmp_path / "history.db")
    with Bench(history, {**ENGINES, **TOOLS}, history.runs_root, FAST, WORKER) as bench:
        spec = tool_spec(ECHOING, {})
        with pytest.raises(ConfigError, match="words"):
            bench.start(spec.model_copy(update={"settings": {"words": 3}}))
        with pytest.raises(ConfigError, match="cannot be run as 'run'"):
            bench.start(with_purpose(spec, "run"))
        with pytest.raises(ConfigError, match="cannot be run as 'tool'"):
            bench.start(with_purpose(read_spec(ENGINES["counting"]), "tool"))
    history.close()


def test_a_tool_names_its_tables_and_its_room() -> None:
    assert ECHOING.row_types() == {"Word": Word}
    with pytest.raises(ModuleNotFoundError, match=r"engines\.nowhere"):
        Tool("nowhere", "Nowhere", ECHOING.question, (Word,)).load()
