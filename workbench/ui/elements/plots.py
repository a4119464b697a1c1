"""A live Plotly figure as a Gradio component that keeps zoom and hears clicks, and the script it needs."""

import json
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import gradio as gr

from workbench.contract.errors import WorkbenchError
from workbench.figures.plotting import blank
from workbench.messages import say
from workbench.ui.elements.elements import Html, tag

if TYPE_CHECKING:
    import plotly.graph_objects as go

_SCRIPT = Path(__file__).with_name("plot.js")


@cache
def plotly_js_path() -> Path:
    """Return the minified plotly.js inside the installed plotly package.

    The server serves it as `PageContext.plotly_url`.

    Raises:
        WorkbenchError: plotly is not installed, or without its script.
    """
    found = find_spec("plotly")
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / "package_data" / "plotly.min.js"
        if path.is_file():
            return path
    raise WorkbenchError(
        say("The plotly package holds no plotly.min.js."), say("Install plotly again: pip install plotly.")
    )


def plotly_js_name() -> str:
    """File name that changes with plotly's version, so that browsers may keep the script for ever."""
    return f"plotly-{version('plotly')}.min.js"


@cache
def warm_up() -> Thread:
    """Load what pictures and verdicts need beside the page's work, once, so that the first of them need not wait."""
    thread = Thread(target=_warm, name="warm-up", daemon=True)
    thread.start()
    return thread


def figure_json(figure: "go.Figure") -> str:
    """Return the figure as the plot component takes it."""
    import plotly.io

    return plotly.io.to_json(figure, validate=False) or ""


def plot(title: str, file_name: str, plotly_url: str, height: int = 400) -> gr.HTML:
    """Return a figure's place on the page: `.click` carries the point, see `view_bodies.point_key`.

    Args:
        title: name for screen readers.
        file_name: name of saved images, without ending.
        plotly_url: address of plotly's script; loaded once, by the first figure shown.
        height: in pixels.
    """
    place = tag("div", class_="bw-plot", style=f"height:{height}px", role="group", aria_label=title)
    note = tag("p", class_="bw-plot-note", hidden=True)
    frame = tag(
        "div", place, note, class_="bw-plot-frame", data_file=file_name, data_script=plotly_url,
        data_words=json.dumps(_words()),
    )  # fmt: skip
    return gr.HTML(
        value="",
        html_template=template_of(frame),
        js_on_load=_SCRIPT.read_text(encoding="utf-8"),
        elem_classes=["bw-plot-block"],
    )


def template_of(markup: Html) -> str:
    """Markup as a Gradio template that holds no placeholder, whatever the text in it."""
    return str(markup).replace("$", "&#36;").replace("{", "&#123;").replace("}", "&#125;")


def _words() -> dict[str, str]:
    """Give what the component's script says, in the reader's language."""
    return {
        "empty": say("Nothing drawn yet"),
        "unread": say("The figure could not be read."),
        "unloaded": say("The plotting script could not be loaded; reload the page."),
        "png": say("Save as PNG"),
        "svg": say("Save as SVG"),
    }


def _warm() -> None:
    figure_json(blank())
    for name in ("workbench.statistics", "scipy.special", "scipy.stats"):
        import_module(name)
