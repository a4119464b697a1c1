import numpy as np
import pytest

from engines.persyn.config import PersynConfig
from engines.persyn.facts import roles_for, sizes_differ, teacher_rows
from engines.persyn.panel import open_panel
from tests.engines.persyn.scenes import planted_board
from tests.engines.persyn.tiny_run import tiny_spec
from workbench.contract.errors import ConfigError


def test_roles_come_from_sizes_and_calibration():
    config, board = planted_board()
    roles = roles_for(board, config)
    names = board.panel.names
    assert (names[roles.strong], names[roles.weak], roles.family) == ("silent-3B", "adder-1B", None)
    own = config.model_copy(update={"strongest": "taker-2B", "student": "/models/adder-7b"})
    named = roles_for(board, own)
    assert (named.strong, named.family) == (1, 0)
    with pytest.raises(ConfigError, match="no teacher"):
        roles_for(board, config.model_copy(update={"strongest": "nobody"}))


def test_teachers_in_numbers():
    config, board = planted_board()
    rows = teacher_rows(board, roles_for(board, config), config)
    places = board.panel.places("calibration")
    assert [row.order for row in rows] == [0, 1, 2] and {row.ref for row in rows} == {"file"}
    for at, row in enumerate(rows):
        assert row.answered + row.failed == len(places)
        assert row.quality == pytest.approx(np.nanmean(board.quality[places, at]))
        assert row.car == pytest.approx(row.quality / (1 + 3 * -row.learnability))
    assert rows[2].failed > 0 and rows[2].quality == 1 and "strong" in rows[2].role


def test_sizes_differ_only_between_models():
    _, board = planted_board()
    assert sizes_differ(board.panel)
    assert not sizes_differ(open_panel(PersynConfig.model_validate(tiny_spec().settings)))
