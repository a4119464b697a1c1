import json

import numpy as np
import pytest

from engines.parts.files.quotations import echoes
from engines.parts.generation.generator import Generator, Use
from engines.treereview.dialogue import PaperDialogue, is_question
from engines.treereview.excerpts import pack
from engines.treereview.prompts import PromptSet, Sizes, prompt_set
from engines.treereview.question_tree import ROOT, Limits, QuestionTree
from engines.treereview.replies import NO_ANSWER, Form, JsonAnswer, comments_of, questions_of, review_of
from tests.engines.treereview.papers import count_words, small_paper
from tests.engines.treereview.tiny_run import ScriptedBackend, said, scripted

SIZES = Sizes(question=60, answer=60, review=200, comments=3)


class InOrder:
    """The first chunk is the most relevant to everything."""

    def __init__(self, chunks: int) -> None:
        self.chunks, self.cut, self.model = chunks, 0, "first"

    def read(self, questions, first):
        return [10 + 100 * (first and not at) for at in range(len(questions))]

    def scores(self, questions):
        return np.tile(-np.arange(self.chunks, dtype=float), (len(questions), 1))


def made(
    reply=scripted, context: int = 3000, chunk: int = 60, **settings
) -> tuple[PaperDialogue, QuestionTree, list[str]]:
    """A dialogue over the small paper, a tree of two questions, and the prompts that are sent."""
    sent: list[str] = []

    def listening(prompt, schema):
        sent.append(said(prompt))
        return reply(prompt, schema)

    paper = small_paper()
    chunks = pack(paper, count_words, chunk)
    dialogue = PaperDialogue(
        Generator(ScriptedBackend(listening, context)), prompt_set(), paper, chunks, InOrder(len(chunks)), SIZES,
        Use("", "arm", 3), **settings,
    )  # fmt: skip
    tree = QuestionTree(paper.title, Limits(2, (2, 2)))
    tree.expand(ROOT, ["Is the shift sound?", "Is it new?"])
    return dialogue, tree, sent


def test_sub_questions_see_title_abstract_and_contents_but_not_the_body():
    dialogue, tree, sent = made()
    step = dialogue.ask(tree.next_batch(9), tree)
    assert [reply.node for reply in step.replies] == ["1", "2"]
    assert all(len(reply.questions) == 2 and reply.form == "valid" for reply in step.replies)
    assert "Is the shift sound?" in sent[0] and "2.2 Noise floor" in sent[0] and "seventeen languages" in sent[0]
    assert "83 sentences" not in sent[0]


def test_the_root_asks_for_the_review_itself():
    dialogue, _, sent = made()
    tree = QuestionTree("t", Limits(1, (2,)))
    dialogue.ask(tree.next_batch(9), tree)
    assert 'Is "Shifting states" a good paper' in sent[0]


def test_leaves_read_the_best_chunks_alone():
    dialogue, tree, sent = made(top_k=1)
    for node in ("1", "2"):
        tree.expand(node, [])
    step = dialogue.ask(tree.next_batch(9), tree)
    assert [reply.ranker_tokens for reply in step.replies] == [110, 10], "chunks are read once"
    assert step.replies[0].read == [0] and len(step.replies[0].scores) == len(dialogue.chunks)
    assert not any(reply.shortened or reply.cut or reply.empty for reply in step.replies)
    assert (
        "Models keep" in sent[0]
        and "noise" not in sent[0].split("</passages>")[0].split("<passages>")[-1].lower()[-200:]
    )


def test_as_many_passages_as_fit_are_read():
    dialogue, tree, _ = made(context=360, top_k=5)
    for node in ("1", "2"):
        tree.expand(node, [])
    step = dialogue.ask(tree.next_batch(9), tree)
    assert 1 <= len(step.replies[0].read) < 5
    assert "Fewer passages" in dialogue.notes[0]
    assert all(reply.shortened for reply in step.replies)


def test_chunks_that_the_ranking_model_cannot_read_whole_are_told():
    dialogue, tree, _ = made(top_k=1)
    dialogue.ranking.cut = 2
    for node in ("1", "2"):
        tree.expand(node, [])
    dialogue.ask(tree.next_batch(9), tree)
    assert dialogue.notes == ["Of the longest chunks the ranking model read the beginning only."]


