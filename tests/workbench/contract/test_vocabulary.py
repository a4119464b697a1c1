"""Field types accept what the field's users write and refuse the rest."""

import pytest
from pydantic import TypeAdapter, ValidationError

from workbench.contract.vocabulary import Language, ModelRef, Percent, Probability


@pytest.mark.parametrize("tag", ["fr", "zh_Hans", "pt-BR", "fin", "sr_Latn"])
def test_language_tags(tag: str) -> None:
    assert TypeAdapter(Language).validate_python(tag) == tag


@pytest.mark.parametrize("tag", ["", "F", "english language", "fr;rm", "<b>", "../fr", "f" * 4])
def test_what_is_no_language_tag(tag: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Language).validate_python(tag)


def test_bounds() -> None:
    assert TypeAdapter(Probability).validate_python(1) == 1.0
    for kind, value in ((Probability, 1.01), (Percent, -1), (ModelRef, ""), (ModelRef, "x" * 401)):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(value)
    assert TypeAdapter(ModelRef).validate_python("  org/name ") == "org/name"
