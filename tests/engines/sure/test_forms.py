import pandas as pd
import pytest

from engines.parts.answers import GoldAnswers
from engines.sure.config import SureConfig
from engines.sure.forms import REASONS, Form, dropped_because, form_counts, judged_rows, require_makers, rule_forms
from engines.sure.perturbations import CONTROLS, RULE_BASED, Document, as_html
from engines.sure.rows import FormCount, FormText
from tests.engines.sure.tiny_run import start, tiny_spec
from workbench.contract.errors import ConfigError
from workbench.storage.home import place

DOCUMENT = Document("Nile", "The Nile flows north. It is long. Boats use it.")


def test_every_rule_based_row_makes_one_form():
    forms = rule_forms(DOCUMENT, SureConfig())
    assert [form.perturbation for form in forms] == [*RULE_BASED, *CONTROLS]
    assert [form.perturbation for form in forms if form.text == form.before] == ["reread"]
    assert forms[-1].text == f"{forms[-1].before} "
    assert {form.before for form in forms if form.kind != "metadata"} == {DOCUMENT.plain()}


def test_metadata_rows_are_compared_with_the_page_or_the_plain_document():
    pages = {form.before for form in rule_forms(DOCUMENT, SureConfig()) if form.kind == "metadata"}
    assert pages == {as_html(DOCUMENT)}
    plain = {form.before for form in rule_forms(DOCUMENT, SureConfig(metadata_base="plain"))}
    assert plain == {DOCUMENT.plain()}


def test_only_the_rows_asked_for_are_made():
    forms = rule_forms(DOCUMENT, SureConfig(perturbations=("yaml", "simple", "reread")))
    assert [(form.perturbation, form.kind) for form in forms] == [("yaml", "format"), ("reread", "control")]


@pytest.mark.parametrize(
    ("before", "text", "golden", "reason"),
    [
        ("Oslo is here.", "Here is Oslo.", True, ""),
        ("Oslo is here.", "It is here.", True, "answer_lost"),
        ("It is here.", "Here it is.", False, ""),
        ("It is here.", "Oslo is here.", False, "answer_gained"),
        ("Oslo is here.", "Oslo is here.", True, "unchanged"),
    ],
)
def test_a_pair_must_keep_what_matters(before, text, golden, reason):
    assert dropped_because(Form("reverse", before, text), golden, GoldAnswers(["Oslo"])) == reason


@pytest.mark.parametrize("row", ["json", "html", "yaml", "markdown", "timestamp_pre"])
def test_no_rule_based_form_loses_an_answer_by_escaping(row):
    gold = 'AT&T "Labs" 1990–1995'
    document = Document("Firm", f"It was cold.\n{gold} was here. It cost 3.5 <euros>.")
    forms = rule_forms(document, SureConfig(perturbations=(row,)))
    for answer, other in ((gold, "AT&T 1990"), ("AT&T", "ATT Labs 19901995"), ("3.5", "35"), ("<euros>", "5")):
        assert [dropped_because(form, True, GoldAnswers([answer])) for form in forms] == [""], answer
        assert [dropped_because(form, True, GoldAnswers([other])) for form in forms] == ["answer_lost"], other


def test_a_rewriting_is_dropped_for_its_fault_first():
    form = Form("simple", "Oslo is here.", "Oslo is", "unfinished")
    assert dropped_because(form, True, GoldAnswers(["Oslo"])) == "unfinished"


def test_the_control_is_meant_to_be_unchanged():
    assert dropped_because(Form("reread", "Oslo.", "Oslo."), True, GoldAnswers(["Oslo"])) == ""


def test_counts_by_hand():
    rows = [("json", "format", ""), ("json", "format", "answer_lost"), ("simple", "style", "not_entailed")]
    frame = pd.DataFrame(rows, columns=["perturbation", "kind", "reason"])
    counts = form_counts(frame.assign(kept=frame["reason"] == ""), ["simple"])
    assert [(c.perturbation, c.made, c.kept, c.answer_lost, c.not_entailed, c.judged) for c in counts] == [
        ("json", 2, 1, 1, 0, False),
        ("simple", 1, 0, 0, 1, True),
    ]


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
    assert count["made"] == 15 == count[[*REASONS, "kept"]].sum()
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
    few = {"questions": 3, "noise_questions": 0, "oracle_questions": 0, "attention_pairs": 0}
    spec = tiny_spec(answer_tokens=440, perturbations=("source_wiki", "reverse"), **few)
    run = start(spec, place("runs"), "sure-long")
    counts = run.table(FormCount).set_index("perturbation")
    assert counts.loc["source_wiki", "too_long"] > 0 == counts.loc["reverse", "too_long"]
