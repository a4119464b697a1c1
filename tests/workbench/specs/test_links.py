"""Addresses: only well-formed ids become one, and whatever a link holds is read without harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.contract.errors import RunNotFound
from workbench.contract.runs import RUN_ID
from workbench.specs.links import (
    Destination,
    artifact_path,
    bundle_path,
    log_path,
    read_link,
    report_path,
    run_link,
    table_path,
)

RUN = "261123-0904-counting-dd8ad1dda0"
HOSTILE = [
    "../../etc/passwd",
    "<img src=x>",
    "a/b",
    "A",
    "",
    " ",
    "%2e%2e",
    "x" * 65,
    "ok\n",
    "ok\u202e",
    "=1+1",
    "a'--",
]


def test_a_link_leads_back_to_its_run_and_view():
    assert run_link("http://127.0.0.1:7860/", RUN) == f"http://127.0.0.1:7860/?run={RUN}"
    assert read_link(run_link("", RUN, "distance")[1:]) == Destination(run=RUN, view="distance")
    set_as = {"layer": "7", "languages": "de,fr"}
    assert read_link(run_link("", RUN, "distance", set_as)[1:]) == Destination(
        run=RUN, view="distance", controls=tuple(set_as.items())
    )


def test_tabs_methods_and_claims_have_addresses():
    assert read_link("?tab=models-data") == Destination(tab="models-data")
    assert read_link("?method=shifcon") == Destination(method="shifcon")
    assert read_link(f"?run={RUN}&tab=verdict&claim=closer") == Destination(run=RUN, tab="verdict", claim="closer")


@pytest.mark.parametrize("name", ["method", "view", "claim", "tab"])
@pytest.mark.parametrize("value", ["<script>", "../x", "A", "a\n", "x" * 65, "a b", "é"])
def test_a_hostile_name_is_left_out(name, value):
    from urllib.parse import quote

    assert read_link(f"?{name}={quote(value)}") == Destination()


def test_controls_belong_to_a_view_and_have_names():
    assert read_link("?control.layer=7").controls == ()
    assert read_link("?view=a&control.<b>=7&control.B=1&control.=2").controls == ()
    assert read_link("?view=a&control.b=").controls == (("b", ""),)
    assert read_link("?view=a&control.b=%3Cimg%3E").controls == (("b", "<img>"),)


def test_a_page_without_a_query_asks_for_nothing():
    assert read_link("") == read_link("?__theme=dark") == Destination()


@pytest.mark.parametrize("run", [run for run in HOSTILE if run.strip()])
def test_a_hostile_id_is_malformed_and_not_passed_on(run):
    from urllib.parse import quote

    assert read_link(f"?run={quote(run)}") == Destination(malformed=True)


@pytest.mark.parametrize("run", HOSTILE)
def test_no_address_is_made_of_a_hostile_id(run):
    for make in (lambda run: run_link("", run), lambda run: table_path(run, "T"), log_path, report_path, bundle_path):
        with pytest.raises(RunNotFound):
            make(run)


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "", "a b", "x" * 129, "a\n"])
def test_no_address_is_made_of_a_hostile_artifact(name):
    with pytest.raises(RunNotFound):
        artifact_path(RUN, name)


def test_a_tables_name_is_quoted():
    assert table_path(RUN, "a/../b?") == f"/runs/{RUN}/tables/a%2F..%2Fb%3F.csv"


def test_a_hostile_view_is_left_out():
    assert read_link(f"?run={RUN}&view=%3Cscript%3E") == Destination(run=RUN)


def test_too_many_parameters_are_malformed():
    assert read_link("?" + "&".join(f"a{n}=1" for n in range(60))).malformed


@given(st.text(max_size=300))
def test_any_query_is_read(query: str):
    asked = read_link(query)
    assert not asked.run or RUN_ID.fullmatch(asked.run)


def test_links_can_be_compared():
    assert hash(read_link("?view=a&control.b=1")) != hash(read_link("?view=a&control.b=2"))
