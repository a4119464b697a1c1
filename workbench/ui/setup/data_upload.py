"""The button that takes a data file up and names it in a picker."""

from pathlib import Path
from typing import Any

import gradio as gr

from workbench.contract.errors import DataError
from workbench.contract.settings import Setting
from workbench.messages import say
from workbench.ui.setup.uploads import SPREADSHEETS, SUFFIXES, keep_upload

UPLOADING: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal", "concurrency_limit": 2}


def data_upload_button() -> gr.UploadButton:
    """Lay out the button alone."""
    # A spreadsheet may be chosen too: its refusal says how to save it as CSV, where the browser would only grey it out.
    kinds = [*SUFFIXES, *SPREADSHEETS]
    return gr.UploadButton(say("Upload a data file"), file_types=kinds, size="sm", variant="secondary")


def upload_button(setting: Setting, picker: gr.Dropdown) -> gr.UploadButton:
    """Lay out the button; a file that is taken up becomes the picker's value."""
    button = data_upload_button()
    button.upload(_taken_up, button, picker, show_progress_on=button, **UPLOADING)
    return button


def _taken_up(path: str | None) -> Any:
    if not path:
        return gr.skip()
    try:
        return gr.update(value=keep_upload(Path(path)))
    except DataError as error:
        gr.Warning(say("{error} {hint}", error=error, hint=error.hint))
        return gr.skip()
