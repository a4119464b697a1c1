"""Data sets that lie in the package itself."""

import pytest

from engines.parts.corpora.bundled_data import BUNDLED_DATA
from engines.parts.corpora.shipped_data import SHIPPED_DATA
from engines.parts.datasets.datasets import source_table
from workbench.contract.errors import DataError


@pytest.mark.parametrize("name", SHIPPED_DATA)
def test_each_is_read_by_its_name(name):
    data, found = SHIPPED_DATA[name], source_table(name)
    assert (found.name, found.credit, found.path) == (name, data.credit, data.path)
    assert data.name == name and found.table.rows and not found.table.errors


def test_no_name_is_taken_twice():
    assert not SHIPPED_DATA.keys() & BUNDLED_DATA.keys()


def test_a_name_that_is_nearly_right_is_put_right():
    with pytest.raises(DataError, match="public-facts") as refused:
        source_table("public-fact")
    assert "public-facts" in refused.value.hint