def answered(tree: QuestionTree, words: int = 3) -> None:
    for node in ("1", "2"):
        tree.expand(node, ["What of a?", "What of b?"])
        for child in tree.nodes[node].children:
            tree.answer(child, f"answer {child} " + "word " * words)


@pytest.mark.parametrize(
    ("value", "sufficient", "asked", "answer"),
    [
        ({"sufficient": True, "answer": "yes", "follow_up_questions": ["more?"]}, True, [], "yes"),
        ({"sufficient": False, "answer": "", "follow_up_questions": ["more?"]}, False, ["more?"], NO_ANSWER),
        ({"sufficient": False, "answer": "It is.", "follow_up_questions": []}, True, [], "It is."),
        ({"sufficient": True, "answer": " ", "follow_up_questions": []}, False, [], NO_ANSWER),
    ],
)
def test_an_inner_question_answers_or_asks_for_more(value, sufficient, asked, answer):
    dialogue, tree, sent = made(lambda prompt, schema: json.dumps({"reasoning": "r", **value}))
    answered(tree)
    reply = dialogue.ask(tree.next_batch(1), tree).replies[0]
    assert (reply.sufficient, reply.questions, reply.answer) == (sufficient, asked, answer)
    assert "answer 1.1 word" in sent[0] and "answer 2.1" not in sent[0]


def test_without_a_budget_it_must_answer():
    dialogue, tree, sent = made(lambda prompt, schema: json.dumps({"reasoning": "", "answer": ""}))
    answered(tree)
    tree.nodes["1"].settled = True
    tree.nodes["2"].settled = True
    reply = dialogue.ask(tree.next_batch(9), tree).replies[0]
    assert reply.sufficient and reply.answer == NO_ANSWER and "follow_up_questions" not in sent[0]


def test_long_answers_are_cut_to_fit_and_said_so():
    dialogue, tree, sent = made(context=420)
    answered(tree, words=400)
    step = dialogue.ask(tree.next_batch(9), tree)
    assert all(reply.shortened for reply in step.replies)
    assert len(sent[0].split()) < 420
    assert "answer 1.2" in sent[0], "each keeps its share"
    assert "shortened" in dialogue.notes[0]


def test_the_root_reads_the_paper_and_the_answers_of_depth_1():
    dialogue, tree, sent = made()
    answered(tree)
    for node in ("1", "2"):
        tree.answer(node, f"on {node}")
    step = dialogue.ask(tree.next_batch(9), tree)
    assert step.work == "review" and step.review.rating == 6
    assert (step.replies[0].shortened, step.replies[0].unread) == (False, 0)
    assert "All settings are listed here" in sent[0] and "on 2" in sent[0] and "answer 1.1" not in sent[0]
    assert dialogue.root.whole and not dialogue.notes
    tree.finish("review")
    comments = dialogue.ask(tree.next_batch(9), tree).comments
    assert comments[0].evidence == "The vectors are means over 83 sentences."


def test_a_paper_beyond_the_context_is_read_as_a_digest():
    dialogue, _, sent = made(context=540)
    tree = QuestionTree("t", Limits(0, ()))
    (reply,) = dialogue.ask(tree.next_batch(9), tree).replies
    assert reply.shortened and reply.unread == dialogue.root.tokens - len(dialogue.root.text.split()) > 0
    assert not dialogue.root.whole and "digest" in dialogue.notes[0]
    assert len(sent[0].split()) < 400


def answer_of(text: str, value=None, form: Form = "unusable") -> JsonAnswer:
    return JsonAnswer(value, text, form, 1, 1)


def test_what_keeps_no_form_is_still_used():
    assert questions_of(answer_of("Well:\n- Is it new?\n2. Is it sound?\nThat is all.")) == [
        "Is it new?",
        "Is it sound?",
    ]
    assert questions_of(answer_of('["Is it new?", nothing')) == []
    assert review_of(answer_of(" It is good. ")).summary == "It is good."
    assert review_of(answer_of("")).summary == NO_ANSWER
    listed = comments_of(
        answer_of("Comments:\n1. The sample is too small here.\n2. ok\n- There is no baseline at all."), 9
    )
    assert [comment.comment for comment in listed] == ["The sample is too small here.", "There is no baseline at all."]
    assert [c.comment for c in comments_of(answer_of("The sample is too small.\n\nThere is no baseline here."), 1)] == [
        "The sample is too small."
    ]


