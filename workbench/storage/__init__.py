"""Folders and files of the workbench: runs, their events and values, databases."""
