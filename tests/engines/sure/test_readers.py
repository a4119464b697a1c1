import pytest

from engines.parts.generation.generator import Use
from engines.sure.config import SureConfig
from engines.sure.forms import rule_based_forms
from engines.sure.instances import PairSet, instance_frame, instances_of
from engines.sure.questions import open_questions
from engines.sure.readers import (
    NO_ANSWER,
    answers_to,
    closed_book_answers,
    closed_book_prompt,
    reading_key,
    reading_prompt,
    reading_sampling,
    runs_here,
    spoken,
    too_long,
)
from tests.engines.sure.scripted import ScriptedBackend, scripted_generator


def text_of(prompt) -> str:
    return prompt if isinstance(prompt, str) else prompt[0].content


def test_forms_of_one_document_share_instruction_and_question():
    config = SureConfig()
    one, other = (text_of(reading_prompt("Who?", document, config)) for document in ("Plain.", '{"text": "Plain."}'))
    shared = one[: one.index("Plain.")]
    assert other.startswith(shared) and shared.endswith("Question: Who?\n\nDocument:\n")


def test_the_question_stands_around_the_document_once_before_it_or_behind_it():
    places = {}
    for order in ("question_around", "question_first", "document_first"):
        text = text_of(reading_prompt("Who?", "Plain.", SureConfig(order=order)))
        places[order] = (text.index("Who?") < text.index("Plain."), text.rindex("Who?") > text.index("Plain."))
    assert places == {
        "question_around": (True, True),
        "question_first": (True, False),
        "document_first": (False, True),
    }


def test_the_papers_order_puts_the_document_first():
    text = text_of(reading_prompt("Who?", "Plain.", SureConfig(order="document_first")))
    assert text.index("Plain.") < text.index("Who?")


def test_the_word_for_no_answer_is_asked_for_on_demand():
    assert NO_ANSWER in text_of(reading_prompt("Who?", "Plain.", SureConfig(abstain=True)))
    assert NO_ANSWER not in text_of(reading_prompt("Who?", "Plain.", SureConfig()))


def test_plain_prompts_end_where_the_answer_begins():
    config = SureConfig(prompting="plain")
    assert str(reading_prompt("Who?", "Plain.", config)).endswith("\n\nAnswer:")
    assert "Document" not in str(closed_book_prompt("Who?", config))


def test_answers_are_greedy_short_and_one_line():
    sampling = reading_sampling(SureConfig(answer_tokens=7))
    assert (sampling.max_tokens, sampling.temperature, sampling.stop) == (7, 0.0, ("\n",))
    assert spoken("  Oslo ") == "Oslo"


CONFIG = SureConfig(questions=2, noise_questions=0, perturbations=("json", "timestamp_pre", "reread", "trailing_space"))


@pytest.fixture(scope="module")
def pair_set() -> PairSet:
    instances = instances_of(open_questions(CONFIG), CONFIG)
    return PairSet(CONFIG, instance_frame(instances), rule_based_forms(instances, CONFIG))


def test_every_form_is_answered_beside_what_it_is_compared_with(pair_set):
    def shape(prompt: str, at: int) -> str:
        marks = {'{"title"': " json ", "<meta": "tag", "<html": "page", "": "text"}
        return next(said for mark, said in marks.items() if mark in prompt)

    found = answers_to(pair_set, scripted_generator(shape), CONFIG, Use("Answer"))
    said = found.groupby("perturbation")[["before", "after"]].agg(set).to_dict("index")
    assert said == {
        "json": {"before": {"text"}, "after": {"json"}},
        "plain": {"before": {"text"}, "after": {"text"}},
        "timestamp_pre": {"before": {"page"}, "after": {"tag"}},
        "reread": {"before": {"text"}, "after": {"text"}},
        "trailing_space": {"before": {"text"}, "after": {"text"}},
    }
    assert len(found) == 10


def test_equal_documents_are_asked_once(pair_set):
    asked = []
    answers_to(pair_set, scripted_generator(lambda prompt, at: asked.append(prompt) or "x"), CONFIG, Use("Answer"))
    first, again = asked[:-2], asked[-2:]
    assert len(first) == len(set(first)) == 10, "plain, JSON, page, page with a tag, one more space; of two documents"
    assert set(again) < set(first), "what is read again is asked once more, in a batch of its own"


def test_the_noise_floor_can_fail(pair_set):
    asked = []
    restless = scripted_generator(lambda prompt, at: asked.append(prompt) or f"answer {len(asked)}")
    found = answers_to(pair_set, restless, CONFIG, Use("Answer")).query("perturbation == 'reread'")
    assert (found["before"] != found["after"]).all(), "a reader whose answers depend on the batch is seen"


def test_questions_are_asked_without_a_document():
    found = closed_book_answers({"q": "Who?"}, scripted_generator(lambda prompt, at: prompt), CONFIG, Use("x"))
    assert found["question"].tolist() == ["q"]
    assert "Document" not in found["answer"].iloc[0]


def test_forms_that_do_not_fit_are_known(pair_set):
    backend = ScriptedBackend(lambda prompt, at: "x")
    generator = scripted_generator(lambda prompt, at: "x")
    assert not too_long(pair_set, generator, CONFIG).any(), "a reader that does not tell its context refuses nothing"
    backend.context = 60
    generator.backend = backend
    assert too_long(pair_set, generator, CONFIG).all()


def test_answers_depend_on_how_a_reader_is_asked():
    assert reading_key(SureConfig()) == reading_key(SureConfig(mend="dpo", batch=2))
    assert reading_key(SureConfig()) != reading_key(SureConfig(order="document_first"))


def test_only_local_readers_can_be_looked_into():
    assert [runs_here(ref) for ref in ("smollm2-135m-instruct", "openai:m@http://h", "vllm:m")] == [True, False, False]
