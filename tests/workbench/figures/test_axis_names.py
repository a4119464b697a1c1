import pytest

from workbench.figures import plotting
from workbench.figures.axis_names import broken, name_categories, whole_step


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("JSON", "JSON"),
        ("smollm2-135m-instruct careful", "smollm2-135m-<br>instruct careful"),
        ("time stamp before the cut-off", "time stamp<br>before the cut-<br>off"),
        ("model.layers.22.self_attn", "model.layers.22.self_attn"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("", " "),
    ],
)
def test_names_break_at_blanks_and_hyphens_alone(name: str, lines: str):
    assert broken(name) == lines


def test_categories_keep_their_keys_under_broken_names():
    made = name_categories(plotting.blank(), "y", ["a", "b"], {"a": "a name that is long enough"})
    assert made.layout.yaxis.tickvals == ("a", "b")
    assert made.layout.yaxis.ticktext == ("a name that is<br>long enough", "b")


@pytest.mark.parametrize(("span", "step"), [(0, 1), (12, 1), (13, 2), (30, 5), (40, 5), (454_656, 50_000)])
def test_steps_between_whole_ticks_are_round(span: int, step: int):
    assert whole_step(span) == step
