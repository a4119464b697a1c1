"""Files of runs: by the run's id and a name from its manifest, for nobody else and never by a path."""

import csv
import io
import tempfile
import zipfile

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.desks import add_run, finish, open_desk, served
from workbench.contract.errors import WorkbenchError
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunFolder
from workbench.server.routes import page_routes, run_routes
from workbench.server.server import error_answer
from workbench.ui.elements.plots import plotly_js_name


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture(scope="module")
def client(desk):
    app = FastAPI()
    app.add_exception_handler(WorkbenchError, error_answer)
    app.include_router(page_routes())
    app.include_router(run_routes(desk))
    return TestClient(app)


@pytest.fixture(scope="module")
def counted(desk) -> str:
    """A finished run of the counting toy, with rows and artifacts."""
    run = desk.bench.start(read_spec(desk.engines["counting"]))
    assert desk.bench.wait(run, 120).state == "finished"
    return run


def test_a_table_comes_as_csv_with_its_fields_as_header(desk, client, counted):
    answer = client.get(f"/runs/{counted}/tables/Step.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0]) == ["arm", "seed", "round", "number", "score", "seconds"]
    assert len(rows) == desk.history.record(counted).tables["Step"]
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="{counted}-Step.csv"'


def test_a_declared_table_without_rows_is_only_its_header(desk, client):
    answer = client.get(f"/runs/{add_run(desk)}/tables/Tally.csv")
    assert answer.text.splitlines() == ["arm,seed,total"]


def test_a_listed_artifact_is_an_attachment_of_no_type(desk, client, counted):
    listed = desk.history.artifacts(counted)
    assert listed
    answer = client.get(f"/runs/{counted}/artifacts/{listed[0].name}")
    assert len(answer.content) == listed[0].bytes
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "name", ["spec.json", "..%2Fspec.json", "%2e%2e%2fspec.json", "..%5cspec.json", "%00", "events.jsonl", "a" * 300]
)
def test_nothing_but_listed_artifacts_can_be_had(client, counted, name):
    assert client.get(f"/runs/{counted}/artifacts/{name}").status_code == 404


def test_a_link_in_the_place_of_an_artifact_is_not_followed(desk, client, counted, tmp_path):
    name = desk.history.artifacts(counted)[0].name
    path = RunFolder(desk.history.runs_root, counted).artifact(name)
    path.rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    assert client.get(f"/runs/{counted}/artifacts/{name}").status_code == 404
    (tmp_path / "moved").replace(path)


@pytest.mark.parametrize("run", ["..", "%2e%2e", "A", "x" * 65, "..%2f..%2fetc", "none-such", "a%0a"])
@pytest.mark.parametrize("what", ["log", "report.html", "bundle.zip", "tables/Outcome.csv", "artifacts/x"])
def test_an_unknown_or_hostile_run_is_not_found(client, run, what):
    assert client.get(f"/runs/{run}/{what}").status_code == 404


def test_an_unknown_table_is_not_found_and_named_harmlessly(desk, client):
    answer = client.get(f"/runs/{add_run(desk)}/tables/<script>.csv")
    assert answer.status_code == 404 and answer.headers["content-type"].startswith("text/plain")


def test_a_deleted_run_is_not_found(desk, client):
    run = finish(desk, add_run(desk))
    desk.history.delete(run)
    assert client.get(f"/runs/{run}/log").status_code == 404


def test_secrets_in_the_log_are_masked(desk, client):
    run = add_run(desk)
    secret = "hf_" + "a1B2c3D4e5" * 4
    RunFolder(desk.history.runs_root, run).log.write_text(f"token {secret}\nfine\n")
    answer = client.get(f"/runs/{run}/log")
    assert secret not in answer.text and "fine" in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


def test_everything_comes_as_one_zip_and_leaves_nothing_behind(client, counted, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    answer = client.get(f"/runs/{counted}/bundle.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert {"spec.yaml", "result.json", "tables/Step.csv", "report.html", "SHA256SUMS"} <= set(packed.namelist())
    assert answer.headers["content-disposition"].startswith("attachment")
    assert list(tmp_path.iterdir()) == []


def test_the_report_is_an_attachment(client, counted):
    answer = client.get(f"/runs/{counted}/report.html")
    assert "<html" in answer.text and answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_run_of_a_method_that_is_gone_cannot_be_exported(desk, client, counted):
    spec = desk.history.record(counted).spec.model_copy(update={"engine": "gone"})
    assert client.get(f"/runs/{desk.history.open_run(spec)}/bundle.zip").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_no_route_changes_anything(desk, client, method):
    run = add_run(desk)
    for path in (f"/runs/{run}/log", f"/runs/{run}/tables/Outcome.csv", f"/runs/{run}/artifacts/x"):
        assert getattr(client, method)(path).status_code == 405


def test_the_plotting_library_may_be_kept_for_ever(client):
    answer = client.get(f"/bench/{plotly_js_name()}")
    assert "plotly" in answer.text[:400] and "immutable" in answer.headers["cache-control"]


def test_health_and_icon(client):
    told = client.get("/healthz").json()
    assert told["status"] == "ok" and len(told["server"]) == 16
    assert client.get("/healthz").json() == told
    assert client.get("/favicon.ico").text.startswith("<svg")


def test_no_page_holds_a_connection_open(desk):
    """Gradio's own answer would last as long as the page: six tabs of a browser would have used its connections up."""
    with TestClient(served(desk), base_url="http://127.0.0.1") as page:
        answer = page.get("/gradio_api/heartbeat/abcdef")
    assert (answer.status_code, answer.text) == (200, "data: ALIVE\n\n")
    assert answer.headers["content-type"].startswith("text/event-stream")
