"""The arms of a run, which share everything but who is asked."""

from collections.abc import Mapping

from engines.persyn.config import ARM_FIELDS, PersynConfig
from workbench.errors import ConfigError


def arms_of_one_panel(arms: Mapping[str, object]) -> dict[str, PersynConfig]:
    """The arms of the run, all with the same prompts, teachers and student.

    Raises:
        ConfigError: an arm changes what all must share.
    """
    found = {name: arm for name, arm in arms.items() if isinstance(arm, PersynConfig)}
    first = next(iter(found.values()))
    for name, arm in found.items():
        for field in PersynConfig.model_fields:
            if field not in ARM_FIELDS and getattr(arm, field) != getattr(first, field):
                raise ConfigError(
                    {f"own_arms.{name}.{field}": "An arm may change " + ", ".join(sorted(ARM_FIELDS)) + "."},
                    "Start a second run with this setting, and compare the two.",
                )
    return found
