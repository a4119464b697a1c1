"""The run shown, and the history of runs."""
