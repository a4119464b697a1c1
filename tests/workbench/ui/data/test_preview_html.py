import json

from workbench.history.records import ArtifactLine
from workbench.ui.data.preview_html import (
    broken_html,
    columns_html,
    downloads_html,
    facts_html,
    preview_json,
    verdict_html,
)

FACTS = {"name": "a.csv", "kind": "csv", "rows": 1234, "columns": 2, "unreadable": 0, "complete": True, "credit": ""}
COLUMN = {"filled": 2, "distinct": 2, "kind": "text", "shortest": 1, "typical": 2, "longest": 3, "example": "x"}


def test_a_file_that_was_read_in_part_says_so():
    assert "1,234 looked at" in facts_html({**FACTS, "complete": False}) and "looked at" not in facts_html(FACTS)
    assert "By all." in facts_html({**FACTS, "credit": "By all."})


def test_the_first_rows_stand_under_their_columns():
    columns = [{"column": name, **COLUMN} for name in ("Q", "A")]
    rows = [{"line": 2, "cells": ["x", "y"]}, {"line": 4, "cells": ["z", ""]}]
    shown = json.loads(preview_json(columns, rows, 9))
    assert shown["columns"] == ["line", "Q", "A"] and shown["rows"] == [[2, "x", "y"], [4, "z", ""]]
    assert shown["total"] == 9
    assert json.loads(preview_json(columns, [], 0))["rows"] == []
    assert "1 / 2 / 3" in columns_html(columns)


def test_of_many_broken_rows_the_first_are_shown():
    broken = [{"line": line, "field": "", "what": "Wrong.", "remedy": "Mend."} for line in (2, 3)]
    assert "The first 2 of 1,000" in broken_html(broken, 1_000)
    assert "The first" not in broken_html(broken, 2)


def test_the_verdict_counts_in_words():
    facts = {"record": "prompts", "usable": 9997, "broken": 0, "setting": "prompt=Q"}
    assert "9,997 rows can be used as prompts." in verdict_html(facts, ()) and "bw-is-good" in verdict_html(facts, ())
    assert "bw-is-warn" in verdict_html({**facts, "broken": 3}, ())
    assert "No column was found for a, b." in verdict_html({}, ["a", "b"])


def test_files_are_links_with_what_they_are():
    files = [ArtifactLine("fixed-broken.csv", 100, ""), ArtifactLine("fixed.csv", 2_000, "")]
    shown = downloads_html("261123-1059-toy-717b21699d", files)
    assert 'href="/runs/261123-1059-toy-717b21699d/artifacts/fixed.csv"' in shown and "2 kB" in shown
    assert "cannot be used, with reasons" in shown and "can be used, by field" in shown
    assert downloads_html("x", []) == ""
