import pytest

from engines.parts.generation.generator import Use
from engines.sure.config import ARM_FIELDS, SureConfig
from engines.sure.instances import instance_frame, instances_of, rule_based_forms
from engines.sure.judging import Probe
from engines.sure.questions import open_questions
from engines.sure.readers import (
    answers_to,
    arms_of_one_probe,
    closed_book_answers,
    reading_key,
    runs_here,
    too_long,
)
from tests.engines.sure.scripted import ScriptedBackend, scripted_generator
from workbench.contract.errors import ConfigError

CONFIG = SureConfig(questions=2, noise_questions=0, perturbations=("json", "timestamp_pre", "unchanged"))


@pytest.fixture(scope="module")
def probe() -> Probe:
    instances = instances_of(open_questions(CONFIG), CONFIG)
    return Probe(CONFIG, instance_frame(instances), rule_based_forms(instances, CONFIG))


def test_every_form_is_answered_beside_what_it_is_compared_with(probe):
    def shape(prompt: str, at: int) -> str:
        marks = {'{"title"': " json ", "<meta": "tag", "<html": "page", "": "text"}
        return next(said for mark, said in marks.items() if mark in prompt)

    found = answers_to(probe, scripted_generator(shape), CONFIG, Use("Answer"))
    said = found.groupby("perturbation")[["before", "after"]].agg(set).to_dict("index")
    assert said == {
        "json": {"before": {"text"}, "after": {"json"}},
        "plain": {"before": {"text"}, "after": {"text"}},
        "timestamp_pre": {"before": {"page"}, "after": {"tag"}},
        "unchanged": {"before": {"text"}, "after": {"text"}},
    }
    assert len(found) == 8


def test_equal_documents_are_asked_once(probe):
    asked = []
    answers_to(probe, scripted_generator(lambda prompt, at: asked.append(prompt) or "x"), CONFIG, Use("Answer"))
    assert len(asked) == len(set(asked)) == 8


def test_questions_are_asked_without_a_document():
    found = closed_book_answers({"q": "Who?"}, scripted_generator(lambda prompt, at: prompt), CONFIG, Use("x"))
    assert found["question"].tolist() == ["q"]
    assert "Document" not in found["answer"].iloc[0]


def test_forms_that_do_not_fit_are_known(probe):
    backend = ScriptedBackend(lambda prompt, at: "x")
    generator = scripted_generator(lambda prompt, at: "x")
    assert not too_long(probe, generator, CONFIG).any(), "a reader that does not tell its context refuses nothing"
    backend.context = 60
    generator.backend = backend
    assert too_long(probe, generator, CONFIG).all()


def test_arms_read_the_same_questions():
    arms = {"reader": SureConfig(), "other": SureConfig(reader="openai:x@http://here", mend="sft")}
    assert arms_of_one_probe(arms, ARM_FIELDS) == arms
    with pytest.raises(ConfigError, match="An arm may change"):
        arms_of_one_probe({**arms, "odd": SureConfig(questions=3)}, ARM_FIELDS)


def test_answers_depend_on_how_a_reader_is_asked():
    assert reading_key(SureConfig()) == reading_key(SureConfig(mend="dpo", batch=2))
    assert reading_key(SureConfig()) != reading_key(SureConfig(order="document_first"))


def test_only_local_readers_can_be_looked_into():
    assert [runs_here(ref) for ref in ("smollm2-135m-instruct", "openai:m@http://h", "vllm:m")] == [True, False, False]
