import pytest

from engines.persyn import ENGINE
from engines.persyn.config import PersynConfig
from engines.persyn.probe import Sizes, probable_examples
from engines.persyn.teacher_pool import open_pool
from tests.engines import worked_runs
from tests.engines.persyn.tiny_run import file_spec, tiny_spec
from workbench.contract.errors import ConfigError, DataError
from workbench.contract.probe import Asked
from workbench.contract.schema import Estimate, EstimatePart
from workbench.storage.home import place

ALL = ("persyn", "strong", "oracle", "untuned")


def sized(spec, arms, **smaller) -> dict[str, int]:
    """Sizes of the run of two seeds, or of a smaller one that was opened as the larger."""
    config = PersynConfig.model_validate(spec.settings)
    sizes = Sizes(open_pool(config))
    own = config.model_copy(update=smaller)
    asked = Asked(own, {name: own.model_copy(update={"policy": name}) for name in arms}, (0, 1))
    return {name: getattr(sizes, name)(asked) for name in ("parallel", "routed", "students", "exams")}


def test_sizes_by_hand():
    spec = tiny_spec(train_student=True)
    assert sized(spec, ("persyn", "strong")) == {"parallel": 40, "routed": 20, "students": 4, "exams": 50}
    assert sized(spec, ALL) == {"parallel": 60, "routed": 0, "students": 6, "exams": 70}
    assert sized(tiny_spec(), ALL)["students"] == 0


def test_sizes_of_a_smaller_run_are_those_of_its_own_pool():
    smaller = {"prompts": 12, "calibration": 6, "held_out": 4}
    assert sized(tiny_spec(), ("persyn", "strong"), **smaller) == sized(tiny_spec(**smaller), ("persyn", "strong"))


@pytest.mark.parametrize("taught", [False, True])
def test_an_estimate_and_its_parts(taught):
    spec = tiny_spec(arms=ALL, train_student=taught)
    found = worked_runs.probe(ENGINE, spec, place("runs"), f"persyn-probe-{int(taught)}")
    parts, estimate = found.table(EstimatePart), found.table(Estimate).iloc[0]
    assert {"Ask every teacher", "Score quality and learnability", "Teach and examine the students"} <= set(
        parts["phase"]
    )
    assert estimate["seconds"] == pytest.approx(parts["seconds"].sum()) and estimate["memory_bytes"] > 1e7
    assert (estimate["disk_bytes"] > 0) == taught


def test_a_file_asks_nobody():
    found = worked_runs.probe(ENGINE, file_spec(arms=("persyn",)), place("runs"), "persyn-probe-file")
    asking = found.table(EstimatePart).query("phase == 'Ask every teacher'")["seconds"]
    assert asking.sum() == 0


@pytest.mark.parametrize(
    ("settings", "error"), [({"teachers": ["m#direct"]}, ConfigError), ({"data": "upload:no"}, DataError)]
)
def test_a_probe_refuses_what_the_run_would(settings, error):
    with pytest.raises(error):
        worked_runs.probe(ENGINE, tiny_spec(**settings), place("runs"), f"persyn-unprobed-{len(str(settings))}")


def test_probable_examples_fill_the_budget():
    config = PersynConfig.model_validate(tiny_spec().settings)
    assert 10 <= len(probable_examples(open_pool(config), config)) <= 40
