import pandas as pd
import pytest

from engines.shifcon import ENGINE
from engines.shifcon.config import (
    ArmAtLayer,
    LanguageProfile,
    LayerInArea,
    ParallelSentence,
    ProjectedSentence,
    ShiftSpan,
    SubspaceDistance,
)
from tests.engines.shifcon.tiny_run import start, tiny_spec
from workbench.errors import ConfigError, DataError, ModelError
from workbench.runlog import FolderLog
from workbench.schema import Outcome
from workbench.statistics import judge

TABLES = (*ENGINE.rows, Outcome)


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
        "SubspaceDistance": 2 * 3 * (9 + 36),
        "LayerInArea": 2 * 3,
        "ShiftSpan": 2,
        "ArmAtLayer": 2 * 3 * 8 * 3,
        "ProjectedSentence": 2 * 3 * 9 * 10 * 2,
        "Outcome": 2 * 3 * 8 * (10 + 10 + 1),
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


def test_outcomes_lead_to_a_verdict_for_each_claim(done):
    verdicts = judge(ENGINE, done.table(Outcome))
    assert [verdict.claim for verdict in verdicts] == [claim.name for claim in ENGINE.claims]
    assert all(verdict.reason for verdict in verdicts)


def test_a_run_is_the_union_of_its_cells(done, folders):
    one = start(tiny_spec(seeds=(1,), arms=("mean_shifted",)), folders, "cell")
    for kind in (SubspaceDistance, ShiftSpan, LayerInArea, ProjectedSentence):
        same(one.table(kind), done.table(kind).query("seed == 1"))
    for kind in (Outcome, ArmAtLayer):
        same(one.table(kind), done.table(kind).query("seed == 1 and arm == 'mean_shifted'"))
    for kind in (LanguageProfile, ParallelSentence):
        same(one.table(kind), done.table(kind))


class KilledError(Exception):
    pass


@pytest.mark.parametrize("at", [1, 2, 6, 11, 14])
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


def test_a_resumed_run_does_not_read_a_language_again(folders, monkeypatch):
    spec = tiny_spec()
    start(spec, folders, "again")
    read = []
    from engines.parts.hidden_states import LayerReader

    monkeypatch.setattr(LayerReader, "read", lambda self, batch, visit: read.append(batch))
    start(spec, folders, "again")
    assert not read


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
