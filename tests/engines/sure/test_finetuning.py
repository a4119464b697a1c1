from pathlib import Path

import pandas as pd
import pytest

from engines.parts.tasks.tuning import tuned_row as model_row
from engines.parts.training import Preference
from engines.parts.training.training import Trained, TrainingRecord
from engines.sure.config import SureConfig
from engines.sure.finetuning import (
    TrainingSet,
    dpo_pairs,
    flipped_pairs,
    plain_examples,
    settings_of,
    sft_examples,
    shared_gold,
    training_set,
    tuned_row,
    untuned_row,
)
from engines.sure.instances import PairSet
from engines.sure.rows import Answer, MendedReader
from tests.engines.sure.tiny_run import start, tiny_spec
from workbench.contract.run_log import RunCell
from workbench.contract.schema import Caution
from workbench.storage.home import place

pytestmark = pytest.mark.filterwarnings("ignore:fan_in_fan_out")
CELL = RunCell("sft", 0)
CONFIG = SureConfig(prompting="plain", held_out_class="logic")
INSTANCES = pd.DataFrame(
    [
        ("a", "qa", "Where is ada?", "Oslo | Christiania", "T", "Oslo has ada.", True, "t1", "mending"),
        ("b", "qb", "Where is bo?", "Rome", "", "Rome has bo.", True, "t2", "held_out"),
        ("c", "qc", "Where is cy?", "Lima", "", "Lima has cy.", True, "t3", "mending"),
        ("d", "qd", "Where is dot?", "Riga", "", "Nothing.", False, "t4", "mending"),
    ],
    columns=["instance", "question", "asked", "answers", "title", "document", "golden", "cluster", "part"],
)
FORMS = pd.DataFrame(
    [
        ("a", "json", "format", "T\nOslo has ada.", '{"text": "Oslo has ada."}', True, ""),
        ("a", "reverse", "logic", "T\nOslo has ada.", "Ada has Oslo.", True, ""),
        ("b", "json", "format", "Rome has bo.", '{"text": "Rome has bo."}', True, ""),
        ("c", "html", "format", "Lima has cy.", "<p>Lima has cy.</p>", True, ""),
    ],
    columns=["instance", "perturbation", "kind", "before", "text", "kept", "reason"],
)
ANSWERS = pd.DataFrame(
    [
        ("a", "json", "format", "K-G", "mending", 1, "Oslo", "Bergen"),
        ("a", "reverse", "logic", "K-G", "mending", 1, "Oslo", "Ada"),
        ("b", "json", "format", "U-G", "held_out", 1, "Rome", "bo"),
        ("c", "html", "format", "U-G", "mending", -1, "cy", "Lima"),
        ("c", "json", "format", "U-G", "mending", 0, "Lima", "Lima"),
    ],
    columns=["instance", "perturbation", "kind", "subset", "part", "change", "before", "after"],
)
PAIR_SET = PairSet(CONFIG, INSTANCES, FORMS)


def test_flips_open_to_training_by_hand():
    pairs = flipped_pairs(ANSWERS, PAIR_SET, CONFIG)
    assert {(pair.question, pair.right, pair.wrong) for pair in pairs} == {
        ("Where is ada?", "Oslo", "Bergen"),
        ("Where is cy?", "Lima", "cy"),
    }
    assert len(flipped_pairs(ANSWERS, PAIR_SET, CONFIG.model_copy(update={"held_out_class": "none"}))) == 3
    assert len(flipped_pairs(ANSWERS, PAIR_SET, CONFIG.model_copy(update={"mending_pairs": 1}))) == 1


def test_more_questions_leave_a_full_set_of_pairs_as_it_was():
    wide = CONFIG.model_copy(update={"held_out_class": "none"})
    two = wide.model_copy(update={"mending_pairs": 2})
    first = ANSWERS[ANSWERS["instance"] == "a"]
    assert flipped_pairs(first, PAIR_SET, two) == flipped_pairs(ANSWERS, PAIR_SET, two)
    assert flipped_pairs(first, PAIR_SET, wide) == flipped_pairs(ANSWERS, PAIR_SET, wide)[:2]


