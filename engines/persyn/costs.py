"""What a training set costs: responses, tokens and seconds, the calibration counted in full.

Generate-then-select asks every teacher for every prompt, |X| N responses. Route-then-generate asks every teacher for
the calibration prompts alone, n N, and one teacher for each of the others: n N + |X| - n. Baselines without a router
need no calibration for Strong, Mix, Family-Strong and random (|X|); CAR needs it, as it measures the teachers on it.
"""

from dataclasses import dataclass

import numpy as np

from engines.persyn.config import Policy

CALIBRATED: frozenset[str] = frozenset({"persyn", "car"})
"""Policies that look at the calibration responses."""


@dataclass(frozen=True)
class Cost:
    """Responses of a training set, and what they weigh.

    Attributes:
        calibration: responses to calibration prompts, where the policy needs all of them.
        routed: further ones.
        everything: of generate-then-select.
        weights: sums of what each response weighs, for the set and for everything, by name of the measure.
    """

    calibration: int
    routed: int
    everything: int
    weights: dict[str, tuple[float, float]]

    @property
    def responses(self) -> int:
        """All that are asked for."""
        return self.calibration + self.routed

    @property
    def saved(self) -> float:
        """Share of generate-then-select that is never asked for."""
        return 1 - self.responses / self.everything if self.everything else 0.0


def cost_of(policy: Policy, chosen: np.ndarray, calibrated: np.ndarray, weights: dict[str, np.ndarray]) -> Cost:
    """What a policy asks for.

    Args:
        chosen: column of the teacher of each prompt, shape (P,); -1 asks nobody.
        calibrated: which prompts are the calibration's, shape (P,).
        weights: by name (tokens, seconds) what the response of each teacher to each prompt weighs, shape (P, N).
    """
    count, teachers = len(chosen), next(iter(weights.values())).shape[1]
    asked = np.zeros((count, teachers), bool)
    if policy == "oracle":
        asked[:] = True
    else:
        some = np.flatnonzero(chosen >= 0)
        asked[some, chosen[some]] = True
        if policy in CALIBRATED:
            asked[calibrated] = True
    whole = calibrated if policy in CALIBRATED else np.zeros(count, bool)
    return Cost(
        int(asked[whole].sum()),
        int(asked[~whole].sum()),
        count * teachers,
        {name: (float(weight[asked].sum()), float(weight.sum())) for name, weight in weights.items()},
    )
