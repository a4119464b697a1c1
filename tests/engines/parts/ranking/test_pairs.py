import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engines.parts.ranking.pairs import pairs_of

NAN = np.nan
MATRICES = arrays(float, (5, 4), elements=st.one_of(st.just(NAN), st.floats(-100, 100, width=32)))


def test_pairs_by_hand():
    rewards = np.array([[0.1, 0.9, 0.1], [NAN, 0.2, 0.3]])
    dropped = pairs_of(rewards, "drop", 1e-6)
    assert list(zip(dropped.prompt, dropped.a, dropped.b, dropped.label, strict=True)) == [
        (0, 0, 1, 1), (0, 1, 2, 0), (1, 1, 2, 1),
    ]  # fmt: skip
    assert (dropped.ties, dropped.excluded) == (1, 2)
    kept = pairs_of(rewards, "half", 1e-6)
    assert len(kept) == 4 and kept.label.tolist() == [1, 0.5, 0, 1]


@given(MATRICES, st.sampled_from(["drop", "half"]), st.floats(0, 5))
def test_pairs_are_those_of_two_loops(rewards, ties, margin):
    expected = []
    for prompt in range(5):
        for a in range(4):
            for b in range(a + 1, 4):
                gap = rewards[prompt, b] - rewards[prompt, a]
                if not np.isnan(gap):
                    label = 0.5 if abs(gap) <= margin else float(gap > 0)
                    expected += [] if label == 0.5 and ties == "drop" else [(prompt, a, b, label)]
    found = pairs_of(rewards, ties, margin)
    assert sorted(zip(found.prompt, found.a, found.b, found.label, strict=True)) == sorted(expected)


def test_pairs_of_some_prompts_are_numbered_anew():
    pairs = pairs_of(np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 2.0]]), "drop", 0)
    some = pairs.of(np.array([2, 1]))
    assert dict(zip(some.prompt.tolist(), some.label.tolist(), strict=True)) == {0: 1.0, 1: 0.0}
