import pytest

from tests.blocks import furnished, laid_out, visit
from tests.browser.rooms import ROOMS
from tests.catalogues import SERVED, SETS, ShownCatalogue
from tests.desks import add_run, finish, open_desk
from tests.rooms.picturing import PicturingConfig
from workbench.contract.catalogue import ModelLine
from workbench.ui.elements.run_snapshot import Seen
from workbench.ui.setup.form import Form
from workbench.ui.setup.picker_choices import data_refs, downloads_words, listed_models, model_refs, offered


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path, engines=ROOMS, catalogue=ShownCatalogue()) as desk:
        yield desk


def test_models_are_offered_by_what_they_can_do_and_only_usable_ones(desk):
    assert model_refs(desk, "causal") == ["small", "/m/quick", "a/b"]
    assert model_refs(desk, "generator") == ["small", "/m/quick", "a/b", SERVED]
    assert model_refs(desk, "encoder") == ["meaning", "small", "/m/quick", "a/b"]


def test_data_is_offered_where_its_rows_fit_or_nobody_knows(desk):
    assert data_refs(desk, "parallel sentences: one column per language") == ["bundled-set", "upload:x.csv"]
    assert data_refs(desk, "rows") == [line.ref for line in SETS]


def test_what_deleted_runs_made_is_left_out(desk):
    kept, gone = finish(desk, add_run(desk)), finish(desk, add_run(desk))
    desk.bench.delete(gone)
    made = [ModelLine(f"run:{run}/x.adapter.zip", "x", "run", "adapter") for run in (kept, gone, "no-such-run")]
    desk.installed.catalogue.lines[:] = made
    assert [line.ref for line in listed_models(desk)] == [made[0].ref]


def test_pickers_keep_what_they_could_show_and_add_what_is_there(desk):
    form = laid_out(lambda: Form(PicturingConfig))[0]
    assert [setting.name for setting, _ in form.pickers] == ["model", "data"]
    model, data = offered(desk, form.pickers)
    shown = [value for _, value in form.pickers[0][1].choices]
    assert [ref for _, ref in model["choices"]] == [*shown, "small", "/m/quick", "a/b"] and "value" not in model
    assert data["choices"][-1] == ("upload:x.csv", "upload:x.csv")


def test_a_methods_tab_fills_its_pickers_when_it_is_opened(desk):
    tab = furnished(desk, ROOMS["picturing"])[0]
    model, data = (dropdown for _, dropdown in tab.setup.form.pickers)
    fresh = tab._arrive(visit(), None, Seen(), "", None)
    assert (fresh[model]["choices"][-1][1], fresh[data]["choices"][-1][1]) == ("a/b", "upload:x.csv")
    assert "value" not in fresh[model]
    run = add_run(desk, "picturing")
    filled = tab._arrive(visit(), run, Seen(), "", run)
    assert run in filled[tab.shown.top] and filled[model]["choices"][-1][1] == "a/b" and "value" in filled[model]


def test_what_must_be_downloaded_first_says_how_large_it_is(desk):
    desk.installed.catalogue.lines[:] = [
        ModelLine("big", "big", "bundled", "causal", ready=False, disk_bytes=270_000_000),
        ModelLine("here", "here", "bundled", "causal", disk_bytes=5),
    ]
    form = laid_out(lambda: Form(PicturingConfig))[0]
    model, _ = offered(desk, form.pickers)
    assert ("big (download 270 MB)", "big") in model["choices"] and ("here", "here") in model["choices"]
    told = downloads_words(desk, ["big", "here", "", "owner/far", "big", None])
    assert told == "Downloaded first: big (270 MB). From the hub, of unknown size: owner/far."
    assert downloads_words(desk, ["here"]) == ""
