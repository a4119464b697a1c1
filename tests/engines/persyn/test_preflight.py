import pytest

from engines.persyn.config import PersynConfig
from engines.persyn.panel import open_panel
from engines.persyn.preflight import preflight, probable_examples, proposed, size_of
from tests.engines.persyn.tiny_run import file_spec, start, tiny_spec
from workbench.contract.errors import ConfigError, DataError
from workbench.contract.fields import with_purpose
from workbench.contract.schema import Estimate, EstimatePart
from workbench.storage.home import place

ALL = ("persyn", "strong", "oracle", "untuned")


def sized(spec, arms):
    config = PersynConfig.model_validate(spec.settings)
    own = {name: config.model_copy(update={"policy": name}) for name in arms}
    return size_of(open_panel(config), own, config, 2)


def test_sizes_by_hand():
    spec = tiny_spec(train_student=True)
    without = sized(spec, ("persyn", "strong"))
    assert (without.parallel, without.routed, without.students, without.exams) == (20, 20, 4, 50)
    with_oracle = sized(spec, ALL)
    assert (with_oracle.parallel, with_oracle.routed, with_oracle.students) == (30, 0, 6)
    assert with_oracle.exams == 10 * 7 and sized(tiny_spec(), ALL).students == 0


@pytest.mark.parametrize("taught", [False, True])
def test_an_estimate_and_its_parts(taught):
    spec = with_purpose(tiny_spec(arms=ALL, train_student=taught), "preflight")
    found = start(spec, place("runs"), f"persyn-preflight-{int(taught)}", work=preflight)
    parts, estimate = found.table(EstimatePart), found.table(Estimate).iloc[0]
    phases = set(parts["phase"])
    assert {"Ask the teachers", "Score quality and learnability"} <= phases
    assert "Examine the students" in phases and ("Teach the students" in phases) == taught
    assert estimate["seconds"] == pytest.approx(parts["seconds"].sum()) and estimate["memory_bytes"] > 1e7
    assert (estimate["disk_bytes"] > 0) == taught


def test_a_file_asks_nobody():
    spec = with_purpose(file_spec(arms=("persyn",)), "preflight")
    found = start(spec, place("runs"), "persyn-preflight-file", work=preflight)
    assert "Ask the teachers" not in set(found.table(EstimatePart)["phase"])


def test_a_preflight_refuses_what_the_run_would():
    refused = [({"teachers": ["m#direct"]}, ConfigError), ({"data": "upload:no"}, DataError)]
    for at, (settings, error) in enumerate(refused):
        spec = with_purpose(tiny_spec(**settings), "preflight")
        with pytest.raises(error):
            start(spec, place("runs"), f"persyn-refused-{at}", work=preflight)


def test_arms_share_what_the_teachers_are_asked():
    own = {"arms": ("persyn", "larger"), "own_arms": {"larger": {"token_budget": 5000}}}
    larger = tiny_spec(arms=("persyn",)).model_copy(update=own)
    with pytest.raises(ConfigError) as caught:
        start(with_purpose(larger, "preflight"), place("runs"), "persyn-larger", work=preflight)
    assert list(caught.value.problems) == ["larger.token_budget"]


def test_what_does_not_fit_gets_a_proposal():
    config = PersynConfig()
    assert proposed(config, 100, 1000) == ({}, "")
    fewer, reason = proposed(config, 7200, 1000)
    assert fewer["prompts"] == 40 and fewer["calibration"] == 20 and "120 minutes" in reason
    smaller, reason = proposed(config, 100, 10**15)
    assert smaller["batch"] == 1 and "GB" in reason


def test_probable_examples_fill_the_budget():
    config = PersynConfig.model_validate(tiny_spec().settings)
    found = probable_examples(open_panel(config), config)
    assert 10 <= len(found) <= 40
