"""Views of a run: their controls and their bodies."""
