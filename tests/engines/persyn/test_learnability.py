import numpy as np
import pytest
import torch

from engines.parts.completions.prompts import answer_ids, prompt_ids
from engines.parts.models.models import load_causal
from engines.persyn.config import PersynConfig
from engines.persyn.learnability import learnability_of
from engines.persyn.teachers import teaching_prompt
from tests.engines.persyn.tiny_run import tiny_model
from tests.engines.persyn.tiny_student import make_tiny_student
from workbench.storage.home import place

PROMPTS = ["how many stamps?", "how many stamps?", "who sold the bread?", "x"]
RESPONSES = ["3 + 4 = 7. the answer is 7.", "7", "the baker did", "so"]


def plain(config: PersynConfig, prompt: str, response: str) -> float:
    """The usual way: one sequence, whole logits, mean over the response's tokens."""
    loaded = load_causal(config.student, "float32")
    before = prompt_ids(teaching_prompt(prompt, config.exam_profile), loaded.tokenizer)
    after = answer_ids(response, loaded.tokenizer)
    with torch.inference_mode():
        logits = loaded.model(torch.tensor([before + after])).logits[0].double()
    chances = logits.log_softmax(-1)
    return float(np.mean([chances[len(before) - 1 + at, token] for at, token in enumerate(after)]))


@pytest.mark.parametrize("profile", ["direct", "worked"])
def test_learnability_equals_the_plain_computation(profile):
    config = PersynConfig(student=tiny_model(), exam_profile=profile, dtype="float32")
    found = learnability_of(PROMPTS, RESPONSES, np.ones(4, bool), config, None)
    expected = [plain(config, prompt, response) for prompt, response in zip(PROMPTS, RESPONSES, strict=True)]
    np.testing.assert_allclose(found.mean, expected, atol=1e-5)
    assert found.tokens.tolist() == [len(text) for text in RESPONSES] and not any(found.reason)
    assert (found.mean < 0).all()


def test_what_is_not_usable_is_not_scored():
    config = PersynConfig(student=tiny_model(), dtype="float32")
    found = learnability_of(PROMPTS, [*RESPONSES[:3], ""], np.array([True, False, True, True]), config, None)
    assert np.isnan(found.mean).tolist() == [False, True, False, True] and found.reason[3] == "empty"


def test_a_student_whose_context_is_too_short():
    folder = place("uploads") / "short-student"
    if not folder.exists():
        make_tiny_student(folder, 40)
    config = PersynConfig(student=str(folder), dtype="float32")
    found = learnability_of(["a", "a"], ["b", "b" * 60], np.ones(2, bool), config, None)
    assert "too long" in found.reason[1] and np.isnan(found.mean[1]) and not found.reason[0]
