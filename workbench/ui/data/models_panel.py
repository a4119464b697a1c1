"""The list of models on the page, and the way to put a server or a folder on it."""

from typing import Any
from urllib.parse import urlsplit

import gradio as gr

from workbench.contract.errors import AccessError, ConfigError, WorkbenchError
from workbench.contract.settings import settings_of
from workbench.messages import noted, say
from workbench.tool_questions.model_registration import ENROLMENT, Enrolled, Enrolling, OutsideFolder
from workbench.ui.data.model_table import PLACES, SCRIPT, fitting, model_table
from workbench.ui.elements.elements import Html, notice, tag
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import error_html
from workbench.ui.setup.form import problems_html
from workbench.ui.setup.picker_choices import listed_models
from workbench.ui.setup.tool_runs import ended_badly, start_tool, tool_run

LONGEST_QUERY = 200
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ANYWHERE = noted("Anywhere")

Updates = dict[Any, Any]


class ModelsPanel:
    """The models that can be named.

    Attributes:
        table: its `click` carries the pressed button's `act` and `ref`.
        run_box: the check of a server or folder that is under way, "" for none.
        filters: inputs of `listed`.
        outputs: everything that `refresh` and `add` may update.
    """

    def __init__(self, desk: PageContext) -> None:
        """Build inside an open Blocks context."""
        self._desk = desk
        self.run_box = gr.State("")
        with gr.Row(elem_classes="bw-filters", equal_height=True):
            self.filters = [
                gr.Textbox(
                    label=say("Search"), placeholder=say("Name, licence, format"), max_length=LONGEST_QUERY, scale=2
                ),
                gr.Dropdown(_places(), value="", label=say("Where"), min_width=150),
                gr.CheckboxGroup(
                    [(say("Usable at once"), "usable")], label=say("Only"), min_width=200, elem_classes="bw-only"
                ),
            ]
        self.table = gr.HTML("", js_on_load=SCRIPT, elem_classes="bw-history", apply_default_css=False)
        self.words = gr.HTML("", elem_classes=["bw-problems"])
        self._lay_out_forms()
        self.outputs = [self.run_box, self.words, self.table, self.allow]

    def _lay_out_forms(self) -> None:
        if self._desk.access.mode == "guests":
            gr.HTML(tag("p", say("Servers and folders are added by whoever runs this page."), class_="bw-lead"))
        shown = self._desk.access.mode != "guests"
        with gr.Row(elem_classes=["bw-adding"], visible=shown):
            with gr.Accordion(say("Add a server"), open=False) as self.server_fold:
                gr.HTML(tag("p", say(_ABOUT_SERVERS), class_="bw-lead"))
                self.name = gr.Textbox(
                    label=say("Name"), max_length=LONGEST_QUERY, info=say("How to call it in the list.")
                )
                self.address = gr.Textbox(
                    label=say("Address"), max_length=1_000, placeholder="http://127.0.0.1:8011/v1"
                )
                self.served = gr.Textbox(
                    label=say("Models"),
                    info=say("By the server's names, separated by commas. Leave it empty to ask the server."),
                )
                self.key = gr.Textbox(
                    label=say("Variable with the key"), info=say(_ABOUT_KEYS), max_length=LONGEST_QUERY
                )
                self.add_server = gr.Button(say("Check and add"), variant="primary", size="sm", min_width=140)
            with gr.Accordion(say("Add a folder"), open=False) as self.folder_fold:
                gr.HTML(tag("p", say(_ABOUT_FOLDERS), class_="bw-lead"))
                self.path = gr.Textbox(label=say("Path"), max_length=1_000, placeholder="/data/models/my-model")
                self.add_folder = gr.Button(say("Check and add"), variant="primary", size="sm", min_width=140)
        self.allow = gr.Button(say("Allow this folder, and add it"), size="sm", visible=False, min_width=200)
        self.server_form = [self.name, self.address, self.served, self.key]

    def listed(self, *asked: Any) -> str:
        """Return the table of what fits the filters."""
        words, place, only = asked
        try:
            lines = listed_models(self._desk)
        except WorkbenchError as error:
            return error_html(error)
        found = fitting(lines, str(words or "")[:LONGEST_QUERY], str(place or ""), bool(only))
        empty = (
            say("No model fits this search.")
            if lines
            else say("No models yet. Run benchwright fetch, or add one below.")
        )
        return model_table(found, empty, self._desk.access.mode != "guests")

    def add_from_server(self, request: gr.Request, click: Any, *typed: Any) -> tuple[Updates, bool]:
        """(updates, whether the server is being asked)."""
        name, address, served, key = (str(value or "").strip() for value in typed)
        models = [part.strip() for part in served.replace("\n", ",").split(",") if part.strip()]
        asked = {"place": "server", "name": name, "address": address, "models": models, "key_variable": key}
        return self._add(request, click, asked)

    def add_from_folder(self, request: gr.Request, click: Any, path: Any) -> tuple[Updates, bool]:
        """(updates, whether the folder is being checked)."""
        return self._add(request, click, {"place": "folder", "address": str(path or "").strip()})

    def add_allowed_folder(self, request: gr.Request, click: Any, path: Any) -> tuple[Updates, bool]:
        """(updates, whether the folder is being checked); it is allowed from now on, as the owner confirmed."""
        if not self._on_own_machine():
            return {self.words: error_html(AccessError(say("Only whoever runs this page may allow a folder.")))}, False
        return self._add(request, click, {"place": "folder", "address": str(path or "").strip(), "allow": True})

    def _on_own_machine(self) -> bool:
        """Whether the page is served to this machine alone, without accounts: then its visitor is its owner."""
        return self._desk.access.mode == "open" and urlsplit(self._desk.base_url).hostname in LOOPBACK

    def _add(self, request: gr.Request, click: Any, asked: dict[str, Any]) -> tuple[Updates, bool]:
        try:
            self._desk.access.require_keeper(self._desk.access.visitor(request))
            run = start_tool(self._desk, request, ENROLMENT, asked, click)
        except ConfigError as error:
            return {self.words: problems_html(error, settings_of(Enrolling))}, False
        except WorkbenchError as error:
            return {self.words: error_html(error)}, False
        checking = notice(say("Checking {address} …", address=asked["address"]))
        return {self.run_box: run, self.words: checking, self.allow: gr.update(visible=False)}, True

    def refresh(self, run: Any, *asked: Any) -> tuple[Updates, bool]:
        """(updates once the check has ended, whether it still goes on)."""
        if not run:
            return {}, False
        try:
            record = tool_run(self._desk, run, ENROLMENT)
            if record.live:
                return {}, True
            added = self._desk.history.rows_after(record.run, Enrolled.table()).rows
            outside = self._desk.history.rows_after(record.run, OutsideFolder.table()).rows
        except WorkbenchError as error:
            return {self.run_box: "", self.words: error_html(error)}, False
        said = (
            notice(say("Added: {names}.", names=", ".join(row["name"] for row in added)), tone="good")
            if added
            else Html("")
        )
        offered = gr.update(visible=bool(outside) and not added and self._on_own_machine())
        words = ended_badly(record) or said
        return {self.run_box: "", self.words: words, self.table: self.listed(*asked), self.allow: offered}, False

    def remove(self, request: gr.Request, entry: str, *asked: Any) -> Updates:
        """Take a server or folder off the list; the form holds what it was, so that it can be added again."""
        try:
            self._desk.access.require_keeper(self._desk.access.visitor(request))
            was = self._desk.installed.catalogue.remove(entry)
        except WorkbenchError as error:
            return {self.words: error_html(error)}
        said = notice(say("Taken off the list; the form below holds what it was. Nothing was deleted from the disk."))
        form = {
            self.name: was.get("name", ""),
            self.address: was.get("address", ""),
            self.served: was.get("models", ""),
            self.key: was.get("key_variable", ""),
        }
        refilled: Updates = form if "address" in was else {self.path: was.get("path", "")}
        return refilled | {self.words: said, self.table: self.listed(*asked)}


def _places() -> list[tuple[str, str]]:
    return [(say(ANYWHERE), ""), *((say(words).capitalize(), place) for place, words in PLACES.items())]


_ABOUT_SERVERS = noted(
    "Any server that speaks OpenAI's protocol, such as vLLM. It is asked for its models before it comes on the list."
)
_ABOUT_KEYS = noted(
    "The name of the environment variable that holds the key, such as BENCHWRIGHT_KEY_MINE; set it where the workbench "
    "is started. The key itself is never typed here."
)
_ABOUT_FOLDERS = noted(
    "A folder of this machine with config.json, safetensors weights and a tokenizer, under a folder that the workbench "
    "may read. It is checked first; pickle files and code that comes with a model are refused."
)
