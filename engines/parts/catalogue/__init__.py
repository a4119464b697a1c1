"""Models and data that can be named: bundled, configured, fetched ahead of time."""

from engines.parts.catalogue.configured_folders import add_folder
from engines.parts.catalogue.data_lines import keep_count
from engines.parts.catalogue.folder_facts import model_folder_facts

__all__ = ["add_folder", "keep_count", "model_folder_facts"]
