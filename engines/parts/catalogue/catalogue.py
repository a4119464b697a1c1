"""The catalogue of this machine: every model and data set that can be named, for the page and its pickers."""

from collections.abc import Mapping, Sequence

from engines.parts.catalogue.configured_folders import remove_folder
from engines.parts.catalogue.data_lines import data_lines
from engines.parts.catalogue.model_lines import FOLDER, ModelLines
from engines.parts.catalogue.server_lines import SERVER, server_lines, taken_off
from workbench.contract.catalogue import DataLine, ModelLine
from workbench.contract.errors import ConfigError


class LocalCatalogue:
    """Lists what is bundled, lies in folders and in the hub's cache, is served, and was made by runs."""

    def models(self) -> Sequence[ModelLine]:
        """Bundled models first, then folders, the hub's cache, servers' models and what runs have made."""
        lines = ModelLines().lines
        made = [line for line in lines if line.place == "run"]
        return [*(line for line in lines if line.place != "run"), *server_lines(), *made]

    def data(self) -> Sequence[DataLine]:
        """Bundled data sets first, then uploads, the newest first."""
        return data_lines()

    def remove(self, entry: str) -> Mapping[str, str]:
        """Take a server or a folder off the list; what had been added, by field of its form.

        Raises:
            ConfigError: no such entry.
        """
        if entry.startswith(SERVER):
            return taken_off(entry.removeprefix(SERVER))
        if entry.startswith(FOLDER):
            remove_folder(entry.removeprefix(FOLDER))
            return {"path": entry.removeprefix(FOLDER)}
        raise ConfigError({"entry": f"{entry[:80]!r} is not on the list."}, "Reload the page.")


CATALOGUE = LocalCatalogue()
