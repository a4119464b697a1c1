from tests.blocks import laid_out
from workbench.tool_questions.data_preview import MOST_FIELDS
from workbench.ui.setup.mapping_dropdowns import mapping_dropdowns, mapping_parts, mapping_updates

FIELD = {"field": "question", "help": "Asked.", "column": "Q", "reason": "Same.", "required": True}


def test_each_field_asks_for_its_column_and_the_rest_stay_hidden():
    dropdowns = laid_out(mapping_dropdowns)[0]
    assert len(dropdowns) == MOST_FIELDS and all(each.allow_custom_value for each in dropdowns)
    joined = {**FIELD, "field": "topic", "column": "{Body} {Q}", "required": False}
    updates = mapping_updates(dropdowns, [FIELD, joined], ["Q", "Body"])
    first, second, third = (updates[each] for each in dropdowns[:3])
    assert first["choices"] == [("(no column)", ""), ("Q", "Q"), ("Body", "Body")] and first["value"] == "Q"
    assert second["choices"][-1] == ("{Body} {Q}", "{Body} {Q}") and second["label"] == "Topic (may stay empty)"
    assert third["visible"] is False


def test_only_chosen_columns_are_a_mapping():
    assert mapping_parts(("question", "answer", "id"), ["Q, in words", "", None]) == ["question=Q, in words"]
    assert mapping_parts((), ["Q"]) == []
