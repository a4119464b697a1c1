from engines.persyn.blocks import blocks_of
from engines.persyn.learning import Routers, learn_from_fewer, train_cell
from tests.engines.persyn.scenes import Quiet, planted_board
from workbench.contract.run_log import RunCell


class Saving(Quiet):
    """A log whose artifacts lie in a folder."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def artifact(self, name):
        return self.path / name

    def once(self, name, kind, compute, key=""):
        self.notes.append((name, key))
        return compute()


def test_a_cell_trains_saves_and_tells(tmp_path):
    config, board = planted_board()
    log = Saving(tmp_path)
    arrays = train_cell(RunCell("persyn", 0, "router"), log, {"persyn": config}, board)
    assert (tmp_path / "router-persyn-0.safetensors").is_file() and log.rows[0].pairs > 0
    routers = Routers(board, config, {("persyn", 0): arrays})
    scores = routers.scores("persyn", 0, log)
    blocks = blocks_of(board.panel, "calibration", "routed", "held_out")
    assert log.notes == [(f"scores persyn 0 {block.name}", block.key) for block in blocks]
    assert (routers.read, routers.cut) == (len(board.panel.prompts), 0)
    assert scores.shape == (len(board.panel.prompts), 3)
    held_out = board.panel.places("held_out")
    topics = [board.panel.prompts[at].topic for at in held_out]
    prefers_adder = scores[held_out][:, 0] > scores[held_out][:, 1]
    assert prefers_adder.tolist() == [topic == "gains" for topic in topics], "unseen prompts find their teacher"


def test_the_curve_has_a_point_for_every_seed_and_size():
    config, board = planted_board()
    log = Quiet()
    learn_from_fewer(board, config, log)
    sizes = {(row.seed, row.calibration) for row in log.rows}
    most = len(board.panel.places("calibration"))
    assert sizes == {(seed, size) for seed in (0, 1) for size in (most // 2, most)}
    whole = [row for row in log.rows if row.calibration == most]
    assert whole[0].regret == whole[1].regret, "all prompts are all prompts, whatever the seed"
    assert all(0 <= row.regret <= 1 and row.regret <= row.single + 0.5 for row in log.rows)
