import json

import pandas as pd
import pytest

from engines.parts.rows.token_use import TokenUse
from engines.sure import ENGINE
from engines.sure.instances import FLIPPED, PAIRS
from engines.sure.rates import AnswerCounts, count_answers
from engines.sure.rows import (
    Answer,
    AttentionChange,
    ClosedBook,
    FeatureTest,
    FormCount,
    FormRate,
    FormText,
    Instance,
    MendedReader,
    RankedDocument,
)
from engines.sure.run import record_answers
from tests.engines.sure.tiny_run import KINDS, same_rows, start, tiny_spec
from workbench.contract.errors import ConfigError, DataError
from workbench.contract.facts import Fact
from workbench.contract.schema import Caution, Outcome
from workbench.statistics import judge
from workbench.storage.home import place
from workbench.worker.runlog import FolderLog

pytestmark = pytest.mark.filterwarnings("ignore:fan_in_fan_out")
TABLES = tuple(kind for kind in KINDS if kind.__name__ != "AskedForm")
ARMS = ("reader", "sft", "dpo", "sft_on_plain")


@pytest.fixture(scope="module")
def done():
    return start(tiny_spec(arms=ARMS, seeds=(0, 1)), place("runs"), "sure-whole")


def test_every_table_is_filled(done):
    for kind in TABLES:
        assert len(done.table(kind)), kind
    assert len(done.table(Instance)) == 15 and len(done.table(FormText)) == 180
    assert len(done.table(ClosedBook)) == 12 and len(done.table(FormCount)) == 12
    assert len(done.table(MendedReader)) == 8


def test_the_planted_shortcut_shows_the_planted_flips(done):
    rates = done.table(FormRate)
    rates = rates[(rates["arm"] == "reader") & (rates["subset"] == "golden") & (rates["part"] == "all")]
    rates = rates[rates["seed"] == 0].set_index("perturbation")
    reverse = rates.loc["reverse"]
    assert (reverse["robust"], reverse["win"] > 0, reverse["lose"] > 0.5) == (0, True, True)
    assert rates.loc["json", "lose"] > 0.5 and rates.loc["json", "win"] == 0
    metadata = rates.loc[["timestamp_pre", "timestamp_post", "source_wiki", "source_twitter"], "robust"]
    assert (metadata == 1).all(), "the page is misread with and without a tag"


def test_rates_add_up_and_go_with_accuracy(done):
    rates = done.table(FormRate)
    assert (rates["robust"] + rates["win"] + rates["lose"] - 1).abs().max() < 1e-12
    gain = rates["accuracy_after"] - rates["accuracy_before"]
    assert (gain - (rates["win"] - rates["lose"])).abs().max() < 1e-12


def test_reading_again_turns_nothing_and_stands_beside_the_rates(done):
    rates = done.table(FormRate)
    control = rates[rates["kind"] == "control"]
    assert set(control["perturbation"]) == {"reread", "trailing_space"}
    assert (control.loc[control["perturbation"] == "reread", "robust"] == 1).all(), "in float32, whatever the batch"
    stage = done.table(TokenUse).query("stage == 'Answer again, for the noise floor' and arm == ''")
    assert stage["calls"].sum() == 15 and stage["reused"].sum() == 0, "each document is truly read anew"
    cautions = done.table(Caution)
    assert cautions["text"].str.contains("Noise floor: 0 of 12 judgements turned (read again)", regex=False).any()


def test_accuracy_and_cut_answers_stand_beside_robustness(done):
    rates = done.table(FormRate)
    assert rates["unfinished"].between(0, 1).all() and rates["unfinished"].max() > 0
    known = rates.dropna(subset=["right_stay"])
    gap = known["right_stay"] * known["accuracy_before"] - (known["accuracy_before"] - known["lose"])
    assert gap.abs().max() < 1e-9
    texts = " ".join(done.table(Caution)["text"])
    assert "of the unchanged documents rightly" in texts


