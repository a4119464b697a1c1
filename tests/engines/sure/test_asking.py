import pytest

from engines.sure import ENGINE
from engines.sure.asking import own_pairs
from engines.sure.config import AskedDocument, SureConfig
from engines.sure.rows import AskedForm
from tests.engines.sure.tiny_run import start, tiny_spec
from workbench.contract.errors import DataError
from workbench.contract.runs import RunSpec
from workbench.storage.home import place

DOCUMENT = AskedDocument(
    question="who holds ada?", document="Oslo holds ada. Rome holds bo.", title="", answers=("Oslo",)
)


@pytest.fixture(scope="module")
def parent():
    return start(tiny_spec(attention_pairs=0, oracle_questions=0), place("runs"), "sure-parent")


def asked(question: AskedDocument, parent, name: str):
    spec = RunSpec(engine="sure", settings=question.model_dump(mode="json"), parent="sure-parent", purpose="ask")
    return start(spec, place("runs"), name, work=lambda config, log: ENGINE.load_ask()(question, parent, log))


def test_ones_own_document_is_read_in_every_form(parent):
    rows = asked(DOCUMENT, parent, "sure-asked").table(AskedForm).set_index("form")
    assert rows.loc["as it is", ["after", "verdict", "right"]].tolist() == ["oslo oslo oslo", "robust", "yes"]
    assert rows.loc["sentences reversed", ["before", "after", "verdict"]].tolist() == [
        "oslo oslo oslo", "rome rome rome", "lost"
    ]  # fmt: skip
    assert rows.loc["JSON", "right"] == "no"
    assert len(rows) == 12, "Markdown changes nothing here"


def test_without_answers_they_are_compared_with_each_other(parent):
    question = DOCUMENT.model_copy(update={"answers": ()})
    rows = asked(question, parent, "sure-compared").table(AskedForm).set_index("form")
    assert rows.loc["as it is", "verdict"] == "same" and rows.loc["sentences reversed", "verdict"] == "changed"
    assert set(rows["right"]) == {""}


def test_a_reader_that_the_run_lacks_is_named(parent):
    with pytest.raises(DataError, match="sft"):
        asked(DOCUMENT.model_copy(update={"arm": "sft"}), parent, "sure-lacking")


def test_a_long_document_is_cut():
    question = AskedDocument(document="Many words stand here. " * 800)
    pair_set = own_pairs(question, SureConfig(document_words=40))
    assert len(str(pair_set.instances["document"].iloc[0]).split()) == 40
