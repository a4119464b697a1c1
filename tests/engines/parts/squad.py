"""A sample of a real reading set, where somebody has put it beside the project or named it."""

import os
from pathlib import Path

SQUAD = Path(
    os.environ.get("BENCHWRIGHT_SQUAD") or Path(__file__).parents[4] / "shared" / "data" / "squad_sample.jsonl"
)
SQUAD_MISSING = "the reading set is not beside the project (BENCHWRIGHT_SQUAD)"
