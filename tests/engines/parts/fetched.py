"""The default model and data, as `benchwright fetch` brought them; tests that need them skip where nobody fetched."""

import os

import pytest

from engines.parts.corpora.bundled_data import BUNDLED_DATA
from engines.parts.models.bundled_models import BUNDLED_MODELS


def require_fetched(*names: str) -> None:
    """Skip on a machine where `benchwright fetch` has not run; in CI that is a failure."""
    missing = [name for name in names if not (BUNDLED_MODELS.get(name) or BUNDLED_DATA[name]).is_fetched()]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{missing[0]} was not fetched before the tests")
    if missing:
        pytest.skip(f"{missing[0]} is not on this machine: run `benchwright fetch` first")
