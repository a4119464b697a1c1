import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.sure.blocks import QUESTIONS, blocks_of, digest, joined
from engines.sure.config import SureConfig
from engines.sure.instances import instance_frame, instances_of, rule_based_forms
from engines.sure.judging import Probe
from engines.sure.questions import open_questions


@given(st.integers(0, 60), st.integers(0, 60))
def test_blocks_of_more_begin_with_the_full_blocks_of_fewer(few, more):
    first, all_of = (blocks_of(list(range(count))) for count in (few, few + more))
    assert [thing for block in all_of for thing in block] == list(range(few + more))
    assert all_of[: few // QUESTIONS] == first[: few // QUESTIONS]
    assert all(len(block) == QUESTIONS for block in all_of[:-1])


def test_a_digest_tells_what_was_said():
    frame = pd.DataFrame({"a": ["x", "y"], "b": [1, 2]})
    assert digest(frame, "z") == digest(frame.copy(), "z") != digest(frame.iloc[::-1], "z")
    assert digest("ab", "c") != digest("a", "bc")
    assert digest(frame.iloc[:1]) != digest(frame) and len(digest()) == 16
    assert digest("\udcff") != digest("?"), "what is no text is told apart too"


def test_frames_are_joined_in_the_order_of_the_taxonomy():
    names = ["sung", "html", "plain", "reverse"]
    blocks = [pd.DataFrame({"perturbation": names, "at": [at] * 4}) for at in (0, 1)]
    found = joined([blocks[0], blocks[0].iloc[:0], blocks[1]], ("perturbation", "at"))
    assert found["perturbation"].tolist() == [name for name in ("plain", "reverse", "html", "sung") for _ in (0, 1)]
    assert found["at"].tolist() == [0, 1] * 4
    assert list(joined([], ("a", "b"))) == ["a", "b"]
    assert joined([pd.DataFrame({"a": [2]}), pd.DataFrame({"a": [1]})], ("a",))["a"].tolist() == [2, 1]


def probe(questions: int) -> Probe:
    config = SureConfig(questions=questions, noise_questions=12, perturbations=("json", "reverse"))
    instances = instances_of(open_questions(config), config)
    return Probe(config, instance_frame(instances), rule_based_forms(instances, config))


@pytest.mark.parametrize("more", [17, 24, 60])
def test_more_questions_leave_the_full_blocks_of_a_probe(more):
    few, many = probe(16).blocks(), probe(more).blocks()
    assert [block.key for block in many[:2]] == [block.key for block in few]
    assert len(few[0].instances) == 2 * QUESTIONS and len(few[0].forms) == 4 * QUESTIONS, (
        "Noise stays with its question"
    )
    assert sum(len(block.forms) for block in many) == len(probe(more).forms)
