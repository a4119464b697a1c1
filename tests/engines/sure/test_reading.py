from engines.sure.config import SureConfig
from engines.sure.reading import NO_ANSWER, closed_book_prompt, reading_prompt, reading_sampling, spoken


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
