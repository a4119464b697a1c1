"""What every view of a method owes a run that is finished, one that is half done, and one that has no rows yet."""

from collections.abc import Iterable
from typing import Any

from engines import ENGINES
from workbench.bench.examples import FOLDER
from workbench.contract.engine import Engine
from workbench.contract.pictures import Picture
from workbench.contract.runs import RunFolder
from workbench.contract.schema import Config
from workbench.contract.views import Chart, Listing, Measures, Passage, Tables, Tree, View
from workbench.figures.measures import Drawable, drawable
from workbench.storage.finished_run import FinishedRun


def shipped_run(engine: Engine) -> FinishedRun:
    """The finished run of a method that ships as its example."""
    (folder,) = FOLDER.glob(f"*-{engine.name}-*")
    return FinishedRun(RunFolder(FOLDER, folder.name))


def shipped_tables(engine: Engine) -> Tables:
    """The rows of that run as views read them."""
    return Tables(shipped_run(engine).table, list(engine.row_types().values()))


def joined(view: View) -> Drawable:
    """A view as the page draws it: `Measures` and pictures joined with the method that declares them."""
    if not isinstance(view, Measures | Picture):
        return view
    asked = {name: engine.ask.views if engine.ask else () for name, engine in ENGINES.items()}
    engine = next(engine for name, engine in ENGINES.items() if view in (*engine.views, *asked[name]))
    return drawable((view,), engine)[0]


def shown(view: View, rows: Tables, **chosen: Any) -> Any:
    """Figure and words of a chart, rows of a listing, spans of a passage, nodes of a tree; the first choices offered.

    Args:
        chosen: controls by name, where not the first.
    """
    view = joined(view)
    offered = view.options(rows) if view.options else {}
    return drawn(view, rows, view.controls(**{name: found[0] for name, found in offered.items() if found} | chosen))


def drawn(view: View, rows: Tables, controls: Config) -> Any:
    """As `shown`, under these controls."""
    match joined(view):
        case Chart() as chart:
            return chart.draw(rows, controls), chart.describe(rows, controls)
        case Listing() as listing:
            return listing.rows(rows, controls)
        case Passage() as passage:
            return passage.spans(rows, controls)
        case Tree() as tree:
            return tree.nodes(rows, controls)


def words_of(view: View, found: Any) -> str:
    """All prose of what `shown` gave."""
    match joined(view):
        case Chart():
            return found[1]
        case Passage():
            return "".join(span.text for span in found)
        case _:
            return ""


def assert_shows(view: View, rows: Tables) -> None:
    """Fail unless the view has something to show of these rows."""
    found = shown(view, rows)
    words = words_of(view, found)
    assert " yet" not in words
    if isinstance(joined(view), Chart):
        assert found[0].data
        assert words.endswith(".") and "nan" not in words
    else:
        assert len(found)


def assert_waits(view: View, nothing: Tables) -> None:
    """Fail unless the view of a run without rows is empty and, where it has words, says that they are to come."""
    found = shown(view, nothing)
    match joined(view):
        case Chart():
            assert " yet" in found[1] and not found[0].data
        case Passage():
            assert " yet" in found[0].text
        case _:
            assert len(found) == 0


def assert_options(views: Iterable[View], rows: Tables) -> None:
    """Fail unless every choice that a view offers of these rows can be taken; what it leads to may hold no rows."""
    for view in map(joined, views):
        for name, choices in (view.options(rows) if view.options else {}).items():
            for choice in choices:
                found = drawn(view, rows, view.controls(**{name: choice}))
                match view:
                    case Chart():
                        assert all(found)
                    case Passage():
                        assert found
                    case _:
                        assert found is not None
