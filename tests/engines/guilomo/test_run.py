import json
import zipfile

import pytest

from engines.guilomo import ENGINE
from engines.guilomo.allocation import read_allocation
from engines.guilomo.rows import (
    ArmAllocation,
    ExpertCount,
    ExpertRank,
    PlantedModule,
    RouterLoad,
    SearchEnd,
    SearchProgress,
    SeedAgreement,
    SelectionEntry,
    TrainedArm,
    VectorMove,
)
from engines.parts.rows import TaskAnswer, TokenUse, TrainingStep, TunedModel
from tests.engines import worked_runs
from tests.engines.guilomo.tiny_run import KINDS, same_rows, start, tiny_spec
from workbench.contract.errors import ConfigError, DataError, ModelError
from workbench.contract.facts import Fact
from workbench.contract.fields import with_purpose
from workbench.contract.schema import Caution, Estimate, EstimatePart, Outcome
from workbench.statistics import judge
from workbench.storage.home import place
from workbench.worker.runlog import FolderLog

TABLES = tuple(kind for kind in KINDS if kind.__name__ != "TokenExpert")
ARMS = ("guilomo", "uniform", "experts_only", "ranks_only", "plain", "oracle", "untrained")
TRAINED = ARMS[:5]


@pytest.fixture(scope="module")
def done():
    return start(tiny_spec(arms=ARMS, seeds=(0, 1)), place("runs"), "guilomo-whole")


def test_every_table_is_filled(done):
    for kind in TABLES:
        assert len(done.table(kind)), kind
    assert len(done.table(SearchEnd)) == 4 and len(done.table(TrainedArm)) == 24
    assert len(done.table(SearchProgress)) == 4 * 3
    answers = done.table(TaskAnswer)
    assert len(answers) == (5 * 2 + 1) * 4 and set(answers["arm"]) == {*TRAINED, "untrained"}
    outcomes = done.table(Outcome)
    assert set(outcomes["arm"]) == set(ARMS)
    untrained = outcomes.query("arm == 'untrained' and metric == 'correct'")
    assert untrained.groupby("seed").size().to_dict() == {0: 4, 1: 4}, "answered once, beside every seed"


def test_counts_are_shown_from_the_start_to_the_end_of_a_search(done):
    counts = done.table(ExpertCount).query("task == 'own' and seed == 0")
    assert sorted(set(counts["step"])) == [0, 1, 2, 3]
    assert counts["experts"].between(2, 4).all() and set(counts["module"]) == {"q_proj", "down_proj"}
    ranks = done.table(ExpertRank).query("task == 'own' and seed == 0 and step == 3")
    kept = ranks[ranks["rank"] > 0].groupby("path").size()
    assert kept.to_dict() == counts[counts["step"] == 3].set_index("path")["experts"].to_dict()


def test_vectors_and_counts_tell_the_same(done):
    last = done.table(SelectionEntry).query("task == 'own' and seed == 1 and step == 3 and vector == 'experts'")
    argmax = last.loc[last.groupby("path")["value"].idxmax()].set_index("path")["entry"].clip(lower=2)
    moves = (
        done.table(VectorMove).query("task == 'own' and seed == 1 and vector == 'experts'").set_index("path")["last"]
    )
    assert argmax.to_dict() == moves.to_dict()


def test_every_arm_has_the_parameters_of_the_search(done):
    trained = done.table(TrainedArm)
    assert trained.groupby(["task", "seed"])["budget"].nunique().eq(1).all()
    routed = trained[~trained["arm"].isin(["plain", "untrained"])]
    assert (routed["parameters"] <= routed["budget"]).all()
    assert (routed["parameters"] > 0.8 * routed["budget"]).all(), "a rank of a tiny layer is a large part of it"
    found = routed[routed["arm"] == "guilomo"].query("task == 'own'")
    assert (found["parameters"] == found["budget"]).all()


def test_what_is_counted_is_what_is_trained(done):
    for row in done.table(TrainedArm).query("task == 'own' and seed == 0").itertuples():
        path = done.artifact(row.model.partition("/")[2])
        with zipfile.ZipFile(path) as packed:
            header = packed.read("adapter_model.safetensors")
        length = int.from_bytes(header[:8], "little")
        shapes = [one["shape"] for name, one in json.loads(header[8 : 8 + length]).items() if name != "__metadata__"]
        assert sum(a * b for a, b in shapes) == row.parameters, row.arm


