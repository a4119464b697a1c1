"""A loop over an update with two losses in turn, as a bilevel search has it."""

import pandas as pd
import pytest
import torch

from engines.parts.rows.training_step import TrainingStep
from engines.parts.training.training_loop import MANY, LoopSettings, emit, run_updates
from engines.parts.training.training_state import FACTS, TrainingState
from tests.engines.parts.training_runs import attempt, run_folder, steps_of


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))


class Game:
    """Two numbers, each with an optimiser: one falls on what the other makes of it."""

    def __init__(self, key="game"):
        self.numbers = {name: torch.nn.Parameter(torch.tensor([value])) for name, value in (("w", 2.0), ("g", -1.0))}
        self.optimisers = [torch.optim.AdamW([one], lr=0.1) for one in self.numbers.values()]
        self.state = TrainingState(self.numbers, self.optimisers, key)
        self.done = []

    def update(self, step):
        self.done.append(step)
        w, g = self.numbers.values()
        for mine, loss in zip(self.optimisers, ((w * g.detach()) ** 2, (w.detach() - g) ** 2), strict=True):
            mine.zero_grad()
            loss.sum().backward()
            mine.step()
        loss = float(w.detach())
        return [
            TrainingStep(
                arm="method", seed=0, adapter=one, step=step, loss=loss, learning_rate=0.1, tokens=1, seconds=1
            )
            for one in ("w", "g")
        ]


def play(game, name, steps=6, save_every=2):
    with attempt(run_folder(name)) as log:
        return run_updates(game.update, game.state, LoopSettings(steps, (TrainingStep,), save_every), log, "game")


def test_a_loop_of_two_losses_goes_on_where_it_was_killed():
    whole, killed, resumed = Game(), Game(), Game()
    rows = play(whole, "whole")
    usual = killed.update
    killed.update = lambda step: usual(step) if step < 6 else 1 / 0
    with pytest.raises(ZeroDivisionError):
        play(killed, "killed")
    again = play(resumed, "killed")
    assert resumed.done == [5, 6] and again == rows
    assert all(torch.equal(whole.numbers[name], resumed.numbers[name]) for name in "wg")


def test_a_state_of_another_training_is_left_aside_and_told():
    first = Game()
    first.update = lambda step, usual=first.update: usual(step) if step < 4 else 1 / 0
    with pytest.raises(ZeroDivisionError):
        play(first, "r1")
    other = Game("another game")
    play(other, "r1")
    assert other.done == [1, 2, 3, 4, 5, 6]
    assert "begins anew: its saved state was not used, since it is of another" in run_folder("r1").events.read_text()


def test_a_damaged_state_is_left_aside_and_told():
    first = Game()
    first.update = lambda step, usual=first.update: usual(step) if step < 4 else 1 / 0
    with pytest.raises(ZeroDivisionError):
        play(first, "r1")
    (run_folder("r1").path / "checkpoints" / "game" / FACTS).write_text("{")
    other = Game()
    play(other, "r1")
    assert other.done == [1, 2, 3, 4, 5, 6] and "cannot be read" in run_folder("r1").events.read_text()


def test_few_rows_are_lines_and_many_are_a_table():
    row = Game().update(1)[0]
    with attempt(run_folder("r1")) as log:
        emit([row] * (MANY - 1), log)
    with attempt(run_folder("r2")) as log:
        emit([row] * MANY, log)
    assert len(steps_of(run_folder("r1"))) == MANY - 1 and not steps_of(run_folder("r2"))
    (file,) = (run_folder("r2").path / "tables").glob("**/*.parquet")
    assert len(pd.read_parquet(file)) == MANY
