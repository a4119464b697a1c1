import dataclasses

from tests.blocks import laid_out
from tests.rooms.counting import COUNTING
from tests.rooms.picturing import PICTURING
from workbench.contract.engine import Fidelity
from workbench.ui.runs.method_card import equations_markdown, fidelity_html, method_card, paper_html


def test_the_head_tells_question_idea_paper_and_what_is_real():
    _, page = laid_out(lambda: method_card(PICTURING))
    shown = " ".join(str(getattr(block, "value", "")) for block in page.blocks.values())
    for part in (PICTURING.question, PICTURING.idea, PICTURING.honesty, PICTURING.paper.title, "@misc{nobody2024a"):
        assert part in shown


def test_equations_are_latex_with_their_meaning():
    told = equations_markdown(COUNTING)
    assert told.startswith("$$S = ") and "with the bonus $b$" in told


def test_fidelity_says_its_status_in_words():
    lines = tuple(
        Fidelity("part", status, "<why>") for status in ("reproduced", "approximated", "reconstructed", "not tested")
    )
    told = fidelity_html(lines)
    assert all(f" {line.status}" in told for line in lines) and "<why>" not in told


def test_a_paper_without_a_safe_address_is_named_and_not_linked():
    paper = dataclasses.replace(COUNTING.paper, url="javascript:alert(1)")
    told = paper_html(dataclasses.replace(COUNTING, paper=paper))
    assert "<a" not in told and "A toy for tests" in told
