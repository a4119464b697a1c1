import re

import pytest

from engines.parts.corpora.bundled_data import BUNDLED_DATA
from engines.parts.datasets.datasets import source_table
from tests.engines.parts.fetched import require_fetched


@pytest.mark.parametrize("name", BUNDLED_DATA)
def test_every_set_is_pinned_and_credited(name):
    data = BUNDLED_DATA[name]
    assert data.name == name and re.fullmatch(r"[0-9a-f]{64}", data.package.sha256)
    assert data.credit.endswith(".") and data.package.name.lower() in data.credit.lower()
    assert data.folder().name.startswith(f"{name}-{data.package.sha256[:12]}-")


@pytest.mark.parametrize("name", BUNDLED_DATA)
def test_every_fetched_set_is_a_sound_table_with_ids(name):
    require_fetched(name)
    found = source_table(name, first=100)
    assert found.credit == BUNDLED_DATA[name].credit and len(found.table.rows) == 100
    assert len({cells["id"] for _, cells in found.table.rows}) == 100
    assert (BUNDLED_DATA[name].folder() / "CREDIT").read_text("utf-8").strip() == found.credit
