import pytest

from engines.guilomo.answering import likeliest
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.rows import TaskAnswer
from engines.guilomo.tasks import open_task, prompt_of, response_of
from engines.parts.rows.token_use import TokenUse
from engines.parts.scoring.scoring import open_scorer
from tests.engines.guilomo.tiny_run import start, tiny_spec
from workbench.contract.schema import Outcome
from workbench.storage.home import place


def test_the_first_of_equal_options_is_taken():
    assert likeliest(("a", "b", "c"), (-2.0, -1.0, -1.0)) == "b"


@pytest.fixture(scope="module")
def done():
    return start(tiny_spec(arms=("plain",), tasks=("own",)), place("runs"), "guilomo-answering")


def test_the_likeliest_option_by_token_is_the_answer(done):
    config = GuilomoConfig.model_validate(done.spec.settings)
    scorer = open_scorer("run:guilomo-answering/own-plain-0.adapter.zip", "float32")
    answers = done.table(TaskAnswer).query("arm == 'plain'").set_index("item")["answer"]
    for problem in open_task("own", config).test:
        prompt = prompt_of(problem, config)
        scored = scorer.score([(prompt, response_of(option, config)) for option in problem.options])
        values = [one.logprob / one.tokens for one in scored]
        assert answers[problem.item] == problem.options[values.index(max(values))]


def test_scored_tokens_are_in_the_ledger(done):
    by_arm = done.table(TokenUse).set_index("arm")
    assert by_arm.loc["untrained", "prompt_tokens"] == by_arm.loc["plain", "prompt_tokens"]
    use = by_arm.loc["plain"]
    assert use["calls"] == 4 * 3 and use["completion_tokens"] > 0 and use["prompt_tokens"] > use["completion_tokens"]


def test_written_answers_are_judged_by_their_verifier():
    run = start(tiny_spec(arms=("plain",), tasks=("own",), verifier="text"), place("runs"), "guilomo-written")
    rows = run.table(TaskAnswer).query("arm == 'plain'")
    assert len(rows) == 4 and rows["right"].isin([True, False]).all()
    assert rows["cut"].all(), "a tiny random model never ends a line"


def test_answers_become_outcomes_by_item_and_task(done):
    answers, outcomes = (
        done.table(TaskAnswer).query("arm == 'plain'"),
        done.chosen(Outcome).query("metric == 'correct'"),
    )
    assert outcomes["value"].tolist() == answers["right"].tolist() and set(outcomes["slice"]) == {"own"}
    assert outcomes["item"].tolist() == [f"own/{item}" for item in answers["item"]]
