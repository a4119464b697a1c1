import numpy as np
import pandas as pd
import pytest

from engines.shifcon import ENGINE
from engines.shifcon.asking import vector_of
from engines.shifcon.config import SentencePair
from engines.shifcon.rows import PairAtLayer
from tests.engines.shifcon.tiny_run import LANGUAGES, start, tiny_spec
from workbench.contract.errors import DataError
from workbench.contract.fields import question_spec


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def done(folders):
    return start(tiny_spec(seeds=(0, 1), arms=("mean_shifted",)), folders, "whole")


def ask(done, folders, name: str, **question) -> pd.DataFrame:
    spec = question_spec(ENGINE, "whole", question)
    pair = SentencePair.model_validate(spec.settings)
    return start(spec, folders, name, work=lambda _, log: ENGINE.load_ask()(pair, done, log)).table(PairAtLayer)


def test_two_sentences_are_compared_layer_by_layer(done, folders):
    rows = ask(done, folders, "ask", first="abc def", second="the same", second_language="fr")
    assert rows.groupby("shifted")["layer"].apply(list).tolist() == [[0, 1, 2], [0, 1, 2]]
    before, after = (rows[rows["shifted"] == shifted]["distance"].to_numpy() for shifted in (False, True))
    assert (before != after).all()
    same_words = ask(done, folders, "alike", first="abc", second="abc", first_language="", second_language="")
    assert same_words["cosine"].to_numpy() == pytest.approx(1)
    assert same_words["distance"].to_numpy() == pytest.approx(0, abs=1e-6)


def test_a_question_beyond_the_run_is_refused(done, folders):
    with pytest.raises(DataError, match=f"did not read 'xx'; it read {', '.join(LANGUAGES)}"):
        ask(done, folders, "foreign", second_language="xx")


def test_vectors_of_an_older_run_are_those_of_its_first_split():
    by_split = {f"{seed}/{name}": np.full(1, seed) for seed in (1, 0) for name in ("en", "fr")} | {
        "longest": np.ones(1)
    }
    assert vector_of("fr", by_split | {"longest": np.ones(1)})[0] == 0
    assert vector_of("fr", {"fr": np.full(1, 7), "longest": np.ones(1)})[0] == 7
