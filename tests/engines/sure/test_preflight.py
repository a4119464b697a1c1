import pytest

from engines.sure import ENGINE
from engines.sure.config import SureConfig
from engines.sure.instances import instances_of
from engines.sure.preflight import proposed, size_of
from engines.sure.questions import open_questions
from tests.engines.sure.tiny_run import start, tiny_spec
from workbench.contract.fields import with_purpose
from workbench.contract.schema import Estimate, EstimatePart
from workbench.storage.home import place

pytestmark = pytest.mark.filterwarnings("ignore:fan_in_fan_out")


def test_a_run_is_estimated_from_what_it_would_do():
    spec = tiny_spec(arms=("reader", "sft", "dpo"), perturbations=("json", "self_generated"))
    run = start(with_purpose(spec, "preflight"), place("runs"), "sure-before", work=ENGINE.load_preflight())
    parts = run.table(EstimatePart).set_index("phase")
    assert {"Open the reader", "Read every form", "Write forms", "Train sft", "Train dpo",
            "Judge the mended readers"} <= set(parts.index)  # fmt: skip
    estimate = run.table(Estimate).iloc[0]
    assert estimate["seconds"] == pytest.approx(parts["seconds"].sum())
    assert estimate["memory_bytes"] > 0 and estimate["disk_bytes"] > 0


def test_answers_are_counted():
    config = SureConfig(questions=15, noise_questions=5)
    asked = open_questions(config)
    sized = size_of(asked, instances_of(asked, config), config)
    assert sized.answers == 20 * 11
    plain = config.model_copy(update={"perturbations": ("timestamp_pre",)})
    assert size_of(asked, instances_of(asked, config), plain).answers == 20 * 3, "the page without a tag is read too"


def test_what_takes_too_long_is_proposed_smaller():
    proposal, reason = proposed(SureConfig(questions=300, held_out_questions=60), 7200, 10**8)
    assert proposal["questions"] == 150 and proposal["held_out_questions"] == 30
    assert "120 minutes" in reason
    assert proposed(SureConfig(), 50, 10**8) == ({}, "")
    assert proposed(SureConfig(), 50, 10**15)[0]["batch"] == 1
