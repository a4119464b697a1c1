import pytest

from tests.blocks import laid_out, look
from tests.desks import add_run, open_desk
from workbench.ui.runs.repeat_panel import RepeatPanel


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


def test_a_run_is_told_in_four_forms_once(desk):
    run = add_run(desk)
    panel, _ = laid_out(lambda: RepeatPanel(desk))
    updates = panel.refresh(look(desk, run))
    assert updates[panel.link] == f"{desk.base_url}/?run={run}"
    assert "benchwright run counting" in updates[panel.cli] and "engine: counting" in updates[panel.yaml]
    assert "run(" in updates[panel.python]
    assert f"/runs/{run}/" in updates[panel.files] and updates[panel.files].count("download") == 2
    assert panel.refresh(look(desk, run, look(desk, run).seen())) == {}
