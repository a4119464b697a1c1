import pytest

from workbench.contract.probe import Piece


def test_a_piece_is_divided_among_what_it_did():
    assert Piece(seconds=6.0, done=3).each == pytest.approx(2.0)
    assert Piece(seconds=0.0, done=0).each == 0.0
