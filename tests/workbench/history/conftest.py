from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workbench.history.speech import new_history
from workbench.history import History


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = new_history(tmp_path)
    yield opened
    opened.close()