def test_experts_are_as_the_arm_says(done):
    rows = done.table(ArmAllocation).query("task == 'own' and seed == 0")
    by_arm = {arm: part.set_index("path") for arm, part in rows.groupby("arm")}
    assert (by_arm["uniform"]["experts"] == 3).all() and (by_arm["plain"]["experts"] == 1).all()
    assert by_arm["experts_only"]["experts"].to_dict() == by_arm["guilomo"]["experts"].to_dict()
    assert by_arm["ranks_only"]["experts"].nunique() == 1


def test_the_allocation_is_a_file_of_the_run(done):
    found = read_allocation(done.artifact("allocation-own-released-second-0.json"))
    rows = done.table(ArmAllocation).query("task == 'own' and seed == 0 and arm == 'guilomo'")
    assert {row.path: tuple(map(int, row.ranks.split())) for row in rows.itertuples()} == dict(found.ranks)


def test_routers_are_watched_and_their_loads_add_up(done):
    loads = done.table(RouterLoad)
    assert set(loads["arm"]) == set(TRAINED) - {"plain"}
    assert loads.groupby(["arm", "seed", "path"])["load"].sum().sub(1).abs().max() < 1e-6
    assert loads["entropy"].between(0, 1).all()


def test_seeds_are_compared_and_chance_is_named(done):
    rows = done.table(SeedAgreement).set_index(["task", "counts"])
    assert (rows["seeds"] == 2).all() and rows["exact"].between(0, 1).all()
    assert rows["warning"].str.contains("initialisation").any(), "three small steps cannot leave the start"


def test_outcomes_lead_to_a_verdict_for_each_claim(done):
    outcomes = done.table(Outcome)
    assert set(outcomes["metric"]) == {metric.name for metric in ENGINE.metrics}
    verdicts = judge(ENGINE, outcomes)
    assert [verdict.claim for verdict in verdicts] == [claim.name for claim in ENGINE.claims]
    assert all(verdict.reason and "{" not in verdict.answer for verdict in verdicts)
    decided = {verdict.claim: verdict.verdict for verdict in verdicts if verdict.counted}
    assert decided.keys() == {"as_large_as_uniform", "as_large_as_plain"}
    assert {v.claim for v in verdicts if v.verdict == "not asked here"} == {"as_good_as_triangle"}


def test_doubts_of_a_run_are_told(done):
    cautions = done.table(Caution)
    said = " ".join(cautions["text"])
    assert "the gradient adds up to" in said and "the second order is" in said
    assert "untrained, the model answers" in said and "ended where they began" in said and "passes over its" in said
    assert set(cautions["claim"]) <= {claim.name for claim in ENGINE.claims}
    assert "as_good_as_triangle" not in set(cautions["claim"]), "the run does not have that arm"


def test_facts_of_a_run_are_recorded(done):
    lines = map(json.loads, (place("runs") / "guilomo-whole" / "events.jsonl").read_text().splitlines())
    facts = {line["name"]: line["value"] for line in lines if line["kind"] == "record"}
    assert facts[Fact.DTYPE] == "float32" and facts[Fact.PARAMETERS] > 1000
    assert (facts[Fact.STEPS], facts[Fact.ITEMS]) == (2, 8)
    assert (facts[Fact.ANSWERS], facts[Fact.ANSWERS_CUT], facts[Fact.ANSWERS_EMPTY]) == (44, 0, 0)


def test_a_run_is_the_union_of_its_cells(done):
    one = start(tiny_spec(arms=("uniform",), seeds=(1,)), place("runs"), "guilomo-cell")
    for kind in (TaskAnswer, Outcome, TrainedArm, TunedModel, ArmAllocation, RouterLoad, TrainingStep):
        same_rows(
            one.table(kind).query("arm == 'uniform'"), done.table(kind).query("seed == 1 and arm == 'uniform'"), kind
        )
    for kind in (ExpertCount, SearchEnd, SearchProgress):
        same_rows(one.table(kind), done.table(kind).query("seed == 1"), kind)


class KilledError(Exception):
    pass


@pytest.mark.parametrize("at", [2, 12, 60])
def test_a_run_killed_anywhere_and_resumed_equals_one_that_was_not(done, at, monkeypatch):
    monkeypatch.setattr("engines.guilomo.searching.CHECKPOINT_SECONDS", 0.0)

    class Dying(FolderLog):
        rows = 0

        def row(self, row):
            Dying.rows += 1
            if Dying.rows == at:
                raise KilledError
            super().row(row)

    spec, name = tiny_spec(arms=("guilomo", "uniform", "untrained"), seeds=(0,)), f"guilomo-killed-{at}"
    with pytest.raises(KilledError):
        start(spec, place("runs"), name, Dying)
    resumed = start(spec, place("runs"), name)
    chosen = "seed == 0 and arm in ('guilomo', 'uniform', 'untrained')"
    for kind in (TaskAnswer, Outcome, TrainedArm, TunedModel, ArmAllocation, TrainingStep):
        same_rows(resumed.table(kind), done.table(kind).query(chosen), kind)
    for kind in (ExpertCount, ExpertRank, SelectionEntry, SearchEnd, SearchProgress, PlantedModule, VectorMove):
        same_rows(resumed.table(kind), done.table(kind).query("seed == 0"), kind)


