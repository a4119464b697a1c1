"""Tables load each row type once and know the empty case."""

import pandas as pd
import pytest

from workbench.contract.schema import Row
from workbench.contract.views import NoControls, Tables


class Seen(Row):
    """A row."""

    x: int


class Unseen(Row):
    """Another."""

    y: int


def test_tables_load_each_kind_once() -> None:
    loads: list[str] = []

    def load(kind: type[Row]) -> pd.DataFrame:
        loads.append(kind.table())
        return pd.DataFrame({"x": [1]}) if kind is Seen else pd.DataFrame(columns=list(kind.model_fields))

    tables = Tables(load, [Seen, Unseen])
    assert tables[Seen]["x"].tolist() == [1] and tables[Seen] is tables[Seen]
    assert list(tables[Unseen].columns) == ["y"] and tables[Unseen].empty
    assert loads == ["Seen", "Unseen"]
    assert list(tables) == [Seen, Unseen] and len(tables) == 2


def test_no_controls_has_no_fields() -> None:
    assert not NoControls.model_fields
    with pytest.raises(ValueError, match="extra"):
        NoControls.model_validate({"layer": 1})
