"""The shape of a run's spec as it comes from outside: a file, or the body of a request."""

from collections.abc import Sequence
from typing import Any

from workbench.contract.errors import ConfigError

SPEC_KEYS = ("engine", "preset", "settings", "arms", "seeds", "own_arms")
_SHAPES = {"preset": str, "settings": dict, "own_arms": dict, "arms": list, "seeds": list}
_WORDS = {str: "text", dict: "a mapping", list: "a list"}


def spec_shaped(body: Any, keys: Sequence[str] = SPEC_KEYS) -> dict[str, Any]:
    """Return `body`, found to be a mapping with none but `keys`, each of its own shape; the values are not yet read.

    Raises:
        ConfigError: it is something else; each refused key is named.
    """
    if not isinstance(body, dict):
        raise ConfigError({"spec": f"The spec must be a mapping with the keys {', '.join(keys)}."})
    unknown = [str(key) for key in body if key not in keys]
    if unknown:
        raise ConfigError({key: f"A spec has no such key; its keys are {', '.join(keys)}." for key in unknown})
    wrong = {key: shape for key, shape in _SHAPES.items() if key in body and not isinstance(body[key], shape)}
    if wrong:
        raise ConfigError(
            {key: f"{str(body[key])[:80]!r} was given; it must be {_WORDS[shape]}." for key, shape in wrong.items()}
        )
    for name, overrides in body.get("own_arms", {}).items():
        if not isinstance(overrides, dict):
            raise ConfigError({"own_arms": f"{name!r} must be a mapping of settings to their values in this arm."})
    return body
