from workbench.ui.setup.file_words import file_html, size_words

FACTS = {"name": "a.csv", "rows": 1200, "columns": 2, "complete": True}
HOSTILE = "<img src=x>"


def seen(**tables):
    empty = {name: () for name in ("ProposedField", "RecordFacts", "BrokenRow", "FoundChoices")}
    columns = ({"column": "Q"}, {"column": HOSTILE})
    return {"FileFacts": (FACTS,), "ColumnFacts": columns, **empty, **tables}


def test_rows_and_columns_are_told_and_what_was_not_read():
    assert size_words(FACTS, ["Q", "A"]) == "1,200 rows, 2 columns: Q, A."
    assert size_words({**FACTS, "complete": False, "rows": 1}, ["Q"]).startswith("the first 1 row looked at, 2 columns")
    assert size_words(FACTS, ["id", "texts"], ["en", "fr"]) == "1,200 rows, 2 languages: en, fr."
    assert size_words({**FACTS, "columns": 40}, list(map(str, range(40)))).endswith("11 ….")


def test_what_can_be_used_and_what_not_is_told():
    whole = file_html(seen(RecordFacts=({"usable": 3, "broken": 0},)), [])
    assert "All of them can be used." in whole and HOSTILE not in whole
    line = {"line": 3, "what": f"Row 3 has {HOSTILE}.", "remedy": "Quote it."}
    broken = file_html(seen(RecordFacts=({"usable": 1, "broken": 9},), BrokenRow=[line] * 9), ["Rows repeat."])
    assert "1 row can be used, 9 cannot." in broken and broken.count("Line 3:") == 3 and "Rows repeat." in broken
    assert HOSTILE not in broken


def test_a_field_without_a_column_is_asked_for():
    lacking = {"field": "gold_answer", "column": "", "required": True}
    assert "Which column holds this: Gold answer?" in file_html(seen(ProposedField=(lacking,)), [])
    assert "Which column" not in file_html(seen(ProposedField=({**lacking, "required": False},)), [])
