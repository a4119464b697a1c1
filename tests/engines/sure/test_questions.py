import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.answers import GoldAnswers, word_count
from engines.parts.corpora.shipped_data import SHIPPED_DATA
from engines.sure.config import SureConfig
from engines.sure.perturbations import Document
from engines.sure.questions import (
    AskedQuestion,
    held_out_clusters,
    open_questions,
    shortened,
    spread,
)
from workbench.contract.errors import DataError
from workbench.storage.home import place


@pytest.fixture
def written(fresh_home):
    def write(name: str, content: str) -> str:
        (place("uploads") / name).write_text(content, "utf-8")
        return f"upload:{name}"

    return write


def lines(*rows: dict) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_the_bundled_questions_can_all_be_answered_from_their_passages():
    rows = [json.loads(line) for line in SHIPPED_DATA["public-facts"].path.read_text("utf-8").splitlines()]
    assert len(rows) >= 300 and len({row["passage"] for row in rows}) >= 60
    assert len({row["id"] for row in rows}) == len(rows) == len({row["question"] for row in rows})
    passages: dict[str, set[str]] = {}
    for row in rows:
        assert GoldAnswers(row["answers"]).within(row["passage"]), row["id"]
        passages.setdefault(row["title"], set()).add(row["passage"])
    for row in rows:
        assert all(GoldAnswers(row["answers"]).within(text) for text in passages[row["title"]]), row["id"]
    assert all(len(found) == 2 for found in passages.values())


def test_fifteen_questions_come_from_fifteen_passages():
    asked = open_questions(SureConfig(questions=15))
    assert len({one.documents[0] for one in asked.questions}) == 15
    assert len({one.cluster for one in asked.questions}) == 15
    assert len(asked.pool) == 80
    more = open_questions(SureConfig(questions=40)).questions
    assert more[:15] == asked.questions


def test_a_csv_of_ones_own_is_read_with_a_mapping(written):
    ref = written("mine.csv", "Q,Context,Gold\nWho?,Ada was here.,Ada\nWhere?,In Oslo it rains.,Oslo|oslo\n")
    asked = open_questions(SureConfig(data=ref, columns="question=Q,passage=Context,answers=Gold"))
    answers = {one.question: one.answers for one in asked.questions}
    assert answers == {"Where?": ("Oslo", "oslo"), "Who?": ("Ada",)}
    assert {one.documents[0].title for one in asked.questions} == {""}


def test_several_passages_of_a_question_are_all_documents(written):
    ref = written("many.jsonl", lines({"question": "Who?", "passages": ["Ada.", "Nobody."], "answers": ["Ada"]}))
    assert len(open_questions(SureConfig(data=ref)).questions[0].documents) == 2


def test_what_cannot_be_judged_is_left_out_and_counted(written):
    good = {"question": "Who?", "passage": "Ada was here.", "answers": ["Ada"]}
    rows = [good, {**good, "answers": ["the", "?"]}, {**good, "passage": "  "}, {**good, "answers": []}]
    asked = open_questions(SureConfig(data=written("bad.jsonl", lines(*rows))))
    assert len(asked.questions) == 1
    text = " ".join(asked.notes)
    assert "have no passage" in text and ("no answer" in text or "cannot be read" in text)


def test_nothing_that_can_be_judged_is_refused(written):
    ref = written("none.jsonl", lines({"question": "Who?", "passage": "A.", "answers": ["the"]}))
    with pytest.raises(DataError, match="Not one of 1 questions"):
        open_questions(SureConfig(data=ref))


def test_a_missing_column_is_named(written):
    with pytest.raises(DataError, match="answers"):
        open_questions(SureConfig(data=written("few.csv", "question,text\nWho?,Ada.\n")))


def test_unknown_data_are_refused():
    with pytest.raises(DataError):
        open_questions(SureConfig(data="no-such-set"))


def asked(name: str, passage: str) -> AskedQuestion:
    return AskedQuestion(name, "?", ("x",), (Document("", passage),), passage[0])


def test_questions_are_spread_over_clusters_and_passages_whatever_their_order():
    questions = [asked(f"{passage}{at}", passage) for passage in ("a1", "a2", "b1", "b2") for at in range(3)]
    taken = spread(questions, 8)
    assert sorted(one.cluster for one in taken[:2]) == ["a", "b"]
    assert sorted(one.documents[0].text for one in taken[:4]) == ["a1", "a2", "b1", "b2"]
    assert sorted(one.documents[0].text for one in taken) == ["a1", "a1", "a2", "a2", "b1", "b1", "b2", "b2"]
    assert spread(questions[::-1], 8) == taken
    assert spread(questions, 3) == taken[:3]


