"""Arms of the method: the same states, left alone, moved by the means, moved at random."""

from workbench.contract import Arm

ARMS = (
    Arm("unshifted", "Unshifted", "baseline", "Sentences as the model has them.", {"shift": "none"}),
    Arm(
        "mean_shifted",
        "Shifted by the means",
        "method",
        "Every state of a language is moved by the difference of the language vectors, h - v_l + v_d, estimated on the "
        "other half of the sentences.",
        {"shift": "mean"},
    ),
    Arm(
        "random_shift",
        "Shifted at random",
        "control",
        "Every state is moved by a random vector of exactly the same length: what moving alone does.",
        {"shift": "random"},
    ),
)
