import numpy as np
import pytest
import torch

from engines.parts.bradley_terry.pair_loss import PairTensors, expanded_loss, one_pair_loss
from engines.parts.bradley_terry.tuned_scorer import TuningSettings, open_tuned, tune
from engines.parts.ranking.pairs import pairs_of
from tests.engines.parts.training_runs import attempt, run_folder
from tests.engines.persyn.tiny_run import tiny_model
from workbench.contract.errors import ModelError, RunStopped
from workbench.contract.run_log import RunCell

TEXTS = [f"{at} {'bread ' * 4 if at % 2 else 'stamps ' * 4}" for at in range(12)]
REWARDS = np.array([[0.0, 0.5, 1.0] if at % 2 else [1.0, 0.5, 0.0] for at in range(12)])
PAIRS = pairs_of(REWARDS, "drop", 0)


CELL = RunCell("persyn", 0, "router")
SETTINGS = TuningSettings(2, 4, 0.03)


def tuned(router, name, epochs=2, rate=0.03, seed=0):
    """Losses of a training on the pairs above, four prompts an update."""
    with attempt(run_folder(f"persyn-{name}")) as log:
        return tune(router, TEXTS, PAIRS, TuningSettings(epochs, 4, rate), RunCell("persyn", seed, "router"), log)


KINDS = pytest.mark.parametrize("kind", ["causal", "encoder"])


def fresh(kind):
    torch.manual_seed(0)
    return open_tuned(tiny_model(), kind, 3, 4, "float32")


@KINDS
def test_it_learns_who_is_better_for_which_prompt(kind):
    router = fresh(kind)
    assert np.abs(router.scores(TEXTS)).max() == 0, "before training all teachers are equal"
    losses = tuned(router, f"learns-{kind}", 40, 0.02)
    assert np.mean(losses[-12:]) < 0.7 * losses[0] and losses[0] == pytest.approx(np.log(2))
    assert (router.scores(TEXTS).argmax(1) == REWARDS.argmax(1)).mean() > 0.9


@KINDS
def test_scores_do_not_depend_on_the_batch(kind):
    router = fresh(kind)
    tuned(router, f"batches-{kind}")
    together = router.scores([*TEXTS, "a much longer prompt that is padded beside none of the others"])
    apart = np.concatenate([router.scores([text]) for text in TEXTS])
    np.testing.assert_allclose(together[:-1], apart, atol=1e-5)


def test_one_forward_has_the_gradient_of_one_forward_a_pair():
    router = fresh("causal")
    torch.nn.init.normal_(router.head.weight)
    router.eval()
    some = PAIRS.of(np.arange(3))
    encoded = router.encoded(TEXTS[:3])

    def score(at: int) -> torch.Tensor:
        return router(torch.tensor([encoded[at]]), torch.ones(1, len(encoded[at]), dtype=torch.long))[0]

    expanded_loss(torch.stack([score(at) for at in range(3)]), PairTensors.of(some)).backward()
    trained = [value for value in router.parameters() if value.requires_grad]
    together = [value.grad.clone() for value in trained]
    router.zero_grad()
    for prompt, a, b, label in zip(some.prompt, some.a, some.b, some.label, strict=True):
        (one_pair_loss(score(int(prompt)), int(a), int(b), float(label)) / len(some)).backward()
    for one, value in zip(together, trained, strict=True):
        torch.testing.assert_close(one, value.grad, rtol=1e-3, atol=1e-6)


def test_arrays_bring_a_router_back():
    router = fresh("encoder")
    tuned(router, "arrays")
    again = fresh("encoder").restore(router.arrays())
    np.testing.assert_allclose(again.scores(TEXTS), router.scores(TEXTS), atol=1e-6)
    with pytest.raises(ModelError, match="does not fit"):
        fresh("encoder").restore({"head.weight": np.zeros((9, 9), np.float32)})


def test_a_seed_gives_the_same_router():
    found = []
    for at in range(2):
        router = fresh("causal")
        tuned(router, f"seed-{at}", epochs=1, seed=5)
        found.append(router.scores(TEXTS))
    np.testing.assert_array_equal(*found)


def test_a_killed_training_goes_on_to_the_bit():
    whole = fresh("causal")
    losses = tuned(whole, "unbroken")
    with pytest.raises(RunStopped), attempt(run_folder("persyn-resumed")) as log:
        log.stopping = lambda: True  # so that each update is saved

        def progress(done, total, unit):
            if done == 2:
                raise RunStopped

        log.progress = progress
        tune(fresh("causal"), TEXTS, PAIRS, SETTINGS, CELL, log)
    resumed = fresh("causal")
    assert tuned(resumed, "resumed") == losses and len(losses) == 6
    np.testing.assert_array_equal(resumed.scores(TEXTS), whole.scores(TEXTS))


def test_long_prompts_are_cut():
    router = fresh("causal")
    assert [len(ids) for ids in router.encoded(["x" * 2000, ""])] == [router.context, 1]
    router.scores(["x" * 2000, "", "x"])
    assert router.cut == 1, "and counted"
