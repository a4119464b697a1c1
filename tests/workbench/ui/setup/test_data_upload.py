import gradio as gr
import pytest

from tests.blocks import laid_out
from tests.rooms.picturing import PicturingConfig
from workbench.contract.settings import settings_of
from workbench.ui.setup.data_upload import upload_button
from workbench.ui.setup.uploads import SPREADSHEETS, SUFFIXES


@pytest.fixture
def taken_up():
    data = next(setting for setting in settings_of(PicturingConfig) if setting.kind == "data")
    button, page = laid_out(lambda: upload_button(data, gr.Dropdown(allow_custom_value=True)))
    assert set(button.file_types) == {*SUFFIXES, *SPREADSHEETS}
    return next(fn.fn for fn in page.fns.values())


def test_a_file_becomes_the_pickers_value(taken_up, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("a,b\n1,2\n")
    assert taken_up(str(path))["value"].startswith("upload:mine-")


def test_what_cannot_be_taken_up_leaves_the_picker_alone(taken_up, tmp_path):
    path = tmp_path / "mine.xlsx"
    path.write_bytes(b"PK")
    with pytest.warns(UserWarning, match="spreadsheet"):
        refused = taken_up(str(path))
    assert "value" not in refused and "value" not in taken_up(None)
