"""Fitting a small network with dropout: resumed to the bit, by hand, by torch's own schedules, and when it diverges."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from engines.parts.rows.training_step import TrainingStep
from engines.parts.training.batches import shuffled
from engines.parts.training.fit import SummedLoss, fit, make_optimiser, tokens_of
from engines.parts.training.fit_settings import FitSettings, ParameterGroup
from engines.parts.training.training_loop import Diverged
from tests.engines.parts.training_runs import attempt, run_folder, steps_of
from workbench.contract import DataError, ModelError, RunStopped

ASKED = FitSettings(steps=7, learning_rate=0.05, schedule="cosine", warmup_steps=2, accumulate=2, weight_decay=0.01)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))


def network(dropout=0.3):
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Dropout(dropout), nn.Linear(6, 1)).train()


def batch(seed, rows=5):
    draw = torch.Generator().manual_seed(seed)
    return {"input_ids": torch.randn(rows, 4, generator=draw), "y": torch.randn(rows, 1, generator=draw)}


BATCHES = [batch(seed) for seed in range(5)]


def mean_loss(net):
    return lambda one: ((net(one["input_ids"]) - one["y"]) ** 2).mean()


def fitted(net, log, settings=ASKED, batches=None, loss=None):
    asked = replace(settings, arm="method")
    return fit(net.named_parameters(), batches or BATCHES, loss or mean_loss(net), asked, log, "net")


def whole(name="whole", settings=ASKED, **more):
    net = network()
    with attempt(run_folder(name)) as log:
        record = fitted(net, log, settings, **more)
    return net, record, steps_of(run_folder(name))


def same(one, two):
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))


def test_every_update_is_said_and_moves_the_parameters():
    net, record, steps = whole()
    assert [step["step"] for step in steps] == list(range(1, 8)) and len(record.losses) == 7
    assert [step["loss"] for step in steps] == list(record.losses) and {step["adapter"] for step in steps} == {"net"}
    assert record.tokens == 7 * 2 * 20 and record.parameters == 6 * 4 + 6 + 6 + 1
    assert not same(net, network()) and not list((run_folder("whole").path / "checkpoints").iterdir())


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
def test_two_fits_are_equal_whatever_was_drawn_before_them(optimiser):
    asked = FitSettings(steps=4, learning_rate=0.05, optimiser=optimiser, momentum=0.9)
    one, first, _ = whole("r1", asked)
    torch.manual_seed(99)
    before = torch.get_rng_state()
    net = network()
    torch.set_rng_state(before)
    with attempt(run_folder("r2")) as log:
        second = fitted(net, log, asked)
    assert same(one, net) and first.losses == second.losses
    assert torch.equal(torch.get_rng_state(), before), "what others draw stays as it was"
    _, third, _ = whole("r3", replace(asked, seed=1))
    assert third.losses != first.losses, "the seed decides the dropout"


class KilledError(Exception):
    """As if the process had gone."""


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
@pytest.mark.parametrize("save_every", [1, 3])
@pytest.mark.parametrize("at", [1, 2, 3, 4, 6, 7])
def test_a_fit_killed_at_any_update_goes_on_to_the_bit(at, save_every, optimiser):
    asked = replace(ASKED, save_every=save_every, optimiser=optimiser, momentum=0.5)
    net, record, steps = whole(settings=asked, batches=shuffled(BATCHES, 4))
    broken, calls = network(), []

    def dying(one):
        calls.append(1)
        if len(calls) == 2 * at:
            raise KilledError
        return mean_loss(broken)(one)

    with pytest.raises(KilledError), attempt(run_folder("killed")) as log:
        fitted(broken, log, asked, shuffled(BATCHES, 4), dying)
    resumed, again = network(), []

    def counted(one):
        again.append(1)
        return mean_loss(resumed)(one)

    with attempt(run_folder("killed")) as log:
        result = fitted(resumed, log, asked, shuffled(BATCHES, 4), counted)
    assert same(net, resumed) and result.losses == record.losses
    assert steps_of(run_folder("killed")) == steps
    assert len(again) == 2 * (7 - (at - 1) // save_every * save_every), "what was saved is not done again"


def test_stop_saves_and_the_fit_goes_on():
    net, _, steps = whole()
    stopped, calls = network(), []
    with pytest.raises(RunStopped), attempt(run_folder("stopped")) as log:

        def loss(one):
            calls.append(1)
            if len(calls) == 6:
                run_folder("stopped").stop.touch()
                log._look_at = 0.0
            return mean_loss(stopped)(one)

        fitted(stopped, log, loss=loss)
    assert len(calls) == 6
    run_folder("stopped").stop.unlink()
    resumed, again = network(), []
    with attempt(run_folder("stopped")) as log:
        fitted(resumed, log, loss=lambda one: again.append(1) or mean_loss(resumed)(one))
    assert same(net, resumed) and steps_of(run_folder("stopped")) == steps and len(again) == 8


def test_a_plain_fit_is_torchs_own_loop():
    net, own = network(0.0), network(0.0)
    asked = FitSettings(steps=6, learning_rate=0.05, weight_decay=0.02, max_grad_norm=0.5)
    with attempt(run_folder("r1")) as log:
        losses = fitted(net, log, asked).losses
    optimiser = torch.optim.AdamW(own.parameters(), lr=0.05, weight_decay=0.02)
    expected = []
    for step in range(6):
        loss = mean_loss(own)(BATCHES[step % 5])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(own.parameters(), 0.5)
        optimiser.step()
        expected.append(float(loss.detach()))
    assert same(net, own) and list(losses) == expected


def test_sums_with_counts_are_accumulated_as_one_batch():
    parts = [batch(1, rows=2), batch(2, rows=7), batch(3, rows=1)]
    joined = {name: torch.cat([one[name] for one in parts]) for name in parts[0]}
    one, two = network(0.0), network(0.0)

    def summed(net):
        return lambda part: SummedLoss(((net(part["input_ids"]) - part["y"]) ** 2).sum(), len(part["y"]))

    with attempt(run_folder("r1")) as log:
        small = fitted(one, log, FitSettings(steps=3, learning_rate=0.05, accumulate=3), parts, summed(one))
    with attempt(run_folder("r2")) as log:
        large = fitted(two, log, FitSettings(steps=3, learning_rate=0.05), [joined], summed(two))
    assert small.losses == pytest.approx(large.losses, rel=1e-5)
    for a, b in zip(one.parameters(), two.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)


def test_groups_have_a_rate_and_a_decay_of_their_own():
    net = network()
    asked = FitSettings(learning_rate=0.1, weight_decay=0.2, groups=(ParameterGroup(r"bias$", 0.01),))
    groups = make_optimiser(dict(net.named_parameters()), asked).param_groups
    assert [(g["lr"], g["weight_decay"], len(g["params"])) for g in groups] == [(0.1, 0.2, 2), (0.01, 0.0, 2)]


@pytest.mark.parametrize(("broken", "what"), [(float("nan"), "loss became nan"), (float("inf"), "loss became inf")])
def test_a_loss_that_is_no_number_keeps_the_last_good_state(broken, what):
    good, net, calls = network(), network(), []
    asked = FitSettings(steps=9, learning_rate=0.05)
    with attempt(run_folder("good")) as log:
        fitted(good, log, FitSettings(steps=3, learning_rate=0.05))

    def loss(one):
        calls.append(1)
        return mean_loss(net)(one) * (broken if len(calls) == 4 else 1.0)

    message = f"{what} at step 4 .*the state after step 3 is the last good"
    with pytest.raises(Diverged, match=message) as failed, attempt(run_folder("r1")) as log:
        fitted(net, log, asked, loss=loss)
    assert failed.value.good == 3 and same(good, net)


def test_a_gradient_that_is_no_number_is_told_apart():
    net = network()
    with (
        pytest.raises(Diverged, match=r"gradient became nan at step 1 .*no step was taken"),
        attempt(run_folder("r1")) as log,
    ):
        fitted(net, log, loss=lambda one: (mean_loss(net)(one) * 0.0).sqrt())
    assert same(net, network())


def test_nothing_to_train_and_nothing_to_learn_from_are_refused():
    net = network()
    with attempt(run_folder("r1")) as log:
        with pytest.raises(DataError, match="no batch"):
            fit(net.named_parameters(), [], mean_loss(net), ASKED, log, "net")
        with pytest.raises(ModelError, match="nothing to train"):
            fitted(net.requires_grad_(False), log)


def test_tokens_are_those_of_the_mask():
    mask = torch.tensor([[1, 1, 0], [1, 0, 0]])
    assert tokens_of({"input_ids": mask, "attention_mask": mask}) == 3 and tokens_of({"input_ids": mask}) == 6
    assert tokens_of([1, 2]) == 0


def test_rows_are_training_steps():
    _, record, steps = whole(settings=FitSettings(learning_rate=0.1, accumulate=2))
    assert len(steps) == 3, "one pass over five batches, two at a time"
    assert TrainingStep(**steps[0], seconds=0.0).loss == record.losses[0]
