"""The offline page: self-contained, every view, nothing of the user's text as markup."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.rooms import ENGINES, WORKER
from workbench.bench.results import result_of
from workbench.bench.session import Session, open_session
from workbench.cli.terminal import result_text
from workbench.contract.errors import RunNotFound
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunId
from workbench.export.offline_report import report_of, report_page

HOSTILE = "</script><script>alert(1)</script><b>&"


class _Elements(HTMLParser):
    """Collects start tags with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """A session over the toys."""
    with open_session(ENGINES, WORKER) as opened:
        yield opened


@pytest.fixture(scope="module")
def page(session: Session) -> str:
    """The page of a finished counting run with a hostile title."""
    run = session.bench.start(read_spec(ENGINES["counting"], settings={"items": 20}), title=HOSTILE)
    assert session.bench.wait(run, 120).state == "finished"
    return report_page(session.history, ENGINES, run)


def test_it_asks_nobody_for_anything(page: str):
    loading = {"src", "srcset", "data", "poster", "action", "formaction"}
    elements = _Elements(page).found
    assert not [(tag, key) for tag, attributes in elements for key in loading & attributes.keys()]
    assert not [tag for tag, _ in elements if tag in ("link", "iframe", "object", "embed", "form", "base")]
    assert "default-src 'none'" in page


def test_plotly_is_inlined_once_and_every_chart_is_there(page: str):
    assert page.count("plotly.js v") == 1
    figures = re.findall(r'<script type="application/json" id="data-(\w+)">(.*?)</script>', page, re.DOTALL)
    assert [name for name, _ in figures] == ["every_arm", "scores"]
    assert len(json.loads(figures[1][1])["data"]) == 2
    assert "40 items were counted." in page


def test_rows_verdicts_and_the_spec_are_there(page: str):
    for part in ("Holds here", "The shift raises the score.", "engine: counting", "Sums", "A toy for tests"):
        assert part in page


def test_every_arm_has_its_interval_as_a_figure_and_in_numbers(page: str):
    assert "Score, difference to Plain" in page and "The numbers as a table" in page
    assert "Every arm in numbers" in page and "Drawn with shown as Difference to Plain." in page
    heights = [place["style"] for tag, place in _Elements(page).found if "data-figure" in place]
    assert len(set(heights)) == 2, "a figure of intervals is as tall as it has arms"


def test_notes_of_the_run_stand_in_page_json_and_terminal(session: Session, page: str):
    named = re.search(r"Run </strong>([\w-]+)", page)
    assert named and "Notes of the run" in page
    result = result_of(session.history, ENGINES, RunId(named[1]))
    assert result.notes == tuple(session.history.notes(result.run)) and result.document()["notes"] == list(result.notes)
    said = report_of(session.history, ENGINES["counting"], replace(result, notes=("3 rows <b>",)))
    assert "3 rows &lt;b&gt;" in said
    assert "Note: 3 rows" in result_text(replace(result, notes=("3 rows",)))
    assert "Notes of the run" not in report_of(session.history, ENGINES["counting"], replace(result, notes=()))


def test_what_the_user_wrote_is_text(page: str):
    assert HOSTILE not in page and "<script>alert(1)" not in page
    assert "&lt;b&gt;&amp;" in page


def test_a_failed_run_says_why(session: Session):
    run = session.bench.start(read_spec(ENGINES["failing"], settings={"way": "data"}))
    assert session.bench.wait(run, 120).state == "failed"
    told = report_page(session.history, ENGINES, run)
    assert "Column &#39;fr&#39; is missing." in told
    assert "no claim is judged" in told and "bw-verdict bw-is" not in told


def test_an_unknown_run_is_not_found(session: Session):
    with pytest.raises(RunNotFound):
        report_page(session.history, ENGINES, "260101-0000-none")