def test_empty_comments_are_left_out():
    value = {"comments": [{"comment": " ", "evidence": "x"}, {"comment": "Say more.", "evidence": ""}]}
    assert [comment.comment for comment in comments_of(answer_of("", value, "valid"), 5)] == ["Say more."]


def test_the_ledger_is_told_what_for():
    dialogue, _, _ = made()
    assert dialogue.used_for("Review") == Use("Review", "arm", 3)
    assert dialogue.sampling(7).max_tokens == 7


CUT = '{"reasoning": "It says so.", "answer": "The floor is the distance of two halves. It is also said that the'


def test_fields_of_json_that_was_cut_are_read_and_json_is_no_answer():
    dialogue, tree, _ = made(lambda prompt, schema: CUT)
    answered(tree)
    reply = dialogue.ask(tree.next_batch(1), tree).replies[0]
    assert (reply.form, reply.answer) == ("cut", "The floor is the distance of two halves.")
    assert reply.reasoning == "It says so."
    for text in ('{"reasoning: no', '```json\n{"answer', '"answer": "x'):
        dialogue, tree, _ = made(lambda prompt, schema, text=text: text)
        answered(tree)
        tree.nodes["1"].settled = tree.nodes["2"].settled = True
        reply = dialogue.ask(tree.next_batch(1), tree).replies[0]
        assert reply.answer == NO_ANSWER
    dialogue, tree, _ = made(lambda prompt, schema: CUT)
    for node in ("1", "2"):
        tree.expand(node, [])
    assert dialogue.ask(tree.next_batch(1), tree).replies[0].answer == NO_ANSWER, "of a leaf, which is asked for words"


def cut_to(fields) -> JsonAnswer:
    return JsonAnswer(None, "{", "cut", 1, 1, True, fields)


def test_reviews_and_comments_that_were_cut_are_read_as_far_as_they_go():
    cut = JsonAnswer(
        None, "{", "cut", 1, 1, True, {"summary": "Good.", "strengths": ["a", 3], "rating": "7", "soundness": 2}
    )
    review = review_of(cut)
    assert (review.summary, review.strengths, review.rating, review.soundness) == ("Good.", ["a"], None, 2)
    listed = JsonAnswer(None, "{", "cut", 1, 1, True, {"comments": [{"comment": "Say more."}, {"comm": "x"}, "y"]})
    assert [each.comment for each in comments_of(listed, 5)] == ["Say more."]
    assert questions_of(JsonAnswer(None, "{", "cut", 1, 1, True, {"questions": ["Is it?", "What of"]})) == [
        "Is it?",
        "What of",
    ]


def test_what_is_no_question_or_copies_the_prompt_is_not_asked():
    asked = [
        "Is the floor measured?",
        "The floor.",
        "What must be known about this paper to answer the question?",
        "???",
    ]
    dialogue, _, _ = made(lambda prompt, schema: json.dumps({"questions": asked}))
    dialogue.prompts = PromptSet({**dialogue.prompts.templates, "sub-questions": f"{asked[2]} {{{{most}}}}"})
    tree = QuestionTree("t", Limits(1, (4,)))
    reply = dialogue.ask(tree.next_batch(9), tree).replies[0]
    assert (reply.questions, reply.dropped) == (["Is the floor measured?"], 3)
    assert is_question("是吗？") and not is_question("No.")


def test_an_answer_that_repeats_the_prompt_is_none():
    dialogue, tree, _ = made(lambda prompt, schema: "Is the shift of the states sound at all")
    tree.nodes["1"].question = "Is the shift of the states sound at all?"
    for node in ("1", "2"):
        tree.expand(node, [])
    first, second = dialogue.ask(tree.next_batch(9), tree).replies
    assert (first.answer, first.echoed) == (NO_ANSWER, True) and not second.echoed
    assert echoes("a b c d e", "x a b c d e f") and not echoes("a b c d", "a b c d") and not echoes("", "")
