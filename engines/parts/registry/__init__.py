"""Packages of the registries and files of the hub: fetched, checked, unpacked and kept."""

from engines.parts.registry.packages import ProgressCallback, no_progress

__all__ = ["ProgressCallback", "no_progress"]
