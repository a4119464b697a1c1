import pytest

from engines.sure.rows import Answer, MendedReader
from tests.engines.sure.tiny_run import start, tiny_spec
from workbench.contract.schema import Caution
from workbench.storage.home import place

pytestmark = pytest.mark.filterwarnings("ignore:fan_in_fan_out")


def test_own_arms_learn_from_the_flips_of_their_own_base():
    spec = tiny_spec(arms=("reader", "sft"), oracle_questions=0, attention_pairs=0)
    own = {"brief": {"mend": "sft", "mending_pairs": 1}}
    more = spec.model_copy(update={"own_arms": own, "arms": (*spec.arms, "brief")})
    run = start(more, place("runs"), "sure-own-mended")
    pairs = run.table(MendedReader).set_index("arm")["pairs"].to_dict()
    assert pairs == {"reader": 0, "sft": 3, "brief": 1}
    assert run.table(Answer).groupby("arm")["instance"].nunique().to_dict() == {"reader": 15, "sft": 4, "brief": 4}


def test_an_arm_that_cannot_be_trained_is_doubted():
    spec = tiny_spec(arms=("sft",), held_out=0.0, oracle_questions=0, attention_pairs=0)
    run = start(spec, place("runs"), "sure-nothing-held-out")
    cautions = run.table(Caution)
    told = cautions[cautions["claim"] == "sft_repairs"]["text"].tolist()
    assert told == ["sft was not trained: nothing is held out."]
    assert run.table(Answer).empty
