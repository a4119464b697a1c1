"""A catalogue with a line of each kind, and names that are meant to harm; for tests of the page without models."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.contract.catalogue import DataLine, ModelLine
from workbench.contract.errors import ConfigError

HOSTILE = '<img src=x onerror="window.harmed=1">${window.harmed=1}'
SERVED = "openai:m@http://127.0.0.1:8011/v1"


@dataclass
class ShownCatalogue:
    """Lines as given; what is removed leaves, and is given back."""

    lines: list[ModelLine] = field(default_factory=lambda: list(LINES))
    sets: list[DataLine] = field(default_factory=lambda: list(SETS))

    def models(self) -> list[ModelLine]:
        return self.lines

    def data(self) -> list[DataLine]:
        return self.sets

    def remove(self, entry: str) -> Mapping[str, str]:
        gone = [line for line in self.lines if entry and line.entry == entry]
        if not gone:
            raise ConfigError({"entry": f"{entry!r} is not on the list."})
        self.lines = [line for line in self.lines if line not in gone]
        if entry.startswith("folder:"):
            return {"path": gone[0].ref}
        return {"name": "Here", "address": "http://127.0.0.1:8011/v1", "models": "m", "key_variable": "K"}


LINES = (
    ModelLine("small", "small", "bundled", "causal", True, 135_000_000, 272_000_000, "bfloat16", 8192, "Apache-2.0"),
    ModelLine("meaning", "meaning", "bundled", "encoder", False, None, 92_000_000, context=256, licence="MIT"),
    ModelLine("/m/quick", HOSTILE, "folder", "causal", tokens_per_second=1234.5, entry="folder:/m/quick"),
    ModelLine("/m/broken", "broken", "folder", "causal", problem=f"Holds a pickle. {HOSTILE}"),
    ModelLine("a/b", "a/b", "hub cache", "causal"),
    ModelLine(SERVED, "m", "server", "generator", note="Served by Here.", entry="server:Here"),
)

SETS = (
    DataLine(
        "bundled-set", "bundled-set", "parallel sentences", rows=1234, disk_bytes=5_000_000, credit="By all, MIT."
    ),
    DataLine("not-yet", "not-yet", "maths problems", ready=False),
    DataLine("upload:x.csv", HOSTILE, disk_bytes=12),
)
