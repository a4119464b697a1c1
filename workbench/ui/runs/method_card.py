"""A method's card in words: idea, equations, claims, what is real here, fidelity, paper."""

import gradio as gr

from workbench.contract.engine import Engine, Fidelity
from workbench.messages import say, say_html
from workbench.ui.elements.elements import Html, join, link, notice, table, tag
from workbench.ui.runs.verdicts import promised_html

LATEX = [{"left": "$$", "right": "$$", "display": True}, {"left": "$", "right": "$", "display": False}]
FIDELITY_MARKS = {"reproduced": "●", "approximated": "◐", "reconstructed": "◑", "not tested": "○"}


def method_card(engine: Engine) -> None:
    """Lay out the head of a tab: title, question, idea; equations, fidelity and paper folded away."""
    paper = engine.paper
    source = link(paper.url, f"{paper.venue} {paper.year}", target="_blank", rel="noopener noreferrer")
    after = say_html("After {paper}, {venue}", paper=tag("cite", paper.title), venue=source)
    gr.HTML(
        tag(
            "header",
            tag("h2", say(engine.title)),
            tag("p", say(engine.question), class_="bw-question"),
            tag("p", say(engine.idea), class_="bw-idea"),
            tag("p", after, class_="bw-source"),
            notice(say(engine.honesty)) if engine.honesty else "",
            class_="bw-card-head",
        ),
        elem_classes=["bw-card-block"],
    )
    with gr.Row(elem_classes=["bw-folds"]):
        if engine.equations:
            with gr.Accordion(say("Equations"), open=False):
                gr.Markdown(equations_markdown(engine), latex_delimiters=LATEX, elem_classes=["bw-equations"])
        with gr.Accordion(say("The claims that a run decides"), open=False):
            gr.HTML(promised_html(engine))
        with gr.Accordion(say("What is reproduced, and what is not"), open=False):
            gr.HTML(fidelity_html(engine.fidelity))
        with gr.Accordion(say("Paper and citation"), open=False):
            gr.HTML(paper_html(engine))
            gr.Code(engine.paper.bibtex.strip(), language=None, label="BibTeX", buttons=["copy", "download"])


def equations_markdown(engine: Engine) -> str:
    """Return each formula with the meaning of its symbols and of the settings behind them."""
    return "\n\n".join(f"$${equation.latex}$$\n\n{say(equation.meaning)}" for equation in engine.equations)


def fidelity_html(lines: tuple[Fidelity, ...]) -> Html:
    """Return the fidelity card as a table; the status stands in words beside its mark."""
    rows = [(say(line.part), _status(line), say(line.reason)) for line in lines]
    head = (say("Part of the paper"), say("Here"), say("Why"))
    return table(head, rows, say("What became of each part of the paper"))


def paper_html(engine: Engine) -> Html:
    """Return the reference in one paragraph."""
    paper = engine.paper
    where = link(paper.url, paper.url, target="_blank", rel="noopener noreferrer")
    return tag("p", paper.authors, ". ", tag("cite", paper.title), f". {paper.venue}, {paper.year}. ", where)


def _status(line: Fidelity) -> Html:
    return join([tag("span", FIDELITY_MARKS[line.status], aria_hidden="true"), " ", say(line.status)])
