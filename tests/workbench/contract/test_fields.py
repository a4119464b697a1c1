"""Raw values become Configs, or errors that name the field, what was given, what is allowed and what to do."""

from typing import Annotated, Literal

import pytest
from annotated_types import Ge, Gt, Le
from hypothesis import given
from hypothesis import strategies as st
from pydantic import model_validator

from workbench.contract.engine import Arm, Engine, Preset, Tab
from workbench.contract.errors import ConfigError
from workbench.contract.fields import arm_configs, read_config, read_spec
from workbench.contract.paper import Paper
from workbench.contract.runs import RunSpec
from workbench.contract.schema import Config
from workbench.contract.settings import settings_of
from workbench.contract.vocabulary import BASIC, PER_ARM, DatasetRef, InPaper, Language, ModelRef, OneOf, Unit


class Probe(Config):
    """Settings of a toy."""

    rank: Annotated[int, Ge(1), Le(64), BASIC, PER_ARM, InPaper("8", "Table 1")] = 4
    """Dimensions kept."""
    rate: Annotated[float, Gt(0.0), Le(1.0), PER_ARM, Unit("s")] = 0.5
    """A rate."""
    metric: Literal["chordal", "geodesic"] = "chordal"
    """How two subspaces are compared."""
    languages: Annotated[tuple[Language, ...], OneOf(("fr", "de"), open=True)] = ("fr",)
    """Languages."""
    limit: int | None = None
    """A limit, or none."""
    exact: bool = False
    """Whether to be exact."""
    model: ModelRef = "smollm2-135m-instruct"
    """A model."""
    data: DatasetRef = "django-messages"
    """Data."""

    @model_validator(mode="after")
    def _fits(self) -> "Probe":
        if self.limit is not None and self.limit < self.rank:
            raise ValueError("limit must be at least the rank; raise the limit or lower the rank.")
        return self


TOY = Engine(
    name="toy",
    title="Toy",
    tab=Tab.PROBE,
    question="What?",
    idea="An idea.",
    paper=Paper("T", "A", "V", 2025, "https://example.org"),
    config=Probe,
    presets={"quick": Preset(Probe(), ("base", "wide"), (0,), "Soon.")},
    arms=(Arm("base", "Base", "baseline", "h"), Arm("wide", "Wide", "method", "h", {"rank": 32})),
    metrics=(),
    claims=(),
    fidelity=(),
    rows=(),
    views=(),
)


def test_settings_describe_each_field() -> None:
    settings = {s.name: s for s in settings_of(Probe)}
    rank, rate, languages = settings["rank"], settings["rate"], settings["languages"]
    assert (rank.kind, rank.low, rank.high, rank.basic, rank.help) == ("int", 1, 64, True, "Dimensions kept.")
    assert rank.paper == InPaper("8", "Table 1")
    assert (rate.strict_low, rate.low, rate.unit, rate.allowed) == (True, 0.0, "s", "a number above 0 and at most 1 s")
    assert (settings["metric"].kind, settings["metric"].choices) == ("choice", ("chordal", "geodesic"))
    assert (languages.kind, languages.item, languages.open) == ("choices", "text", True)
    assert (settings["limit"].optional, settings["model"].kind, settings["data"].kind) == (True, "model", "data")


def test_strings_read_as_values() -> None:
    raw = {"rank": "3", "exact": "yes", "languages": "fr, zh_Hans", "limit": "", "rate": "0.25", "metric": "geodesic"}
    config = read_config(Probe, raw)
    assert (config.rank, config.exact, config.languages, config.limit) == (3, True, ("fr", "zh_Hans"), None)
    assert (config.rate, config.metric) == (0.25, "geodesic")