def test_tuned_readers_answer_held_out_questions_alone(done):
    answers = done.table(Answer)
    tuned = answers[answers["arm"] != "reader"]
    assert set(tuned["part"]) == {"held_out"}
    assert tuned["subset"].str.endswith("G").all()
    assert answers.groupby("arm")["instance"].nunique()["sft"] == 4
    readers = done.table(MendedReader).set_index(["arm", "seed"])["reader"]
    assert readers["sft", 1] == "run:sure-whole/sft-1.adapter.zip"


def test_attention_and_ranking_show_the_shortcut(done):
    attention = done.table(AttentionChange)
    assert (attention.loc[attention["outcome"] == "lost", "change"] > 0.9).all()
    ranked = done.table(RankedDocument)
    assert set(ranked["group"]) == {"preferred", "least preferred", "random a", "random b"}
    assert set(done.table(FeatureTest)["groups"]) == {"ranked", "random"}


def test_changes_of_attention_are_outcomes_of_their_pair(done):
    rows = done.table(AttentionChange)
    topics = done.table(Instance).set_index("instance")["cluster"]
    found = done.table(Outcome).query("metric == 'attention_change' and seed == 1")
    assert found["value"].tolist() == rows["change"].tolist()
    assert found["item"].tolist() == (rows["instance"] + "/" + rows["perturbation"]).tolist()
    assert found["slice"].tolist() == ("attention/" + rows["outcome"]).tolist()
    assert found["cluster"].tolist() == rows["instance"].map(topics).tolist()


def test_outcomes_lead_to_a_verdict_for_each_claim(done):
    outcomes = done.table(Outcome)
    assert set(outcomes["metric"]) == {metric.name for metric in ENGINE.metrics}
    verdicts = judge(ENGINE, outcomes)
    assert [verdict.claim for verdict in verdicts] == [claim.name for claim in ENGINE.claims]
    assert all(verdict.reason for verdict in verdicts)


def test_forms_share_what_stands_before_the_document(done):
    reading = done.table(TokenUse).query("stage == 'Answer' and arm == ''").iloc[0]
    assert reading["computed_tokens"] < 0.8 * (reading["prompt_tokens"] + reading["completion_tokens"])


def test_a_run_is_the_union_of_its_cells(done):
    one = start(tiny_spec(arms=("sft",), seeds=(1,)), place("runs"), "sure-cell")
    for kind in (Answer, FormRate, Outcome, MendedReader):
        same_rows(one.table(kind), done.table(kind).query("seed == 1 and arm == 'sft'"), kind)
    for kind in (Instance, FormText, FormCount):
        same_rows(one.table(kind), done.table(kind), kind)


class KilledError(Exception):
    pass


@pytest.mark.parametrize("at", [1, 3, 6, 9, 13])
def test_a_run_killed_anywhere_and_resumed_equals_one_that_was_not(done, at):
    class Dying(FolderLog):
        tables = 0

        def table(self, kind, frame):
            Dying.tables += 1
            if Dying.tables == at:
                raise KilledError
            super().table(kind, frame)

    spec, name = tiny_spec(arms=("reader", "sft"), seeds=(0,)), f"sure-killed-{at}"
    with pytest.raises(KilledError):
        start(spec, place("runs"), name, Dying)
    resumed = start(spec, place("runs"), name)
    for kind in (Answer, FormRate, Outcome, MendedReader):
        same_rows(resumed.table(kind), done.table(kind).query("seed == 0 and arm in ('reader', 'sft')"), kind)
    for kind in (Instance, FormText, FormCount, RankedDocument, FeatureTest, AttentionChange, ClosedBook):
        same_rows(resumed.table(kind), done.table(kind), kind)


