import pandas as pd
import pytest

from engines.parts.hidden_states.hidden_states import LayerReader
from engines.shifcon import ENGINE
from engines.shifcon.language_states import BLOCK
from engines.shifcon.rows import ArmAtLayer, LanguageProfile, LayerInArea, ParallelSentence, ShiftSpan, SubspaceDistance
from tests.engines.shifcon.tiny_run import extend, start, tiny_spec
from workbench.bench.extending import More
from workbench.contract.errors import ConfigError, DataError, ModelError
from workbench.contract.schema import Caution, Outcome
from workbench.statistics import judge
from workbench.worker.runlog import FolderLog

TABLES = (*ENGINE.rows, Outcome, Caution)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def done(folders):
    return start(tiny_spec(seeds=(0, 1)), folders, "whole")


def same(a: pd.DataFrame, b: pd.DataFrame) -> None:
    keys = [name for name in a.columns if a[name].dtype.kind not in "f"]
    ordered = [frame.sort_values(keys, ignore_index=True) for frame in (a, b)]
    pd.testing.assert_frame_equal(*ordered, rtol=1e-6, check_dtype=False)


def test_every_table_is_filled(done):
    counts = {kind.table(): len(done.table(kind)) for kind in TABLES}
    assert counts == {
        "LanguageProfile": 9,
        "ParallelSentence": 9 * 20,
        "SubspaceDistance": 3 * (9 + 36) + 3 * (9 + 8),
        "LayerInArea": 2 * 3,
        "ShiftSpan": 2,
        "ArmAtLayer": 2 * 3 * 8 * 3,
        "ProjectedSentence": 3 * 9 * 10 * 2,
        "Outcome": 2 * 3 * 8 * (10 + 10 + 1),
        "Caution": counts["Caution"],
        "PairAtLayer": 0,
    }


def test_rows_are_in_their_ranges(done):
    apart = done.table(SubspaceDistance)
    assert (apart["riemannian"] > 0).all()
    assert apart["angle"].between(0, 90).all()
    assert set(apart["observations"]) <= set(range(40, 200))
    arms = done.table(ArmAtLayer)
    assert arms["retrieval"].between(0, 1).all()
    assert arms["pair_cosine"].between(-1, 1).all()
    assert done.table(LayerInArea).groupby("seed")["inside"].sum().tolist() == [1, 1]
    profiles = done.table(LanguageProfile)
    assert profiles.loc[profiles["dominant"], "language"].tolist() == ["en"]
    assert (profiles["fertility"] == 1).all(), "one token a letter in every cipher"


def test_arms_move_the_means_as_they_say(done):
    means = done.table(ArmAtLayer).groupby("arm")["mean_term"].mean()
    assert means.nunique() == 3
    assert means["unshifted"] < means["random_shift"]


def test_a_sentence_is_one_item_in_every_language_split_and_arm(done):
    found = done.table(Outcome).query("metric == 'retrieval_at_1'")
    assert set(found["item"]) <= set(done.table(ParallelSentence)["sentence"])
    assert (found["slice"] == "language/" + found["cluster"]).all()
    assert not found.duplicated(["arm", "seed", "slice", "item"]).any()
    judged = found.drop_duplicates(["seed", "item"]).groupby("item")["seed"].nunique()
    assert set(judged) == {1, 2}, "a sentence may be judged under either split or both"


def test_outcomes_lead_to_a_verdict_for_each_claim(done):
    verdicts = judge(ENGINE, done.table(Outcome))
    assert [verdict.claim for verdict in verdicts] == [claim.name for claim in ENGINE.claims]
    assert all(verdict.reason and verdict.answer for verdict in verdicts)
    assert {(verdict.clusters, verdict.seeds) for verdict in verdicts} == {(8, 2)}
    said = [text for verdict in verdicts for text in verdict.cautions]
    assert not any("Seeds changed nothing" in text for text in said), "splits do not pass as one"


def test_what_could_be_wrong_is_said(done):
    said = done.table(Caution)["text"]
    assert said.str.contains("20 sentences that can be used in all of these languages, 120 were asked").sum() == 1
    assert said.str.contains("split into halves 2 times").sum() == 1


def test_a_run_is_the_union_of_its_cells(done, folders):
    one = start(tiny_spec(seeds=(1,), arms=("mean_shifted",)), folders, "cell")
    for kind in (ShiftSpan, LayerInArea):
        same(one.table(kind), done.table(kind).query("seed == 1"))
    apart = one.table(SubspaceDistance).query("other == 'en' or other == language")
    same(apart, done.table(SubspaceDistance).query("seed == 1"))
    for kind in (Outcome, ArmAtLayer):
        same(one.table(kind), done.table(kind).query("seed == 1 and arm == 'mean_shifted'"))
    for kind in (LanguageProfile, ParallelSentence):
        same(one.table(kind), done.table(kind))