@pytest.mark.parametrize(
    ("text", "answer", "most", "cut"),
    [
        ("One two. Three four. Five.", "one", 4, "One two. Three four."),
        ("One two. Three four. Five six. Seven.", "Seven", 3, "Five six. Seven."),
        ("One two. Three four. Five six. Seven. Eight.", "Five", 6, "Three four. Five six. Seven. Eight."),
        ("One two. Three four. Five six.", "two three", 4, "One two. Three four."),
        ("One two three four five.", "four", 2, "four five."),
        ("One two. Three four. Five.", "nowhere", 4, "One two. Three four."),
        ("Short.", "short", 5, "Short."),
        ("第一句话。第二句话。奥斯陆在这里。第四句。", "奥斯陆", 12, "奥斯陆在这里。第四句。"),
    ],
)
def test_long_documents_are_cut_to_sentences_around_the_answer(text, answer, most, cut):
    found = shortened(Document("t", text), most, GoldAnswers([answer]))
    assert found.text == cut
    assert found.words == (word_count(text) if cut != text else 0)


def test_an_answer_of_many_words_is_never_cut_away():
    text = "Before it. One two three four five six. After it."
    assert shortened(Document("", text), 3, GoldAnswers(["two three four five"])).text == "two three four five"


def test_a_document_of_a_hundred_pages_is_cut_around_its_end():
    long = Document("", "Many words stand here. " * 12_000 + "Oslo is last.")
    found = shortened(long, 250, GoldAnswers(["Oslo"]))
    assert word_count(found.text) <= 250 and found.text.endswith("Oslo is last.") and found.words == 48_003


@pytest.mark.parametrize(
    "passages",
    [
        [{"id": "1", "title": "Vell", "text": "Built by Mara."}, {"title": "Other", "text": "Nothing."}],
        [["Vell", ["Built by", "Mara."]], ["Other", ["Nothing."]]],
        [{"title": "Vell", "contents": "Built by Mara."}, {"title": "Other", "sentences": ["Nothing."]}],
    ],
)
def test_passages_of_retrievers_are_read_with_their_titles(written, passages):
    row = {"question": "Who built it?", "answers": ["Mara"], "ctxs": passages}
    (one,) = open_questions(SureConfig(data=written("ctxs.jsonl", lines(row)))).questions
    assert one.documents == (Document("Vell", "Built by Mara."), Document("Other", "Nothing."))
    assert one.cluster == "Vell"


def test_a_passage_without_text_is_named(written):
    rows = [{"question": "Who?", "answers": ["Mara"], "ctxs": [{"title": "Vell"}]},
            {"question": "Who?", "answers": ["Mara"], "ctxs": ["Mara did."]}]  # fmt: skip
    asked = open_questions(SureConfig(data=written("no-text.jsonl", lines(*rows))))
    assert len(asked.questions) == 1 and any("cannot be read" in note for note in asked.notes)


def test_held_out_clusters_leave_some_to_learn_from():
    names = [f"topic {at}" for at in range(12)]
    assert len(held_out_clusters(names, 33)) == 4 and held_out_clusters(names * 2, 33) == held_out_clusters(names, 33)
    assert held_out_clusters(["only"], 50) == set()
    assert len(held_out_clusters(["a", "b"], 100)) == 1 == len(held_out_clusters(["a", "b"], 1))
    assert held_out_clusters(names, 0) == set()


@given(st.floats(1, 100), st.integers(2, 60))
def test_what_is_held_out_of_the_first_clusters_stays_so(share, count):
    names = [f"topic {at}" for at in range(80)]
    first = held_out_clusters(names[:count], share)
    assert first == held_out_clusters(names, share) & set(names[:count])
    assert 1 <= len(first) <= count - 1
    assert abs(len(first) - count * share / 100) <= 1


def test_documents_that_are_cut_are_counted_and_named(written):
    row = {"question": "Who?", "passage": "Ada was here. Bo came later.", "answers": ["Ada"], "title": "Lives"}
    asked = open_questions(SureConfig(data=written("long.jsonl", lines(row)), document_words=10))
    assert (asked.questions[0].documents[0].words, len(asked.notes)) == (0, 1)
    long = {**row, "passage": "Nobody was here. " * 9 + "Ada was."}
    asked = open_questions(SureConfig(data=written("longer.jsonl", lines(long)), document_words=10))
    assert asked.questions[0].documents[0].words == 29
    assert any("1 of 1 documents" in note and "'Lives' (29 words)" in note for note in asked.notes)
