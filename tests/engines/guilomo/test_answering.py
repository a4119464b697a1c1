import pytest

from engines.guilomo.answering import likeliest
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.rows import TaskAnswer
from engines.guilomo.tasks import open_task, prompt_of, response_of
from engines.parts.scoring import open_scorer
from engines.parts.token_use import TokenUse
from tests.engines.guilomo.tiny_run import start, tiny_spec
from workbench.home import place


def test_the_first_of_equal_options_is_taken():
    assert likeliest(("a", "b", "c"), (-2.0, -1.0, -1.0)) == "b"


@pytest.fixture(scope="module")
def done():
    return start(tiny_spec(arms=("plain",), tasks=("own",)), place("runs"), "guilomo-answering")


def test_the_likeliest_option_by_token_is_the_answer(done):
    config = GuilomoConfig.model_validate(done.spec.settings)
    scorer = open_scorer("run:guilomo-answering/own-plain-0.adapter.zip", "float32")
    answers = done.table(TaskAnswer).set_index("item")["answer"]
    for problem in open_task("own", config).test:
        prompt = prompt_of(problem, config)
        scored = scorer.score([(prompt, response_of(option, config)) for option in problem.options])
        values = [one.logprob / one.tokens for one in scored]
        assert answers[problem.item] == problem.options[values.index(max(values))]


def test_scored_tokens_are_in_the_ledger(done):
    use = done.table(TokenUse).iloc[0]
    assert use["calls"] == 4 * 3 and use["completion_tokens"] > 0 and use["prompt_tokens"] > use["completion_tokens"]


def test_written_answers_are_judged_by_their_verifier():
    run = start(tiny_spec(arms=("plain",), tasks=("own",), verifier="text"), place("runs"), "guilomo-written")
    rows = run.table(TaskAnswer)
    assert len(rows) == 4 and rows["right"].isin([True, False]).all()
