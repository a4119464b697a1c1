import pandas as pd
import pytest

from engines.sure.answer_match import GoldAnswers
from engines.sure.config import SureConfig
from engines.sure.forms import Form, dropped_because, form_counts, rule_forms
from engines.sure.perturbations import RULE_BASED
from engines.sure.templates import Document, as_html

DOCUMENT = Document("Nile", "The Nile flows north. It is long. Boats use it.")


def test_every_rule_based_row_makes_one_form():
    forms = rule_forms(DOCUMENT, SureConfig())
    assert [form.perturbation for form in forms] == list(RULE_BASED)
    assert all(form.text != form.before for form in forms)
    assert {form.before for form in forms if form.kind != "metadata"} == {DOCUMENT.plain()}


def test_metadata_rows_are_compared_with_the_page_or_the_plain_document():
    pages = {form.before for form in rule_forms(DOCUMENT, SureConfig()) if form.kind == "metadata"}
    assert pages == {as_html(DOCUMENT)}
    plain = {form.before for form in rule_forms(DOCUMENT, SureConfig(metadata_base="plain"))}
    assert plain == {DOCUMENT.plain()}


def test_only_the_rows_asked_for_are_made():
    forms = rule_forms(DOCUMENT, SureConfig(perturbations=("yaml", "simple", "unchanged")))
    assert [(form.perturbation, form.kind) for form in forms] == [("yaml", "format"), ("unchanged", "control")]


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


def test_the_control_is_meant_to_be_unchanged():
    assert dropped_because(Form("unchanged", "Oslo.", "Oslo."), True, GoldAnswers(["Oslo"])) == ""


def test_counts_by_hand():
    rows = [("json", "format", ""), ("json", "format", "answer_lost"), ("simple", "style", "not_entailed")]
    frame = pd.DataFrame(rows, columns=["perturbation", "kind", "reason"])
    counts = form_counts(frame.assign(kept=frame["reason"] == ""), ["simple"])
    assert [(c.perturbation, c.made, c.kept, c.answer_lost, c.not_entailed, c.judged) for c in counts] == [
        ("json", 2, 1, 1, 0, False),
        ("simple", 1, 0, 0, 1, True),
    ]
