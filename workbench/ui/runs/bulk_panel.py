"""What can be done with several runs at once: tag, archive, free disk space, delete; with undo where there is one.

Design decisions:
- Each run is asked for anew whether this visitor may change it; what was refused is counted and said.
- Deleting and archiving can be undone; freeing disk space cannot, and takes nothing that the record shows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from workbench.contract.errors import HistoryError, WorkbenchError
from workbench.contract.runs import RunId
from workbench.formatting import size
from workbench.history.records import RunRecord
from workbench.messages import say, say_many
from workbench.storage.disk_use import remove_spare
from workbench.ui.elements.elements import Html, join, tag
from workbench.ui.elements.markup import error_toast, isolated
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import changeable, run_named

MOST_CHOSEN = 1_000
REASONS_TOLD = 3
UNDONE = ("delete", "archive")
"""What Undo takes back."""


@dataclass(frozen=True)
class BulkPanel:
    """The bar that shows once runs are chosen, and the one that tells what became of them.

    Attributes:
        chosen: ids of the chosen runs.
        buttons: by what each does.
        done: (what was done, with which runs), for Undo.
    """

    chosen: gr.State
    row: gr.Column
    words: gr.HTML
    tags: gr.Textbox
    buttons: dict[str, gr.Button]
    clear: gr.Button
    undo_row: gr.Row
    told: gr.HTML
    undo: gr.Button
    done: gr.State

    @property
    def results(self) -> list[Any]:
        """What doing something fills."""
        return [self.undo_row, self.told, self.undo, self.done]


def bulk_panel() -> BulkPanel:
    """Lay the two bars out, closed."""
    chosen, done = gr.State([]), gr.State(("", []))
    with gr.Row(visible=False, elem_classes="bw-undo", equal_height=True) as undo_row:
        told = gr.HTML(apply_default_css=False)
        undo = gr.Button(say("Undo"), size="sm", min_width=80, scale=0)
    with gr.Column(visible=False, elem_classes="bw-bulk") as row:
        words = gr.HTML(apply_default_css=False)
        with gr.Row(equal_height=True, elem_classes="bw-bulk-buttons"):
            tags = gr.Textbox(label=say("Tags"), info=say("Separated by commas"), max_length=200, min_width=200)
            buttons = {
                "tag": gr.Button(say("Add tags"), size="sm", min_width=90),
                "untag": gr.Button(say("Take tags off"), size="sm", min_width=110),
                "archive": gr.Button(say("Archive"), size="sm", min_width=90),
                "restore": gr.Button(say("Bring back"), size="sm", min_width=100),
                "free": gr.Button(say("Free disk space"), size="sm", min_width=130),
                "delete": gr.Button(say("Delete"), size="sm", variant="stop", min_width=80),
            }
            clear = gr.Button(say("Choose none"), size="sm", min_width=110)
    return BulkPanel(chosen, row, words, tags, buttons, clear, undo_row, told, undo, done)


class BulkHandlers:
    """What the bars' events do. Each reads the visitor anew and believes nothing that the browser sent."""

    def __init__(self, desk: PageContext) -> None:
        self._desk = desk

    def chosen(self, event: gr.EventData) -> tuple[Any, ...]:
        """Keep which runs are chosen, and show the bar while any is."""
        data = event._data if isinstance(event._data, dict) else {}
        given = data.get("runs")
        runs = chosen_runs(given if isinstance(given, list) else [])
        words = say_many("{n} run chosen", "{n} runs chosen", len(runs))
        return runs, gr.update(visible=bool(runs)), tag("p", words, role="status", class_="bw-muted")

    def act(self, what: str) -> Callable[..., tuple[Any, ...]]:
        """Return the handler that does something with the chosen runs, and fills `BulkPanel.results`."""

        def acted(chosen: Any, tags: Any, request: gr.Request) -> tuple[Any, ...]:
            words = [word.strip() for word in str(tags or "").split(",") if word.strip()]
            if what in ("tag", "untag") and not words:
                return self._results(say("Type a tag first."), "", [])
            freed: list[int] = []
            done, refused = self._each(what, chosen_runs(chosen), request, (words, freed))
            return self._results(_told(what, len(done), sum(freed)), what, done, refused)

        return acted

    def delete(self, run: Any, request: gr.Request) -> tuple[Any, ...]:
        """Delete one run, and fill `BulkPanel.results`."""
        try:
            self._do("delete", changeable(self._desk, run, request), ([], []))
        except WorkbenchError as error:
            raise error_toast(error) from error
        return self._results(_told("delete", 1, 0), "delete", [run])

    def undo(self, done: Any, request: gr.Request) -> tuple[Any, ...]:
        """Take back what was done last."""
        what, runs = done if isinstance(done, list | tuple) and len(done) == 2 else ("", [])
        back = chosen_runs(runs if isinstance(runs, list) else [])
        if what not in UNDONE or not back:
            raise gr.Error(say("There is nothing to undo."), print_exception=False)
        try:
            for run in back:
                self._bring_back(self._owned(run, request))
        except WorkbenchError as error:
            raise error_toast(error) from error
        words = say_many("{n} run is back.", "{n} runs are back.", len(back))
        return self._results(words, "", [])

    def _each(
        self, what: str, runs: Sequence[RunId], request: gr.Request, given: tuple[list[str], list[int]]
    ) -> tuple[list[RunId], list[str]]:
        done: list[RunId] = []
        refused: list[str] = []
        for run in runs:
            try:
                owned = self._owned(run, request) if what == "restore" else changeable(self._desk, run, request)
                self._do(what, owned, given)
                done.append(run)
            except WorkbenchError as error:
                refused.append(f"{error} {error.hint}".strip())
        return done, refused

    def _owned(self, run: RunId, request: gr.Request) -> RunRecord:
        """A run of this visitor, which may be deleted."""
        record = self._desk.history.record(run)
        self._desk.access.require(self._desk.access.visitor(request), record)
        return record

    def _do(self, what: str, record: RunRecord, given: tuple[list[str], list[int]]) -> None:
        history, run, (words, freed) = self._desk.history, record.run, given
        match what:
            case "tag":
                history.set_tags(run, [*record.tags, *words])
            case "untag":
                history.set_tags(run, [word for word in record.tags if word not in words])
            case "archive":
                history.archive(run)
            case "restore":
                self._bring_back(record)
            case "free":
                freed.append(self._free(record))
            case _:
                self._desk.bench.delete(run)

    def _bring_back(self, record: RunRecord) -> None:
        if record.deleted:
            self._desk.history.undelete(record.run)
        if record.archived:
            self._desk.history.archive(record.run, archived=False)

    def _free(self, record: RunRecord) -> int:
        if record.live:
            raise HistoryError(
                say("Run {run} is under way and needs what it has kept.", run=record.run), say("Wait until it ends.")
            )
        try:
            freed = remove_spare(self._desk.history.folder(record.run))
        except OSError as error:
            why = say("Disk space of run {run} cannot be freed: {why}.", run=record.run, why=error.strerror)
            raise HistoryError(why, say("Remove it by hand.")) from error
        self._desk.history.keep_digest(record.run, None)
        return freed

    def _results(self, told: str, what: str, runs: Sequence[RunId], refused: Sequence[str] = ()) -> tuple[Any, ...]:
        undone = what in UNDONE and bool(runs)
        shown = join([tag("p", told, role="status"), _refused(refused)])
        return gr.update(visible=True), shown, gr.update(visible=undone), (what, list(runs)) if undone else ("", [])


def chosen_runs(given: Sequence[Any]) -> list[RunId]:
    """Return the ids among what a browser sent, each once, at most `MOST_CHOSEN`."""
    return list(dict.fromkeys(run for run in given[:MOST_CHOSEN] if run_named(run)))


def _told(what: str, many: int, freed: int) -> str:
    match what:
        case "delete":
            return say_many("Deleted {n} run.", "Deleted {n} runs.", many)
        case "archive":
            return say_many("Archived {n} run.", "Archived {n} runs.", many)
        case "restore":
            return say_many("{n} run is back.", "{n} runs are back.", many)
        case "free":
            return say(
                "{size} are free again. Records, rows, verdicts and files stay; a run that goes on computes again what"
                " it had kept.",
                size=size(freed),
            )
        case _:
            return say_many("Changed the tags of {n} run.", "Changed the tags of {n} runs.", many)


def _refused(reasons: Sequence[str]) -> Html:
    if not reasons:
        return Html("")
    counted = say_many("{n} run was left as it is:", "{n} runs were left as they are:", len(reasons))
    told = [tag("li", isolated(reason, 300)) for reason in dict.fromkeys(reasons[:REASONS_TOLD])]
    return tag("div", counted, tag("ul", *told), class_="bw-warn", role="alert")