@pytest.mark.parametrize(
    ("raw", "field", "words"),
    [
        ({"rank": 0}, "rank", ["0 was given", "at least 1 and at most 64", "default is 4"]),
        ({"rank": "many"}, "rank", ["'many' was given", "whole number"]),
        ({"rate": float("nan")}, "rate", ["nan was given"]),
        ({"metric": "cosine"}, "metric", ["'cosine' was given", "one of chordal, geodesic"]),
        ({"ranc": 3}, "ranc", ["no setting named 'ranc'", "Did you mean 'rank'?"]),
        ({"languages": "fr,<script>"}, "languages", ["was given"]),
        ({"limit": 2}, "limit", ["raise the limit"]),
        ({"model": ""}, "model", ["must be the name of a bundled model"]),
    ],
)
def test_each_refusal_says_what_to_do(raw: dict[str, object], field: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(Probe, raw)
    sentence = caught.value.problems.get(field) or caught.value.problems["settings"]
    assert all(word in sentence for word in words), sentence


def test_all_refusals_come_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read_spec(TOY, settings={"rank": 0, "metric": "x"}, arms=["base", "wyde"], seeds="0,-1")
    assert set(caught.value.problems) == {"rank", "metric", "arms", "seeds"}
    assert "Did you mean 'wide'?" in caught.value.problems["arms"]


def test_spec_is_complete_and_round_trips() -> None:
    spec = read_spec(TOY, settings={"rank": "8"}, seeds="0,1,1", own_arms={"mine": {"rate": 0.1}})
    assert spec.seeds == (0, 1) and spec.arms == ("base", "wide", "mine")
    assert set(spec.settings) == set(Probe.model_fields)
    assert RunSpec.model_validate_json(spec.model_dump_json()) == spec
    arms = arm_configs(TOY, spec)
    assert [arms[name].model_dump()["rank"] for name in spec.arms] == [8, 32, 8]
    assert arms["mine"].model_dump()["rate"] == 0.1


def test_own_arm_must_fit_the_settings() -> None:
    with pytest.raises(ConfigError, match="arms: Arm 'mine': rank"):
        read_spec(TOY, own_arms={"mine": {"rank": 900}})
    with pytest.raises(ConfigError, match="another name"):
        read_spec(TOY, own_arms={"wide": {"rank": 9}})


def test_arms_change_marked_fields_alone() -> None:
    assert [setting.name for setting in settings_of(Probe) if setting.per_arm] == ["rank", "rate"]
    with pytest.raises(ConfigError) as caught:
        read_spec(TOY, own_arms={"mine": {"rank": 5, "exact": True}, "other": {"model": "m", "none": 1}})
    why = "An arm may change rank, rate; all arms share the rest. Start a second run for it."
    assert caught.value.problems == {"mine.exact": why, "other.model": why}


def test_a_spec_from_elsewhere_is_held_to_the_same_marks() -> None:
    spec = read_spec(TOY).model_copy(update={"own_arms": {"mine": {"exact": True}}, "arms": ("base", "mine")})
    with pytest.raises(ConfigError, match=r"mine\.exact"):
        arm_configs(TOY, spec)


def test_unknown_preset() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'quick'"):
        read_spec(TOY, preset="quik")


def test_untyped_field_is_refused_at_once() -> None:
    class Bad(Config):
        """Bad."""

        table: dict[str, int] = {}  # noqa: RUF012 - a type no widget can carry
        """No widget can carry this."""

    with pytest.raises(TypeError, match="no widget"):
        settings_of(Bad)


@given(st.dictionaries(st.text(max_size=12), st.one_of(st.none(), st.text(max_size=30), st.integers(), st.floats())))
def test_any_input_gives_a_config_or_a_config_error(raw: dict[str, object]) -> None:
    try:
        assert isinstance(read_config(Probe, raw), Probe)
    except ConfigError as error:
        assert error.problems


@given(st.builds(Probe, rank=st.integers(1, 64), exact=st.booleans(), languages=st.just(("fr", "de", "ja"))))
def test_values_survive_the_text_of_flags(config: Probe) -> None:
    texts = {k: ",".join(v) if isinstance(v, tuple) else str(v) for k, v in config.model_dump().items()}
    assert read_config(Probe, texts) == config