def test_what_an_arm_learns_has_a_key_of_its_own():
    arms = {mend: CONFIG.model_copy(update={"mend": mend}) for mend in ("sft", "dpo", "sft_on_plain")}
    sets = {mend: training_set(ANSWERS, PAIR_SET, config) for mend, config in arms.items()}
    assert [found.pairs for found in sets.values()] == [2, 2, 2]
    assert [len(found.examples) for found in sets.values()] == [4, 4, 4]
    assert isinstance(sets["dpo"].examples[0], Preference)
    assert len({found.key for found in sets.values()}) == 3
    assert sets["sft"].key == training_set(ANSWERS.iloc[::-1], PAIR_SET, arms["sft"]).key
    assert TrainingSet(2, sets["sft"].examples[:2]).key != sets["sft"].key


def test_sft_learns_the_gold_answer_on_both_documents():
    pairs = flipped_pairs(ANSWERS, PAIR_SET, CONFIG)
    examples = sft_examples(pairs, CONFIG)
    assert len(examples) == 4
    assert sorted(example.response for example in examples) == ["Lima", "Lima", "Oslo", "Oslo"]
    assert any('{"text": "Oslo has ada."}' in str(example.prompt) for example in examples)


def test_dpo_prefers_the_gold_answer_to_the_wrong_one():
    pairs = dpo_pairs(flipped_pairs(ANSWERS, PAIR_SET, CONFIG), CONFIG)
    assert {(pair.chosen, pair.rejected) for pair in pairs} == {("Oslo", "Bergen"), ("Lima", "cy")}
    assert len(pairs) == 4


def test_the_control_learns_from_unchanged_documents_open_to_training():
    examples = plain_examples(5, PAIR_SET, CONFIG)
    assert len(examples) == 5
    assert {example.response for example in examples} == {"Oslo", "Lima"}
    assert plain_examples(2, PAIR_SET.of(["b", "d"]), CONFIG) == []


def test_the_gold_answer_must_stand_in_both_documents():
    assert shared_gold(["Christiania", "Oslo"], ["Oslo.", "Oslo or Christiania."], CONFIG) == "Oslo"
    assert shared_gold(["Rome"], ["Oslo."], CONFIG) == ""


def test_settings_are_those_of_the_arm():
    sft = settings_of(CONFIG.model_copy(update={"mend": "sft", "rank": 4}), 7)
    dpo = settings_of(CONFIG.model_copy(update={"mend": "dpo"}), 7)
    assert (sft.learning_rate, sft.rank, sft.alpha, sft.seed) == (CONFIG.learning_rate, 4, 8, 7)
    assert dpo.learning_rate == CONFIG.dpo_learning_rate


def test_the_rows_of_readers_by_hand():
    record = TrainingRecord(
        losses=(8.0, 6.0, 2.0, 1.0), tokens=9, seconds=1.0, examples=4, dropped=0, cut=0, parameters=5
    )
    model = model_row(CELL, "sft-0", Trained(Path("x"), "run:x/sft-0.adapter.zip", record))
    row = tuned_row(model, 2)
    assert (row.first_loss, row.last_loss, row.updates, row.pairs) == (8.0, 1.0, 4, 2)
    assert (row.arm, row.reader, row.examples) == ("sft", "run:x/sft-0.adapter.zip", 4)
    untuned = untuned_row(CELL, "r")
    assert (untuned.examples, untuned.reader, untuned.first_loss != untuned.first_loss) == (0, "r", True)


def test_own_arms_learn_from_the_flips_of_their_own_base():
    spec = tiny_spec(arms=("reader", "sft"), oracle_questions=0, attention_pairs=0)
    own = {"brief": {"mend": "sft", "mending_pairs": 1}}
    more = spec.model_copy(update={"own_arms": own, "arms": (*spec.arms, "brief")})
    run = start(more, place("runs"), "sure-own-tuned")
    pairs = run.table(MendedReader).set_index("arm")["pairs"].to_dict()
    assert pairs == {"reader": 0, "sft": 3, "brief": 1}
    assert run.table(Answer).groupby("arm")["instance"].nunique().to_dict() == {"reader": 15, "sft": 4, "brief": 4}


def test_an_arm_that_cannot_be_trained_is_doubted():
    spec = tiny_spec(arms=("sft",), held_out=0.0, oracle_questions=0, attention_pairs=0)
    run = start(spec, place("runs"), "sure-nothing-held-out")
    cautions = run.table(Caution)
    told = cautions[cautions["claim"] == "sft_repairs"]["text"].tolist()
    assert told == ["sft was not trained: nothing is held out."]
    assert run.table(Answer).empty
