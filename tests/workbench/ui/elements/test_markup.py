"""Small pieces of HTML: foreign text stays text."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.desks import add_run, open_desk
from workbench.contract.errors import ConfigError
from workbench.ui.elements.markup import error_toast, isolated, moment, run_anchor, run_name, state_badge

HOSTILE = "<img src=x onerror=alert(1)>\"'&\u202e"


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk.history.record(add_run(desk))


@given(st.text(max_size=300))
def test_foreign_text_never_opens_or_closes_an_element(value: str):
    inner = str(isolated(value)).removeprefix("<bdi>").removesuffix("</bdi>")
    assert "<" not in inner and ">" not in inner and '"' not in inner


def test_foreign_text_is_isolated_and_cut():
    assert isolated("a" * 300) == f"<bdi>{'a' * 199}…</bdi>"


def test_a_title_names_the_run_else_its_method_does(record):
    assert run_name(replace(record, title="Mine"), None) == "Mine"
    assert run_name(record, None) == "counting"


def test_a_hostile_title_is_harmless_in_a_link(record):
    anchor = run_anchor(replace(record, title=HOSTILE), None)
    assert "<img" not in anchor and f'href="/?run={record.run}"' in anchor


def test_a_state_is_a_sign_and_a_word(record):
    badge = state_badge(replace(record, state="running", done=1, total=4))
    assert "Running 25 %" in badge and 'aria-hidden="true"' in badge
    assert "%" not in state_badge(replace(record, state="finished", done=1, total=4))
    assert "example" in state_badge(replace(record, origin="example"))


def test_a_moment_can_be_read_without_a_script():
    assert moment(0) == '<time datetime="1970-01-01T00:00:00Z" data-relative>1970-01-01 00:00 UTC</time>'


def test_a_told_error_is_escaped():
    assert "<img" not in error_toast(ConfigError({"title": HOSTILE})).message
