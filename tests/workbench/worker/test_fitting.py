import pytest

from workbench.contract.errors import ConfigError
from workbench.worker.fitting import Available, Cost, fitting_settings, smaller_values

GB = 10**9
FREE = Available(10 * GB, 100 * GB)


def costs(seconds, memory=lambda asked: GB, **settings):
    def cost_of(smaller):
        asked = settings | smaller
        return Cost(seconds(asked), int(memory(asked)), GB)

    return settings, cost_of


def test_what_fits_is_left_as_it_is():
    settings, cost_of = costs(lambda asked: asked["items"], items=3600)
    assert fitting_settings(settings, ({"items": 1},), cost_of, FREE) == ({}, "")


def test_the_largest_share_that_fits_is_proposed():
    settings, cost_of = costs(lambda asked: 72 * asked["items"], items=100)
    found, reason = fitting_settings(settings, ({"items": 10},), cost_of, FREE)
    assert found == {"items": 50}
    assert "2 h" in reason and "So it would take about 1 h" in reason


def test_a_step_that_saves_nothing_is_left_out_and_one_that_is_not_enough_is_kept():
    settings, cost_of = costs(lambda asked: 100 * asked["items"] * asked["steps"], items=30, steps=40, batch=8)
    steps = ({"batch": 1}, {"items": 3}, {"steps": 2})
    found, _ = fitting_settings(settings, steps, cost_of, FREE)
    assert found["items"] == 3 and found["steps"] == 12 and "batch" not in found


def test_settings_of_one_step_shrink_together():
    settings, cost_of = costs(lambda asked: asked["train"] + asked["test"], train=6400, test=800)
    found, _ = fitting_settings(settings, ({"train": 16, "test": 100},), cost_of, FREE)
    assert found == {"train": 3200, "test": 400}


def test_too_much_memory_is_seen_and_other_values_are_tried():
    widths = {"full": 30 * GB, "half": 9 * GB, "small": GB}
    settings, cost_of = costs(lambda asked: 1.0, lambda asked: widths[asked["width"]], width="full")
    found, reason = fitting_settings(settings, ({"width": ("half", "small")},), cost_of, FREE)
    assert found == {"width": "small"}
    assert "30 GB, 10 GB are free" in reason


def test_what_nothing_makes_fit_says_so():
    settings, cost_of = costs(lambda asked: 9000.0, items=5)
    assert fitting_settings(settings, ({"items": 1},), cost_of, FREE)[0] == {}
    assert "No setting" in fitting_settings(settings, (), cost_of, FREE)[1]
    settings, cost_of = costs(lambda asked: 5000.0 + asked["items"], items=500)
    found, reason = fitting_settings(settings, ({"items": 1},), cost_of, FREE)
    assert found == {"items": 1} and "Even so" in reason


def test_refused_settings_are_not_proposed():
    def cost_of(smaller):
        if smaller.get("items", 100) < 30:
            raise ConfigError({"items": "at least 30"})
        return Cost(120.0 * smaller.get("items", 100), GB, GB)

    assert fitting_settings({"items": 100}, ({"items": 30},), cost_of, FREE)[0] == {"items": 30}


def test_a_full_disk_is_told():
    settings, cost_of = costs(lambda asked: 1.0, items=5)
    assert "of disk" in fitting_settings(settings, (), cost_of, Available(10 * GB, 1000))[1]


@pytest.mark.parametrize(
    ("share", "expected"),
    [(1.0, {}), (0.5, {"items": 10, "rate": 0.5, "width": "half"}), (0.0, {"items": 8, "rate": 0.0, "width": "small"})],
)
def test_values_at_a_share(share, expected):
    step = {"items": 8, "rate": 0.0, "width": ("half", "small"), "few": 5}
    assert smaller_values({"items": 20, "rate": 1.0, "width": "full", "few": 2}, step, share) == expected
