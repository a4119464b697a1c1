"""Judged boards of the planted responses, for tests of what is done with them."""

from functools import lru_cache

from engines.persyn.collecting import Teachers, collect
from engines.persyn.config import PersynConfig
from engines.persyn.judged import Board, board_of, judge
from engines.persyn.panel import open_panel
from tests.engines.persyn.tiny_run import file_spec


class Quiet:
    """A log that hears nothing but rows, and knows one seed."""

    seeds = (0, 1)

    def __init__(self) -> None:
        self.rows, self.notes, self.facts = [], [], {}

    def progress(self, done, total, unit):
        pass

    def row(self, row):
        self.rows.append(row)

    def note(self, text):
        self.notes.append(text)

    def record(self, name, value):
        self.facts[name] = value


@lru_cache(maxsize=4)
def planted_board(**settings) -> tuple[PersynConfig, Board]:
    """Settings and a board on which every teacher has answered everything."""
    config = PersynConfig.model_validate(file_spec(**settings).settings)
    panel = open_panel(config)
    wanted = [(at, column) for at in panel.places("calibration", "held_out", "routed") for column in range(3)]
    frame = judge(collect(panel, wanted, config, Teachers(config, None), "Ask"), panel, config, Quiet(), True)
    return config, board_of(panel, [frame])
