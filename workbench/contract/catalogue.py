"""What models and data there are to choose from, as the page and the pickers show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from workbench.contract.errors import ConfigError

ModelPlace = Literal["bundled", "folder", "hub cache", "server", "run"]


@dataclass(frozen=True)
class ModelLine:
    """One model that can be named.

    Attributes:
        ref: its ModelRef.
        role: what it can do: "causal" and "generator" answer, "encoder" embeds, "adapter" changes another model.
        ready: usable without a download.
        disk_bytes: what it takes, or would take, on this disk; None where nothing lies here.
        context: most tokens read at once.
        tokens_per_second: measured here, the last time it answered; None before that.
        problem: why it cannot be used, "" where it can.
        entry: the server or folder that was added and brought it, as `Catalogue.remove` takes it; "" where nobody did.
    """

    ref: str
    name: str
    place: ModelPlace
    role: Literal["causal", "encoder", "generator", "adapter"]
    ready: bool = True
    parameters: int | None = None
    disk_bytes: int | None = None
    dtype: str = ""
    context: int | None = None
    licence: str = ""
    note: str = ""
    tokens_per_second: float | None = None
    problem: str = ""
    entry: str = ""


@dataclass(frozen=True)
class DataLine:
    """One data set that can be named.

    Attributes:
        ref: its DatasetRef.
        record: what a row holds, as in `DataKind`; "" for a file that has not been looked into.
        ready: usable without a download.
        rows: how many, None where nobody has counted.
        credit: whom to name, and under which terms.
    """

    ref: str
    name: str
    record: str = ""
    ready: bool = True
    rows: int | None = None
    disk_bytes: int | None = None
    credit: str = ""


class Catalogue(Protocol):
    """Lists models and data; building the lists loads no model and reaches no network."""

    def models(self) -> Sequence[ModelLine]:
        """Bundled models first, then folders, the hub's cache, the models of servers, and what finished runs made."""
        ...

    def data(self) -> Sequence[DataLine]:
        """Bundled data sets first, then uploads, the newest first."""
        ...

    def remove(self, entry: str) -> Mapping[str, str]:
        """Take a server or a folder off the lists, and give what had been added, by field, so that it can be again.

        Nothing is deleted from the disk.

        Raises:
            ConfigError: no such entry.
        """
        ...


class Nothing:
    """The catalogue where nobody offers anything."""

    def models(self) -> Sequence[ModelLine]:
        """None."""
        return ()

    def data(self) -> Sequence[DataLine]:
        """None."""
        return ()

    def remove(self, entry: str) -> Mapping[str, str]:
        """There is nothing to remove."""
        raise ConfigError({"entry": f"{entry[:80]!r} is not on the list."})
