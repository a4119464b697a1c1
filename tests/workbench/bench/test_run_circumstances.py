"""What the history knows of a run beside its outcomes: arms, facts, doubts, earlier looks."""

from tests.workbench.history.speech import begin, new_history, take_up
from workbench.bench.run_circumstances import circumstances_of
from workbench.storage.extensions import Extension


def test_arms_facts_doubts_and_looks_come_from_the_run(tmp_path) -> None:
    history = new_history(tmp_path)
    run, speech = begin(history)
    speech.row("judge", table="Caution", text="Only 3 questions.", claim="a").say("closed", "judge")
    speech.say("record", name="dtype", value="float32")
    take_up(history, run)
    known = circumstances_of(history, run)
    assert (known.arms, dict(known.facts), known.cautions) == (
        ("plain",), {"dtype": "float32"}, (("a", "Only 3 questions."),),
    )  # fmt: skip
    assert (known.look, known.complete) == (1, False)
    speech.say("finished", seconds=1.0)
    take_up(history, run)
    assert circumstances_of(history, run).complete
    spec = history.record(run).spec
    decided = Extension(seeds=(0,), arms=("plain",), items=3, decided={"a": "holds"})
    arms = Extension(seeds=(0, 1), arms=("plain",), looks=False, decided={"b": "does not hold"})
    assert history.extend(
        run, spec.model_copy(update={"seeds": (0, 1)}), (decided, arms), before=spec, expect={"finished"}
    )
    known = circumstances_of(history, run)
    assert known.look == 2
    assert known.decided_before("a") == "holds"
    assert known.decided == {"b": "does not hold"}, "decided before the arms joined"
    assert (known.looks[0].seeds, known.looks[0].items, known.looks[0].decided) == (1, 3, {"a": "holds"})
    history.close()
