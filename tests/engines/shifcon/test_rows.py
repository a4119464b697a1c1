import pytest

from engines.shifcon import ENGINE
from engines.shifcon.rows import PairAtLayer, SubspaceDistance
from tests.engines.shown_views import shipped_run

KINDS = [kind for kind in ENGINE.rows if kind is not PairAtLayer]


@pytest.fixture(scope="module")
def shipped():
    return shipped_run(ENGINE)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.table())
def test_rows_of_the_shipped_run_have_the_fields_of_today(kind, shipped):
    rows = shipped.table(kind)
    assert list(rows.columns) == list(kind.model_fields) and len(rows)
    kind.model_validate(rows.iloc[0].to_dict())


def test_rows_depend_on_the_run_alone():
    assert not any(kind.measured_fields() for kind in ENGINE.rows)
    assert ENGINE.row_types()["SubspaceDistance"] is SubspaceDistance
