"""Row types of a module: its own in order, then what it imports."""

import sys

from tests.rooms.counting import Tally
from workbench.contract.row_types import row_types
from workbench.contract.schema import Caution, Outcome, Row

Told = Caution


class Second(Row):
    """Declared first."""


class First(Row):
    """Declared second."""


class _Hidden(Row):
    """No part of the card."""


Again = Second


def test_own_types_come_in_order_then_imported_ones() -> None:
    assert issubclass(_Hidden, Row) and Told is Caution
    assert row_types(sys.modules[__name__]) == (Second, First, Tally)
    assert Outcome not in row_types(sys.modules[__name__])
