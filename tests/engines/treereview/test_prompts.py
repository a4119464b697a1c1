import pytest

from engines.parts.completions.prompts import Message
from engines.treereview.prompts import NEEDED, prompt_set, read_templates, shipped_text
from workbench.contract.errors import ConfigError


@pytest.mark.parametrize("style", ["complete", "short"])
def test_shipped_prompts_are_complete(style):
    assert set(read_templates(shipped_text(style))) == set(NEEDED)
    prompt_set(shipped_text(style))


def test_places_are_filled_once_and_never_from_what_is_filled_in():
    prompts = prompt_set("## leaf\n{{question}} / {{ passages }}\n## system\nBe fair.")
    filled = prompts.fill("leaf", question="{{passages}} & {{title}}", passages="p", title="t")
    assert filled == (Message("system", "Be fair."), Message("user", "{{passages}} & {{title}} / p"))


def test_without_a_system_text_there_is_no_system_turn():
    assert prompt_set("## system\n").fill("leaf", title="t", question="q", passages="p")[0].role == "user"


def test_sections_that_are_missing_are_the_complete_ones():
    assert prompt_set("").templates == read_templates(shipped_text("complete"))
    assert prompt_set("## leaf\n{{question}}{{passages}}").templates["review"] == prompt_set().templates["review"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("## leaves\nx", "'leaves' is no prompt"),
        ("## leaf\n{{question}}", "leaf does not say {{passages}}"),
        ("## leaf\n{{question}}{{passages}}{{author}}", "leaf knows no {{author}}"),
    ],
)
def test_faulty_prompts_are_refused_by_name(text: str, problem: str):
    with pytest.raises(ConfigError, match=problem.replace("{", r"\{")) as caught:
        prompt_set(text)
    assert "prompts" in caught.value.problems
