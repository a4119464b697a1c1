"""What a finished run is asked when it goes on: more seeds, more items, more arms; and how large a step must be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from annotated_types import Ge

from workbench.contract.circumstances import LOOKS, least_step
from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError, StateError
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunSpec
from workbench.contract.schema import Config
from workbench.formatting import count
from workbench.storage.extensions import MOST_EXTENSIONS, Extension, looks_of

MOST_SEEDS = 1000


class Step(Config):
    """How many more seeds and items a finished run is to have."""

    seeds: Annotated[int, Ge(0)] = 0
    """How many more seeds: the next whole numbers after the greatest of the run."""
    items: Annotated[int, Ge(0)] = 0
    """How many more items every arm judges under every seed."""


Before = tuple[RunSpec, tuple[Extension, ...]]


@dataclass(frozen=True)
class More:
    """What a run is to have beside what it has.

    Attributes:
        seeds, items: how many more; 0 for none.
        arms: names of declared arms, or of own arms.
        own_arms: overrides of settings by the name of an arm of the user's.
    """

    seeds: int = 0
    items: int = 0
    arms: Sequence[str] = ()
    own_arms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]], hash=False)

    @property
    def looks(self) -> bool:
        """Whether claims are looked at anew; more arms alone bring claims that were not asked."""
        return self.seeds > 0 or self.items > 0


def items_of(engine: Engine, spec: RunSpec) -> int | None:
    """Return how many items a run judges, None where its method counts none."""
    value = spec.settings.get(engine.items) if engine.items else None
    return int(value) if isinstance(value, int | float) else None


def extended_spec(engine: Engine, spec: RunSpec, more: More, extensions: Sequence[Extension] = ()) -> RunSpec:
    """Return what the run is asked once it has more: the next seeds, its items raised, its arms and the new ones.

    Args:
        engine: the run's card.
        spec: what the run was asked until now.
        more: what is to come.
        extensions: how the run was extended before.

    Raises:
        ConfigError: nothing was asked for, a step is too small, or a setting, a seed or an arm is refused.
        StateError: the run was looked at five times, or extended too often.
    """
    arms = tuple(dict.fromkeys([*spec.arms, *more.arms, *more.own_arms]))
    _refuse_nothing(more, len(arms) == len(spec.arms))
    if len(extensions) >= MOST_EXTENSIONS:
        raise StateError(f"The run was extended {MOST_EXTENSIONS} times, the most there is.", "Start a new run.")
    settings = dict(spec.settings)
    if more.items:
        settings[_items_setting(engine)] = (items_of(engine, spec) or 0) + more.items
    if more.looks:
        _refuse_look(engine, spec, more, extensions)
    return read_spec(
        engine,
        preset=next(iter(engine.presets)),
        settings=settings,
        arms=arms,
        seeds=[*spec.seeds, *_next_seeds(spec.seeds, more.seeds)],
        own_arms={**spec.own_arms, **more.own_arms},
    )


def taken_back(spec: RunSpec, engine: Engine, extensions: Sequence[Extension], spent: bool) -> Before | None:
    """Return what a run was asked before its last extension, and its extensions with that one taken back.

    Args:
        spec: what the extended run is asked now.
        engine: its card.
        extensions: how it was extended; the last one did not come to its end.
        spent: the look counts though it was not finished, for its rows were judged as far as they went.

    Returns:
        None where there is nothing to take back.
    """
    last = extensions[-1] if extensions else None
    if last is None or not (
        len(last.seeds) < len(spec.seeds)
        or len(last.arms) < len(spec.arms)
        or (last.items or 0) < (items_of(engine, spec) or 0)
    ):
        return None
    settings = {**spec.settings, **({engine.items: last.items} if engine.items and last.items else {})}
    own_arms = {name: overrides for name, overrides in spec.own_arms.items() if name in last.arms}
    before = spec.model_copy(
        update={"seeds": last.seeds, "arms": last.arms, "settings": settings, "own_arms": own_arms}
    )
    kept = last.model_copy(update={"looks": last.looks and spent})
    asked = {"seeds": spec.seeds, "arms": spec.arms, "items": items_of(engine, spec)}
    return before, (*extensions[:-1], kept, last.model_copy(update={**asked, "looks": False, "seconds": None}))


def _refuse_nothing(more: More, same_arms: bool) -> None:
    wrong = {name: getattr(more, name) for name in ("seeds", "items") if getattr(more, name) < 0}
    if wrong:
        raise ConfigError({name: f"{value} was given; it must be 0 or more." for name, value in wrong.items()})
    if not more.looks and same_arms:
        raise ConfigError({"extend": "Nothing was asked for."}, "Ask for more seeds, more items or further arms.")


def _items_setting(engine: Engine) -> str:
    if not engine.items:
        raise ConfigError(
            {"items": f"{engine.title} has no number of items that can be raised."}, "Ask for more seeds instead."
        )
    return engine.items


def _refuse_look(engine: Engine, spec: RunSpec, more: More, extensions: Sequence[Extension]) -> None:
    """Refuse a sixth look, and one that is less than half as large again as the last."""
    if len(looks_of(extensions)) + 1 >= LOOKS:
        raise StateError(
            f"The run was judged {LOOKS} times while it grew; judged more often, it would find what is not there.",
            "Start a new run of the size that the verdict names; further arms can still be added.",
        )
    sizes = {"seeds": len(spec.seeds), "items": items_of(engine, spec)}
    steps = {name: least_step(size) for name, size in sizes.items() if size}
    if any(getattr(more, name) >= least for name, least in steps.items()):
        return
    least = " or ".join(count(steps[name], f"more {name[:-1]}") for name in steps)
    asked = {name: getattr(more, name) for name in sizes if getattr(more, name)}
    raise ConfigError(
        {
            name: f"{value} was given; each look is half as large again as the one before."
            for name, value in asked.items()
        },
        f"Ask for {least} at least.",
    )


def _next_seeds(seeds: Sequence[int], more: int) -> Iterable[int]:
    if len(seeds) + more > MOST_SEEDS:
        raise ConfigError({"seeds": f"{len(seeds) + more} seeds were asked for; a run has at most {MOST_SEEDS:,}."})
    return range(max(seeds) + 1, max(seeds) + 1 + more)
