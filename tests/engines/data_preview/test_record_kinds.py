import pytest

from engines.data_preview.record_kinds import RECORD_KINDS, best_kind
from workbench.contract.field_docs import field_docs


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (["question", "answer"], "question answering"),
        (["Q", "Gold answer", "context"], "question answering"),
        (["problem", "answer"], "maths problems"),
        (["source", "target"], "parallel sentences"),
        (["en", "fr"], "parallel sentences"),
        (["word", "definition"], "glosses"),
        (["prompt", "chosen", "rejected"], "preference pairs"),
        (["instruction"], "prompts"),
        (["page", "text"], "texts"),
        (["x", "y", "z"], ""),
        ([], ""),
    ],
)
def test_columns_are_read_as_what_fits_best(columns, kind):
    rows = [dict.fromkeys(columns, "some words")]
    assert best_kind(columns, rows) == kind


def test_every_kind_says_what_it_is():
    for name, kind in RECORD_KINDS.items():
        assert kind.__doc__ and name == name.lower()
        assert set(kind.model_fields) == set(field_docs(kind))
        assert any(field.is_required() for field in kind.model_fields.values())
