"""One self-contained page of a run: verdicts, every view, settings and surroundings; plotly's script inlined once.

The page asks nobody for anything, and its content security policy keeps it so.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.bench.results import Result, result_of
from workbench.bench.run_circumstances import circumstances_of
from workbench.contract.engine import Engine
from workbench.contract.runs import RunId
from workbench.contract.schema import Config, Outcome
from workbench.contract.views import Chart, Listing, Passage, Tables, Tree
from workbench.figures.measured import intervals
from workbench.figures.measures import EVERY_ARM, Drawable, drawable, every_arm
from workbench.figures.node_tree import node_tree
from workbench.formatting import duration
from workbench.specs.flags import as_text
from workbench.specs.run_forms import spec_as_yaml
from workbench.ui.elements.elements import Html, join, table, tag
from workbench.ui.elements.plots import figure_json, plotly_js_path
from workbench.ui.runs.method_card import fidelity_html, paper_html
from workbench.ui.runs.verdicts import arms_html, verdicts_html
from workbench.ui.views.view_bodies import chart_words, outline, passage_html

if TYPE_CHECKING:
    import pandas as pd

    from workbench.history import History

MOST_ROWS = 200
PLOT_HEIGHT = 420

_STYLE = """
:root { color-scheme: light; --ink: #181e24; --soft: #596166; --line: #e3e1da; --accent: #0b6b63; --paper: #f8f7f4 }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; color: var(--ink); background: var(--paper);
  font: 16px/1.5 system-ui, sans-serif }