def test_every_other_arm_runs(done):
    names = tuple(arm.name for arm in ENGINE.arms if arm.name not in ARMS)
    found = start(tiny_spec(arms=names, tasks=("own",)), place("runs"), "guilomo-others")
    trained = found.table(TrainedArm)
    assert set(trained["arm"]) == set(names) and trained["score"].notna().all()
    assert set(found.table(SearchEnd)["search"]) == {"released, second", "every, second"}


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"tasks": ()}, ConfigError, "no task was chosen"),
        ({"tasks": ("own",), "data": ""}, ConfigError, "needs data"),
        ({"tasks": ("own",), "data": "upload:nowhere.jsonl"}, DataError, "nowhere"),
        ({"tasks": ("own",), "validation": 0.0}, DataError, "validation"),
        ({"tasks": ("own",), "validation": 100.0}, DataError, "validation"),
        ({"tasks": ("own",), "targets": ("wq",)}, ModelError, "wq"),
        ({"tasks": ("own",), "layers": "5"}, ConfigError, "blocks 0 to 1"),
        ({"tasks": ("own",), "max_rank": 64}, ConfigError, "rank"),
    ],
)
def test_what_cannot_be_run_is_refused(settings, error, said):
    name = f"guilomo-refused-{abs(hash(str(settings)))}"
    with pytest.raises(error, match=said):
        start(tiny_spec(arms=("guilomo",), **settings), place("runs"), name)


def test_an_arm_may_not_change_what_is_judged():
    spec = tiny_spec(arms=("guilomo",))
    odd = spec.model_copy(update={"own_arms": {"odd": {"test_items": 2}}, "arms": (*spec.arms, "odd")})
    with pytest.raises(ConfigError, match="An arm may change"):
        start(odd, place("runs"), "guilomo-odd")


def test_a_tuned_model_is_one_row_that_says_what_the_arm_s_row_says(done):
    tuned = done.table(TunedModel).set_index(["arm", "seed"]).sort_index()
    trained = done.table(TrainedArm).query("task == 'own'").set_index(["arm", "seed"]).sort_index()
    assert len(tuned) == 10 and (tuned["examples"] == 8).all()
    for name in ("model", "parameters", "updates", "first_loss", "last_loss"):
        assert tuned[name].tolist() == trained[name].tolist(), name


def test_a_run_is_estimated_from_what_it_would_do():
    spec = with_purpose(tiny_spec(arms=("guilomo", "plain"), seeds=(0, 1)), "preflight")
    run = worked_runs.probe(ENGINE, spec, place("runs"), "guilomo-before")
    parts, estimate = run.table(EstimatePart), run.table(Estimate).iloc[0]
    search, train = "Search for experts and ranks", "Train the allocations"
    assert parts["phase"].tolist() == [
        f"{search}: planted", f"{search}: planted", f"{train}: planted",
        f"{search}: own", f"{search}: own", f"{train}: own", "Judge the trained arms: own",
    ]  # fmt: skip
    said = parts["basis"].tolist()
    assert "2 in all" in said[0] and "6 in all" in said[1] and "18 times" in said[2] and "6 in all" in said[4]
    assert "4 times" in said[5] and "20 in all" in said[6], "the untrained model answers too"
    assert (parts["seconds"] > 0).all() and estimate["seconds"] == pytest.approx(parts["seconds"].sum())
    assert estimate["memory_bytes"] > 0 and estimate["disk_bytes"] > 0


def test_written_answers_are_judged_and_every_model_is_in_the_ledger(done):
    run = start(tiny_spec(arms=("plain",), tasks=("own",), verifier="text"), place("runs"), "guilomo-written")
    rows = run.table(TaskAnswer).query("arm == 'plain'")
    assert len(rows) == 4 and rows["cut"].all(), "a tiny random model never ends a line"
    uses = done.table(TokenUse).query("seed == 0").set_index("arm")["prompt_tokens"]
    assert uses["untrained"] == uses["plain"], "the same problems"
