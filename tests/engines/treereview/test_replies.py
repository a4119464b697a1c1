import json
from dataclasses import replace

import pytest
from pydantic import BaseModel

from engines.parts.completions.generation import Sampling
from engines.parts.generation.generator import Generator, Use
from engines.treereview.replies import FinishedTree, ReviewDraft, StageTokens, ask_json, ask_text
from tests.engines.treereview.tiny_run import ScriptedBackend, said


def test_the_tokens_of_a_review_are_those_of_its_stages():
    stages = {"a": StageTokens(calls=2, prompt_tokens=10, tokens=3), "b": StageTokens(prompt_tokens=5, tokens=1)}
    grown = FinishedTree(review=ReviewDraft(), comments=[], leaves=[], stages=stages, forms={}, nodes=1)
    assert grown.tokens == 19
    assert FinishedTree.model_validate_json(grown.model_dump_json()) == grown


class Named(BaseModel):
    name: str


def asked(reply, *prompts: str):
    backend = ScriptedBackend(reply)
    return ask_json(Generator(backend), prompts, Named, Sampling(max_tokens=50), Use("s")), backend


def repairing(first: str, second: str):
    return lambda prompt, schema: second if "not the JSON" in said(prompt) else first


@pytest.mark.parametrize(
    ("first", "second", "form", "name"),
    [
        ('{"name": "a"}', "", "valid", "a"),
        ("```json\n" + '{"name": "a"}' + "\n```", "", "lenient", "a"),
        ("no", '{"name": "b"}', "repaired", "b"),
        ("no", 'Here: {"name": "c",}', "lenient", "c"),
        ("no", "no again", "unusable", None),
    ],
)
def test_forms(first, second, form, name):
    (answer,), _ = asked(repairing(first, second), "one two")
    assert answer.form == form
    assert (answer.value or {}).get("name") == name


def test_repairs_are_paid_by_the_prompt_they_belong_to():
    def reply(prompt, schema):
        if "not the JSON" in said(prompt):
            return '{"name": "mended here"}'
        return '{"name": "x"}' if "right" in said(prompt) else "one two three"

    answers, _ = asked(reply, "right first", "wrong second", "right third", "wrong fourth time")
    assert [answer.form for answer in answers] == ["valid", "repaired", "valid", "repaired"]
    assert answers[0].prompt_tokens == 2 and answers[0].tokens == 2
    assert answers[1].tokens == 3 + 3 and answers[1].prompt_tokens > 10
    assert answers[3].prompt_tokens == answers[1].prompt_tokens + 2, "one word more, read twice"


def test_the_sum_is_that_of_the_calls():
    backend = ScriptedBackend(lambda prompt, schema: "never JSON")
    spent = []
    complete = backend.complete

    def counting(requests, sampling, listen=None):
        for at, answer in complete(requests, sampling, listen):
            spent.append(answer.prompt_tokens + answer.tokens)
            yield at, answer

    backend.complete = counting
    answers = ask_json(Generator(backend), ["a", "b"], Named, Sampling(max_tokens=50), Use("s"))
    assert sum(each.prompt_tokens + each.tokens for each in answers) == sum(spent)


class Ending(ScriptedBackend):
    """Says how an answer ended: at the limit where it does not end in a full stop."""

    def complete(self, requests, sampling, listen=None):
        for at, answer in super().complete(requests, sampling, listen):
            yield at, replace(answer, finish="stop" if answer.text.endswith((".", "}")) else "length")


def test_answers_that_end_at_their_limit_are_cut():
    replies = {"a": "It is so.", "b": "It is so", "c": " "}
    generator = Generator(Ending(lambda prompt, schema: replies[said(prompt)]))
    answers = ask_text(generator, ["a", "b", "c"], Sampling(max_tokens=50), Use("s"))
    found = [answer.reply("1") for answer in answers]
    assert [(reply.cut, reply.empty) for reply in found] == [(False, False), (True, False), (True, True)]


def test_a_repaired_answer_is_cut_where_its_repair_is():
    backend = Ending(repairing("no end", '{"name": "b"}'))
    (answer,) = ask_json(Generator(backend), ["one"], Named, Sampling(max_tokens=50), Use("s"))
    assert (answer.form, answer.cut) == ("repaired", False)
    backend = Ending(repairing("no end", "no end again"))
    assert ask_json(Generator(backend), ["one"], Named, Sampling(max_tokens=50), Use("s"))[0].cut


def test_plain_text_becomes_a_reply():
    generator = Generator(ScriptedBackend(lambda prompt, schema: json.dumps(said(prompt))))
    (answer,) = ask_text(generator, ["why so?"], Sampling(max_tokens=50), Use("s"))
    reply = answer.reply("2.1", answer=answer.text)
    assert (reply.node, reply.answer, reply.form, reply.prompt_tokens, reply.tokens) == (
        "2.1",
        '"why so?"',
        "plain",
        2,
        2,
    )