class KilledError(Exception):
    pass


@pytest.mark.parametrize("at", [1, 2, 6, 11, 12, 15, 20])
def test_a_run_killed_anywhere_and_resumed_equals_one_that_was_not(done, folders, at):
    class Dying(FolderLog):
        tables = 0

        def table(self, kind, frame):
            Dying.tables += 1
            if Dying.tables == at:
                raise KilledError
            super().table(kind, frame)

    name = f"killed-{at}"
    with pytest.raises(KilledError):
        start(tiny_spec(seeds=(0, 1)), folders, name, Dying)
    resumed = start(tiny_spec(seeds=(0, 1)), folders, name)
    for kind in TABLES:
        same(resumed.table(kind), done.table(kind))


@pytest.fixture
def read(monkeypatch):
    """Batches that the model reads."""
    batches, plain = [], LayerReader.read

    def watched(self, batch, visit):
        batches.append(batch)
        plain(self, batch, visit)

    monkeypatch.setattr(LayerReader, "read", watched)
    return batches


def test_a_resumed_run_does_not_read_a_language_again(folders, read):
    spec = tiny_spec()
    start(spec, folders, "again")
    assert read
    read.clear()
    start(spec, folders, "again")
    assert not read


def test_more_splits_and_arms_are_those_of_a_run_that_had_them_at_once_and_read_nothing(done, folders, read):
    start(tiny_spec(arms=("unshifted", "mean_shifted")), folders, "grown")
    read.clear()
    extend(folders, "grown", More(seeds=1))
    grown = extend(folders, "grown", More(arms=("random_shift",)))
    assert not read
    for kind in TABLES:
        same(grown.table(kind), done.table(kind))


def test_more_sentences_are_those_of_a_run_that_had_them_at_once_and_only_new_blocks_are_read(
    folders, read, monkeypatch
):
    monkeypatch.setattr("engines.shifcon.language_states.SAMPLE_TOKENS", 300)
    few = {"found": 150, "arms": ("mean_shifted", "random_shift")}
    at_once = start(tiny_spec(sentences=140, **few), folders, "at-once")
    first = start(tiny_spec(sentences=70, **few), folders, "grown-items").table(ParallelSentence)
    read.clear()
    grown = extend(folders, "grown-items", More(items=70))
    assert sum(len(batch.sentences) for batch in read) == 9 * (140 - BLOCK)
    for kind in TABLES:
        same(grown.table(kind), at_once.table(kind))
    assert set(first["sentence"]) < set(grown.table(ParallelSentence)["sentence"])


def test_a_run_too_small_for_its_basis_is_read_anew_when_it_grows(folders):
    spec = tiny_spec(found=150, sentences=40, arms=("mean_shifted",), seeds=(0, 1))
    start(spec.model_copy(update={"settings": {**spec.settings, "sentences": 20}}), folders, "small")
    grown, at_once = extend(folders, "small", More(items=20)), start(spec, folders, "enough")
    for kind in TABLES:
        same(grown.table(kind), at_once.table(kind))


def test_an_own_arm_may_draw_more_but_not_read_otherwise(folders):
    spec = tiny_spec(arms=("random_shift",))
    more = spec.model_copy(update={"own_arms": {"many": {"shift": "random", "draws": 9}}, "arms": (*spec.arms, "many")})
    assert set(start(more, folders, "own").table(Outcome)["arm"]) == {"random_shift", "many"}
    other = spec.model_copy(update={"own_arms": {"odd": {"pooling": "sentence"}}, "arms": (*spec.arms, "odd")})
    with pytest.raises(ConfigError, match="An arm may change"):
        start(other, folders, "odd")


@pytest.mark.parametrize("estimator", ["shrinkage", "ledoit_wolf"])
@pytest.mark.parametrize("pooling", ["token", "sentence"])
def test_other_estimators_run_to_the_end(folders, estimator, pooling):
    spec = tiny_spec(arms=("mean_shifted",), estimator=estimator, pooling=pooling, sinks="keep", area_by="total")
    found = start(spec, folders, f"{estimator}-{pooling}").table(SubspaceDistance)
    assert set(found["components"]) == {16}
    assert (found["riemannian"] > 0).all()


def test_too_few_sentences_for_the_basis_are_refused_with_a_remedy(folders):
    with pytest.raises(DataError, match="needs at least 40") as caught:
        start(tiny_spec(pooling="sentence"), folders, "few")
    assert "shrinkage" in caught.value.hint


def test_a_language_that_the_data_lack_is_named(folders):
    with pytest.raises(DataError, match="xx"):
        start(tiny_spec(languages=("fr", "xx")), folders, "lacking")


def test_a_folder_without_weights_is_refused(folders, tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_ROOTS", str(tmp_path))
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "config.json").write_text("{}")
    with pytest.raises(ModelError):
        start(tiny_spec(model=str(tmp_path / "bare")), folders, "bare")
