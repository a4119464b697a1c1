"""What a view shows of some tables, under the first of the choices that they offer."""

from typing import Any

from workbench.views import Chart, Listing, Passage, Tables, View


def shown(view: View, rows: Tables) -> Any:
    """Figure and words of a chart, rows of a listing, spans of a passage."""
    offered = view.options(rows) if view.options else {}
    controls = view.controls(**{name: found[0] for name, found in offered.items() if found})
    match view:
        case Chart():
            return view.draw(rows, controls), view.describe(rows, controls)
        case Listing():
            return view.rows(rows, controls)
        case Passage():
            return view.spans(rows, controls)
