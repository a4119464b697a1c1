import json
import subprocess
import sys

import pytest

from tests.blocks import laid_out
from workbench.figures import plotting
from workbench.ui.elements.elements import tag
from workbench.ui.elements.plots import figure_json, plot, plotly_js_name, plotly_js_path, template_of


def test_the_script_is_the_installed_packages_own():
    script = plotly_js_path()
    assert script.stat().st_size > 1_000_000
    assert plotly_js_name().startswith("plotly-") and plotly_js_name().endswith(".min.js")


def test_finding_the_script_imports_no_plotly():
    code = (
        "import sys; from workbench.ui.elements import plots; plots.plotly_js_path();sys.exit('plotly' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_figures_travel_as_json():
    body = json.loads(figure_json(plotting.blank("Nothing")))
    assert body["layout"]["annotations"][0]["text"] == "Nothing"


@pytest.mark.parametrize("title", ["${alert(1)}", "{{value}}", "`${1}`", '"><script>'])
def test_titles_hold_no_placeholder_and_no_markup(title):
    made, _ = laid_out(lambda: plot(title, "file", "/plotly.js"))
    assert "${" not in made.html_template and "{{" not in made.html_template
    assert "<script>" not in made.html_template and 'role="group"' in made.html_template


def test_a_template_reads_as_it_was_written():
    import html

    markup = tag("p", "costs $5 {each}")
    assert html.unescape(template_of(markup)) == html.unescape(markup)
