"""Arms of a run that share its costly part, and so may differ in named settings alone."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from workbench.contract.errors import ConfigError
from workbench.contract.schema import Config

Kind = TypeVar("Kind", bound=Config)


def arms_alike(arms: Mapping[str, Config], kind: type[Kind], allowed: Collection[str]) -> dict[str, Kind]:
    """The arms' settings as `kind`, the same in all but the allowed fields.

    Raises:
        ConfigError: an arm changes another field; names it as ARM.FIELD.
    """
    configs = {name: kind.model_validate(config.model_dump()) for name, config in arms.items()}
    first = next(iter(configs.values()), None)
    wrong = {
        f"{name}.{field}": "An arm may change " + ", ".join(sorted(allowed)) + "; start a second run for the rest."
        for name, config in configs.items()
        for field in kind.model_fields
        if field not in allowed and getattr(config, field) != getattr(first, field)
    }
    if wrong:
        raise ConfigError(wrong)
    return configs
