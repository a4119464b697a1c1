import pytest

from engines.sure.config import SureConfig
from engines.sure.rows import Instance
from engines.sure.templates import Document
from engines.sure.writing import TASKS, room_for, writing_prompt, written_forms, written_rows
from tests.engines.sure.scripted import scripted_generator, text_of

TEXT = "Ada was born. Bo came later. Cy left."


def instance(name: str = "q", title: str = "Lives") -> Instance:
    return Instance(
        instance=name, question=name, asked="Who?", answers="Ada", title=title, document=TEXT, golden=True,
        cluster="c", part="mending",
    )  # fmt: skip


def test_rows_are_written_by_whom_the_taxonomy_says():
    assert written_rows(list(TASKS), "writer") == ["simple", "complex", "llm_generated", "llm_ranked"]
    assert written_rows(["self_generated", "json"], "reader") == ["self_generated"]


@pytest.mark.parametrize("row", TASKS)
def test_the_document_is_shown_without_its_title(row):
    prompt = text_of(writing_prompt(row, Document("Lives", TEXT), SureConfig()))
    assert "Ada was born." in prompt and "Lives" not in prompt


def test_rewritings_keep_the_title():
    forms = written_forms("simple", [instance()], scripted_generator(lambda prompt, at: " Ada lived. "), SureConfig())
    assert (forms[0].before, forms[0].text) == (f"Lives\n{TEXT}", "Lives\nAda lived.")


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("2, 3, 1", "Bo came later. Cy left. Ada was born."),
        ("3\n1\n2", "Cy left. Ada was born. Bo came later."),
        ("1, 2", TEXT),
        ("none", TEXT),
        ("1, 2, 3, 4", TEXT),
    ],
)
def test_a_ranking_orders_sentences_or_changes_nothing(said, text):
    forms = written_forms("llm_ranked", [instance(title="")], scripted_generator(lambda prompt, at: said), SureConfig())
    assert forms[0].text == text


def test_nothing_written_changes_nothing():
    form = written_forms("complex", [instance()], scripted_generator(lambda prompt, at: ""), SureConfig())[0]
    assert form.text == form.before


def test_room_grows_with_the_document():
    assert room_for([]) == room_for([Document("", "few words")]) == 48
    assert room_for([Document("", "word " * 100)]) == 240
