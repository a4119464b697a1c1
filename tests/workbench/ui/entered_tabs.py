"""A method's tab as a visitor has entered it, and what its handlers answer."""

from tests.blocks import furnished, values, visit
from tests.browser.rooms import ROOMS
from workbench.ui.elements.run_snapshot import Seen

CLICK = "0123456789abcdef"
HOSTILE = [None, 3, "../../etc/passwd", "x" * 10_000, {"run": 1}, ["a"], "'; DROP TABLE runs; --", "unknown-run", True]


def tab_of(desk, name="counting"):
    return furnished(desk, ROOMS[name])[0]


def refreshed(tab, run, seen=None, request=None, stamps=None):
    inputs = values(tab._inputs)
    return tab.refresh(request or visit(), run, seen or Seen(), *inputs[2:-1], stamps or {})


def started(desk, tab, request=None, click=CLICK, **given):
    given = {tab.setup.form.widgets[at].label: widget.value for at, widget in enumerate(tab.setup.form.widgets)} | given
    inputs = values(tab.setup.inputs)
    inputs[1 : 1 + len(given)] = list(given.values())
    return tab.requests.start(request or visit(), click, *inputs)


def runs(desk):
    return [record.run for record in desk.history.listing().records]