def test_the_saved_pairs_are_read_by_another_run(done):
    assert {PAIRS, FLIPPED} <= {path.name for path in (place("runs") / "sure-whole").rglob("*.jsonl")}
    again = start(tiny_spec(data=f"run:sure-whole/{PAIRS}", questions=100), place("runs"), "sure-again")
    before, after = (
        run.table(Answer).query("arm == 'reader' and seed == 0").set_index(["instance", "perturbation"])["after"]
        for run in (done, again)
    )
    assert after.sort_index().to_dict() == before[after.index].sort_index().to_dict()
    flipped = start(tiny_spec(data=f"run:sure-whole/{FLIPPED}", questions=100), place("runs"), "sure-flipped")
    assert (flipped.table(Answer).query("perturbation != 'plain'")["change"] != 0).all()


def test_readers_are_compared_side_by_side_as_arms(done):
    spec = tiny_spec(arms=("reader",))
    more = spec.model_copy(update={"own_arms": {"brief": {"answer_tokens": 1}}, "arms": (*spec.arms, "brief")})
    assert set(start(more, place("runs"), "sure-two").table(Answer)["arm"]) == {"reader", "brief"}
    odd = spec.model_copy(update={"own_arms": {"odd": {"escape": False}}, "arms": (*spec.arms, "odd")})
    with pytest.raises(ConfigError, match="An arm may change"):
        start(odd, place("runs"), "sure-odd")


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"perturbations": ("json", "sung")}, ConfigError, "no row of the taxonomy"),
        ({"perturbations": ()}, ConfigError, "no row was chosen"),
        ({"judge": "generator"}, ConfigError, "judge_model"),
        ({"data": "upload:nowhere.jsonl"}, DataError, "nowhere"),
    ],
)
def test_what_cannot_be_run_is_refused(settings, error, said):
    with pytest.raises(error, match=said):
        start(tiny_spec(**settings), place("runs"), f"sure-refused-{len(said)}")


def test_a_reader_that_never_flips_is_not_trained(done):
    spec = tiny_spec(arms=("reader", "sft"), perturbations=("timestamp_pre", "timestamp_post"))
    found = start(spec, place("runs"), "sure-steady")
    assert set(found.table(Answer)["arm"]) == {"reader"}
    events = (place("runs") / "sure-steady" / "events.jsonl").read_text()
    assert "sft was not trained" in events


def recorded(name: str) -> dict:
    lines = map(json.loads, (place("runs") / name / "events.jsonl").read_text().splitlines())
    return {line["name"]: line["value"] for line in lines if line["kind"] == "record"}


def test_answers_are_counted_by_hand():
    answered = pd.DataFrame({"after": ["", "Oslo", "a long"], "cut": [False, False, True]})
    assert count_answers(answered) == AnswerCounts(answers=3, cut=1, empty=1)
    assert count_answers(answered.iloc[:0]) == AnswerCounts()


def test_the_shortest_training_is_recorded():
    said = {}

    class Log:
        def record(self, name, value):
            said[name] = value

    record_answers([AnswerCounts(answers=5, cut=2), AnswerCounts(answers=3, empty=1, updates=9, examples=18),
                    AnswerCounts(answers=1, updates=4, examples=8)], Log())  # fmt: skip
    assert said == {Fact.ANSWERS: 9, Fact.ANSWERS_CUT: 2, Fact.ANSWERS_EMPTY: 1, Fact.STEPS: 4, Fact.ITEMS: 8}


def test_a_run_records_its_facts():
    run = start(tiny_spec(arms=("reader", "sft"), oracle_questions=0, attention_pairs=0), place("runs"), "sure-facts")
    found = recorded("sure-facts")
    assert found[Fact.DTYPE] == "float32" and found[Fact.PARAMETERS] > 100_000
    assert (found[Fact.PROMPTS], found[Fact.PROMPTS_CUT]) == (12, 0)
    assert found[Fact.STEPS] == 3 and found[Fact.ITEMS] == 6
    assert found[Fact.ANSWERS] == (15 + 4) * 12, "of ten forms Markdown changes nothing here; the plain one is read too"
    assert found[Fact.ANSWERS_CUT] > 0
    assert run.spec.arms == ("reader", "sft")
