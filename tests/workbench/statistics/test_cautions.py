"""How a verdict could be wrong, from facts, design and card."""

from dataclasses import replace

import numpy as np
import pytest

from tests.workbench.statistics.null_runs import A_ABOVE_B, card
from tests.workbench.statistics.test_findings import answers, examine, run
from workbench.contract.circumstances import Circumstances, Look
from workbench.contract.claims import Cell, Claim, Superiority
from workbench.contract.engine import Engine
from workbench.contract.facts import Fact
from workbench.statistics.cautions import cautions, scale_of_run
from workbench.statistics.findings import Finding

CLAIM = Claim("claim", "A is better.", A_ABOVE_B)
CLEAR = examine(run(a=answers(0.9), b=answers(0.5)), Superiority(Cell("score", "a"), Cell("score", "b")))


def engine(**published: float) -> Engine:
    return replace(card({"claim": A_ABOVE_B}), published=published)


def said(known: Circumstances, claim: Claim = CLAIM, finding: Finding = CLEAR, **published: float) -> tuple[str, ...]:
    return cautions(engine(**published), claim, finding, known)


@pytest.mark.parametrize(
    ("here", "scale"), [(135e6, "small"), (7e8, "small"), (7.1e8, "as published"), (7e10, "as published")]
)
def test_the_scale_is_that_of_the_model(here: float, scale: str):
    facts = {Fact.PARAMETERS: here}
    assert scale_of_run(engine(**{Fact.PARAMETERS: 7e9}), CLAIM, facts) == scale
    assert scale_of_run(engine(**{Fact.PARAMETERS: 7e9}), replace(CLAIM, toy=True), facts) == "toy"


def test_an_unknown_scale_is_not_guessed():
    assert scale_of_run(engine(), CLAIM, {Fact.PARAMETERS: 1e8}) == ""
    assert scale_of_run(engine(**{Fact.PARAMETERS: 7e9}), CLAIM, {}) == ""


def test_a_clear_run_has_nothing_to_doubt():
    assert said(Circumstances()) == ()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({Fact.ANSWERS: 120, Fact.ANSWERS_CUT: 31}, "31 of 120 answers were cut"),
        ({Fact.ANSWERS: 120, Fact.ANSWERS_EMPTY: 2}, "2 of 120 answers were empty"),
        ({Fact.PROMPTS: 1000, Fact.PROMPTS_CUT: 500}, "500 of 1,000 prompts were cut"),
        ({Fact.DTYPE: "bfloat16"}, "ran in bfloat16"),
        ({Fact.STEPS: 40}, "Trained for 40 updates; the paper's runs had 796"),
    ],
)
def test_facts_of_the_run_are_told(facts: dict, words: str):
    (found,) = said(Circumstances(facts=facts), **{Fact.STEPS: 796})
    assert words in found


def test_what_is_rare_or_as_published_is_not():
    facts = {Fact.ANSWERS: 1000, Fact.ANSWERS_CUT: 9, Fact.DTYPE: "float32", Fact.STEPS: 796, Fact.PROMPTS: "many"}
    assert said(Circumstances(facts=facts), **{Fact.STEPS: 796}) == ()


def test_facts_of_the_real_model_do_not_speak_of_a_toy():
    facts = {Fact.DTYPE: "bfloat16", Fact.STEPS: 40}
    assert said(Circumstances(facts=facts), replace(CLAIM, toy=True), **{Fact.STEPS: 796}) == ()


def test_cards_and_methods_add_their_own():
    known = Circumstances(cautions=(("", "For all."), ("claim", "For this one."), ("other", "For another.")))
    assert said(known, replace(CLAIM, cautions=("Of the card.",))) == ("Of the card.", "For all.", "For this one.")


def test_the_design_is_told():
    trained = examine(run(a=answers(0.9), b=answers(0.5)), A_ABOVE_B, trained=True)
    assert said(Circumstances(), finding=trained)[0].startswith("One seed")
    few = run(a=answers(0.9), b=answers(0.5))
    few["cluster"] = [f"c{int(item[1:]) % 3}" for item in few.item]
    assert said(Circumstances(), finding=examine(few, A_ABOVE_B))[0].startswith("Fewer than four clusters")
    few["cluster"] = [f"c{int(item[1:]) % 6}" for item in few.item]
    assert said(Circumstances(), finding=examine(few, A_ABOVE_B))[0].startswith("6 clusters")
    several = examine(run(a=answers(0.9, 3), b=answers(0.5, 3)), A_ABOVE_B)
    assert said(Circumstances(), finding=several) == ("3 seeds: how seeds vary is known roughly.",)
    ceiling = examine(run(a=answers(1.0), b=answers(0.7)), A_ABOVE_B)
    assert said(Circumstances(), finding=ceiling)[0].startswith("At the ceiling of the metric: a.")
    losses = np.exp(np.random.default_rng(0).normal(size=(1, 25)) * 2.5)
    skewed = examine(run("loss", a=losses, b=np.zeros((1, 25))), Superiority(Cell("loss", "b"), Cell("loss", "a")))
    assert any("skewed" in caution for caution in said(Circumstances(), finding=skewed))


def test_the_number_of_the_look_is_told():
    assert "Look 3 of 5" in said(Circumstances(looks=(Look(1, 9, (), {}),) * 2))[0]
