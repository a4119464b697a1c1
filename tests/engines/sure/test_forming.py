import pandas as pd
import pytest

from engines.sure.config import SureConfig
from engines.sure.forming import judged_rows, require_makers
from engines.sure.rows import FormCount, FormText
from tests.engines.sure.tiny_run import start, tiny_spec
from workbench.contract.errors import ConfigError
from workbench.storage.home import place


@pytest.fixture(scope="module")
def written() -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = ("simple", "self_generated", "json")
    run = start(
        tiny_spec(perturbations=rows, judge="generator", judge_model=tiny_spec().settings["reader"], attention_pairs=0),
        place("runs"),
        "sure-written",
    )
    return run.table(FormText), run.table(FormCount)


def test_rows_without_a_writer_are_left_out(written):
    assert set(written[0]["perturbation"]) == {"json", "self_generated"}
    assert "no writer is set: simple" in (place("runs") / "sure-written" / "events.jsonl").read_text()


def test_what_a_weak_writer_loses_is_dropped_and_counted(written):
    count = written[1].set_index("perturbation").loc["self_generated"]
    assert count["made"] == 15 == count[["unchanged", "answer_lost", "answer_gained", "not_entailed", "too_long",
                                         "kept"]].sum()  # fmt: skip
    assert count["kept"] < 15
    assert count["judged"] and not written[1].set_index("perturbation").loc["json", "judged"]


def test_only_rewritings_are_judged():
    assert judged_rows(SureConfig()) == []
    assert judged_rows(SureConfig(judge="generator", judge_model="m")) == [
        "simple", "complex", "llm_generated", "self_generated"
    ]  # fmt: skip


def test_a_judge_needs_a_model():
    with pytest.raises(ConfigError, match="judge_model"):
        require_makers(SureConfig(judge="classifier"))
    require_makers(SureConfig())


def test_documents_too_long_for_the_reader_are_dropped():
    run = start(tiny_spec(answer_tokens=440, perturbations=("source_wiki", "reverse")), place("runs"), "sure-long")
    counts = run.table(FormCount).set_index("perturbation")
    assert counts.loc["source_wiki", "too_long"] > 0 == counts.loc["reverse", "too_long"]
