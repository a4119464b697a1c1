import pytest

from engines.sure import ENGINE
from engines.sure.config import SureConfig
from engines.sure.instances import instances_of
from engines.sure.probe import BUILD, LOOK, RANK, READ, TUNE, Sizes, first_pairs, probable_flips
from engines.sure.questions import open_questions
from tests.engines.sure.tiny_run import tiny_spec
from tests.engines.worked_runs import probe
from workbench.contract import Asked
from workbench.contract.schema import Estimate, EstimatePart

pytestmark = pytest.mark.filterwarnings("ignore:fan_in_fan_out")


def test_a_run_is_estimated_from_what_it_would_do(tmp_path):
    spec = tiny_spec(arms=("reader", "sft", "dpo"), perturbations=("json", "self_generated"))
    run = probe(ENGINE, spec, tmp_path, "sure-before")
    parts = run.table(EstimatePart)
    assert set(parts["phase"]) == {BUILD, READ, RANK, LOOK, TUNE}
    assert parts["phase"].value_counts()[[BUILD, TUNE]].tolist() == [2, 3]
    estimate = run.table(Estimate).iloc[0]
    assert estimate["seconds"] == pytest.approx(parts["seconds"].sum())
    assert estimate["memory_bytes"] > 0 and estimate["disk_bytes"] > 0
    assert estimate["proposal"] == {}


def asked(config: SureConfig, **arms: dict) -> Asked[SureConfig]:
    known = {name: config.model_copy(update=changed) for name, changed in arms.items()}
    return Asked(config, {"reader": config, **known}, (0, 1))


CONFIG = SureConfig(questions=15, noise_questions=5)


@pytest.fixture(scope="module")
def sizes() -> Sizes:
    return Sizes(instances_of(open_questions(CONFIG), CONFIG), CONFIG.noise_questions)


def test_answers_are_counted(sizes):
    assert sizes.answers(asked(CONFIG)) == 20 * 13
    assert sizes.answers(asked(CONFIG, first={"order": "document_first"})) == 2 * 20 * 13
    plain = CONFIG.model_copy(update={"perturbations": ("timestamp_pre",)})
    assert sizes.answers(asked(plain)) == 20 * 3, "the page without a tag is read too"
    written = CONFIG.model_copy(update={"perturbations": ("simple", "json")})
    assert sizes.answers(asked(written)) == 20 * 2, "no writer, no simple style"


@pytest.mark.parametrize("change", [{"questions": 9}, {"questions": 3}, {"noise_questions": 2}, {"noise_questions": 0}])
def test_fewer_questions_are_counted_as_they_would_be_made(sizes, change):
    fewer = CONFIG.model_copy(update=change)
    made = instances_of(open_questions(fewer), fewer)
    assert [one.instance for one in sizes.documents(asked(fewer))] == [one.instance for one in made]


def test_answers_of_tuned_readers_are_held_out_ones_under_every_seed(sizes):
    held_out = sum(one.golden and one.part == "held_out" for one in sizes.instances)
    trained = {"sft": {"mend": "sft"}, "dpo": {"mend": "dpo"}}
    assert sizes.judged(asked(CONFIG, **trained)) == held_out * 13 * 2 * 2 > 0
    capped = CONFIG.model_copy(update={"held_out_questions": 2})
    assert sizes.judged(asked(capped, **trained)) == 2 * 13 * 2 * 2
    assert sizes.judged(asked(CONFIG)) == 0


def test_what_runs_elsewhere_is_not_looked_into(sizes):
    assert (
        sizes.ranked(asked(CONFIG)) == 2 * CONFIG.oracle_questions
        and sizes.looked_at(asked(CONFIG)) == 6 * CONFIG.attention_pairs
    )
    served = CONFIG.model_copy(update={"reader": "openai:x@http://here"})
    assert sizes.ranked(asked(served)) == 0 == sizes.looked_at(asked(served))


def test_estimates_use_pairs_of_every_form_or_plain_ones(sizes):
    assert len(probable_flips(first_pairs(sizes.instances, CONFIG))) == 2 * 12
    written = CONFIG.model_copy(update={"perturbations": ("self_generated",)})
    pairs = probable_flips(first_pairs(sizes.instances, written))
    assert len(pairs) == 2 and all(pair.before == pair.after and pair.right in pair.before for pair in pairs)
    assert probable_flips(first_pairs([], CONFIG)) == []
