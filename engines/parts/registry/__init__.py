"""Packages of the registries and files of the hub: fetched, checked, unpacked and kept."""

from engines.parts.registry.packages import Report, quiet

__all__ = ["Report", "quiet"]