h1, h2, h3, h4 { line-height: 1.25 } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
section, article { background: #fff; border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: 1rem 0 }
table { border-collapse: collapse; font-size: .9rem } th, td { padding: .25rem .75rem .25rem 0; text-align: left;
  border-bottom: 1px solid var(--line); vertical-align: top } pre { overflow: auto; font-size: .85rem }
.bw-table { overflow: auto } .bw-unseen { position: absolute; left: -999rem } .bw-hint, .bw-basis { color: var(--soft) }
.bw-state { font-weight: 700 } .bw-verdict h4 { margin: .5rem 0 } .bw-claim, .bw-doubts { color: var(--soft) }
.bw-chip { border: 1px solid var(--line); border-radius: 99px; padding: 0 .5rem; font-size: .85rem }
.bw-doubts h5 { font-size: .95rem; margin: .5rem 0 0 } .bw-doubts ul { margin: .25rem 0 }
.bw-numbers dt { color: var(--soft) }
.bw-numbers dd { margin: 0 0 .4rem } .bw-family > h3 { margin-bottom: 0 }
.bw-is-good { border-left: 5px solid #0b6b63 } .bw-is-bad { border-left: 5px solid #a53a12 }
.bw-is-warn { border-left: 5px solid #b8860b }
mark { background: #d3ede8 } .bw-svg { display: block; max-width: 26rem; overflow: visible }
.bw-svg-axis, .bw-svg-bar, .bw-svg-deciding { stroke: var(--soft) } .bw-svg-bar { stroke-dasharray: 3 3 }
.bw-svg-interval { stroke: var(--ink); stroke-width: 4 } .bw-svg-deciding { stroke-width: 1.5 }
.bw-svg-estimate { fill: var(--accent) } .bw-svg-label, .bw-svg-side { fill: var(--soft); font-size: 11px }
ul.bw-key { display: flex; gap: 1rem; list-style: none }
@media print { body { background: #fff } section { break-inside: avoid } }
"""
_DRAW = """
for (const place of document.querySelectorAll('[data-figure]')) {
  const figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
  Plotly.newPlot(place, figure.data, figure.layout, {responsive: true, displaylogo: false});
}
"""
_POLICY = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:"


def report_page(history: "History", engines: Mapping[str, Engine], run: RunId) -> str:
    """Return the run as one HTML document.

    Raises:
        RunNotFound: no run has that id.
        ConfigError: its method is not installed.
    """
    result = result_of(history, engines, run)
    return report_of(history, engines[result.engine], result)


def report_of(history: "History", engine: Engine, result: Result) -> str:
    """Return a result as one HTML document.

    Its pictures show the rows of the result, which a live run has left behind.
    """
    frames = {**result.tables, Outcome.table(): result.outcomes}
    kinds = tuple(engine.row_types().values())
    tables = Tables(lambda kind: frames[kind.table()], kinds, lambda: circumstances_of(history, result.run))
    views = [_section(view, tables) for view in drawable(engine.views, engine)]
    parts = [
        _head(engine, result),
        tag("h2", "Which claims hold here"),
        verdicts_html(engine, result.judged, result.state),
        *(_every_arm(engine, tables) if result.judged else []),
        tag("h2", "What the run shows"),
        *views,
        *_notes(result),
        tag("h2", "What is reproduced, and what is not"),
        fidelity_html(engine.fidelity),
        tag("h2", "How to repeat it"),
        tag("p", "Save as spec.yaml, then: benchwright run --spec spec.yaml"),
        tag("pre", spec_as_yaml(result.spec)),
        _surroundings(history, result.run),
        paper_html(engine),
    ]
    return _document(f"{result.title or engine.title}: {result.run}", join(parts))


def _notes(result: Result) -> list[Html]:
    """What the run said of its data and settings: what was left out, cut or dropped."""
    said = tag("ul", *(tag("li", note) for note in result.notes))
    return [tag("h2", "Notes of the run"), said] if result.notes else []


def _every_arm(engine: Engine, tables: Tables) -> list[Html]:
    """Intervals of every arm, drawn where the card draws none of its own, and as a table."""
    numbers = arms_html(engine, intervals(EVERY_ARM, engine, tables))
    return [*[_section(view, tables) for view in every_arm(engine)], numbers]


def _document(title: str, body: Html) -> str:
    script = plotly_js_path().read_text(encoding="utf-8").replace("</script", "<\\/script")
    return "\n".join(
        [
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            tag("title", title),
            f"<style>{_STYLE}</style></head><body>{body}",
            f"<script>{script}</script><script>{_DRAW}</script></body></html>",
        ]
    )


def _head(engine: Engine, result: Result) -> Html:
    took = f" in {duration(result.seconds)}" if result.seconds is not None else ""
    arms, seeds = ", ".join(result.spec.arms), ", ".join(map(str, result.spec.seeds))
    lines = [
        tag("h1", result.title or engine.title),
        tag("p", engine.question),
        tag("p", engine.idea),
        tag("p", tag("strong", "Run "), result.run, f", {result.state}{took}. Arms: {arms}. Seeds: {seeds}."),
        tag("p", engine.honesty) if engine.honesty else "",
    ]
    if result.error:
        lines.append(tag("p", tag("strong", "It failed. "), f"{result.error.message} {result.error.hint}"))
    return tag("header", *lines)


def _section(view: Drawable, tables: Tables) -> Html:
    helped = tag("p", view.help, class_="bw-hint") if view.help else ""
    if not any(len(tables[kind]) for kind in view.reads):
        return tag("section", tag("h3", view.title), tag("p", "No rows."))
    config = _controls(view, tables)
    set_to = ", ".join(f"{name.replace('_', ' ')} {as_text(value)}" for name, value in config.model_dump().items())
    shown = tag("p", f"Drawn with {set_to}.", class_="bw-hint") if set_to else ""
    return tag("section", tag("h3", view.title), helped, shown, _body(view, tables, config))


def _body(view: Drawable, tables: Tables, config: Config) -> Html:
    match view:
        case Chart():
            made = view.draw(tables, config)
            figure = _figure(view.name, view.title, figure_json(made), made.layout.height or PLOT_HEIGHT)
            return join([figure, chart_words(view, tables, config)])
        case Tree():
            nodes = view.nodes(tables, config)
            return join([_figure(view.name, view.title, figure_json(node_tree(nodes)), PLOT_HEIGHT), outline(nodes)])
        case Passage():
            return passage_html(view.spans(tables, config))
        case Listing():
            return _rows(view.rows(tables, config), view.title)


def _figure(name: str, title: str, figure: str, height: float) -> Html:
    data = Html(figure.replace("<", "\\u003c"))
    place = tag("div", data_figure=f"data-{name}", style=f"height:{height:.0f}px", role="img", aria_label=title)
    return join([place, tag("script", data, type="application/json", id=f"data-{name}")])


def _rows(frame: "pd.DataFrame", title: str) -> Html:
    head = [str(name).replace("_", " ") for name in frame.columns]
    shown = [[_cell(value) for value in row] for row in frame.head(MOST_ROWS).itertuples(index=False)]
    cut = tag("p", f"The first {MOST_ROWS} of {len(frame):,} rows.", class_="bw-hint") if len(frame) > MOST_ROWS else ""
    return join([table(head, shown, title), cut])


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else as_text(value)


def _controls(view: Drawable, tables: Tables) -> Config:
    """The view's controls at their defaults, each brought to what the rows offer."""
    config = view.controls()
    offered = view.options(tables) if view.options else {}
    missing = {name: options[0] for name, options in offered.items() if options and _absent(config, name, options)}
    return view.controls.model_validate({**config.model_dump(), **missing})


def _absent(config: Config, name: str, options: Any) -> bool:
    value = getattr(config, name)
    return not all(each in options for each in value) if isinstance(value, tuple) else value not in options


def _surroundings(history: "History", run: RunId) -> Html:
    facts = [(name.replace("_", " "), as_text(value)) for name, value in history.facts(run).items()]
    return table(("Recorded", "Value"), facts, "Surroundings of the run") if facts else Html("")
