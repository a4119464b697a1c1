from engines.persyn import ENGINE
from workbench.contract.field_docs import field_docs


def test_every_field_of_two_words_or_more_is_explained():
    plain = {
        "place", "arm", "seed", "teacher", "text", "answer", "prompt", "split", "reason", "count", "final", "gold",
        "right", "accuracy", "examined", "updates", "regret", "hit_1", "tokens", "failed", "pairs", "low", "high",
        "prompts", "different", "examples", "quality", "backbone", "first_loss", "everything_tokens", "score", "chosen",
        "seconds", "hit_3", "pairwise", "everything_seconds", "last_loss", "learnability",
        "reward", "responses", "example",
    }  # fmt: skip
    own = [kind for kind in ENGINE.rows if kind.__module__ == "engines.persyn.rows"]
    assert len(own) == 15
    for kind in own:
        assert kind.__doc__
        for name in kind.model_fields:
            assert name in field_docs(kind) or name in plain, f"{kind.__name__}.{name}"


def test_times_are_marked_as_measured():
    for kind in ENGINE.rows:
        timed = {name for name in kind.model_fields if name.endswith("seconds")}
        assert timed <= kind.measured_fields(), kind
