import pandas as pd
import pytest

from engines.parts.training.training import Trained, TrainingRecord
from engines.sure.config import SureConfig
from engines.sure.judging import Probe
from engines.sure.mending import (
    TrainingSet,
    dpo_pairs,
    flipped_pairs,
    held_out_instances,
    mended_row,
    plain_examples,
    probable_flips,
    sft_examples,
    shared_gold,
    training_set,
    training_settings,
    unmended_row,
)

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
PROBE = Probe(CONFIG, INSTANCES, FORMS)


def test_flips_open_to_training_by_hand():
    pairs = flipped_pairs(ANSWERS, PROBE, CONFIG)
    assert {(pair.question, pair.right, pair.wrong) for pair in pairs} == {
        ("Where is ada?", "Oslo", "Bergen"),
        ("Where is cy?", "Lima", "cy"),
    }
    assert len(flipped_pairs(ANSWERS, PROBE, CONFIG.model_copy(update={"held_out_class": "none"}))) == 3
    assert len(flipped_pairs(ANSWERS, PROBE, CONFIG.model_copy(update={"mending_pairs": 1}))) == 1


def test_more_questions_leave_a_full_set_of_pairs_as_it_was():
    wide = CONFIG.model_copy(update={"held_out_class": "none"})
    two = wide.model_copy(update={"mending_pairs": 2})
    first = ANSWERS[ANSWERS["instance"] == "a"]
    assert flipped_pairs(first, PROBE, two) == flipped_pairs(ANSWERS, PROBE, two)
    assert flipped_pairs(first, PROBE, wide) == flipped_pairs(ANSWERS, PROBE, wide)[:2]


def test_what_an_arm_learns_has_a_key_of_its_own():
    arms = {mend: CONFIG.model_copy(update={"mend": mend}) for mend in ("sft", "dpo", "sft_on_plain")}
    sets = {mend: training_set(ANSWERS, PROBE, config) for mend, config in arms.items()}
    assert [found.pairs for found in sets.values()] == [2, 2, 2]
    assert [len(found.examples) for found in sets.values()] == [4, 0, 4]
    assert len(sets["dpo"].preferences) == 4
    assert len({found.key for found in sets.values()}) == 3
    assert sets["sft"].key == training_set(ANSWERS.iloc[::-1], PROBE, arms["sft"]).key
    assert TrainingSet(2, sets["sft"].examples[:2]).key != sets["sft"].key


def test_sft_learns_the_gold_answer_on_both_documents():
    pairs = flipped_pairs(ANSWERS, PROBE, CONFIG)
    examples = sft_examples(pairs, CONFIG)
    assert len(examples) == 4
    assert sorted(example.response for example in examples) == ["Lima", "Lima", "Oslo", "Oslo"]
    assert any('{"text": "Oslo has ada."}' in str(example.prompt) for example in examples)


def test_dpo_prefers_the_gold_answer_to_the_wrong_one():
    pairs = dpo_pairs(flipped_pairs(ANSWERS, PROBE, CONFIG), CONFIG)
    assert {(pair.chosen, pair.rejected) for pair in pairs} == {("Oslo", "Bergen"), ("Lima", "cy")}
    assert len(pairs) == 4


def test_the_control_learns_from_unchanged_documents_open_to_training():
    examples = plain_examples(5, PROBE, CONFIG)
    assert len(examples) == 5
    assert {example.response for example in examples} == {"Oslo", "Lima"}
    assert plain_examples(2, PROBE.of(["b", "d"]), CONFIG) == []


def test_the_gold_answer_must_stand_in_both_documents():
    assert shared_gold(["Christiania", "Oslo"], ["Oslo.", "Oslo or Christiania."], CONFIG) == "Oslo"
    assert shared_gold(["Rome"], ["Oslo."], CONFIG) == ""


def test_estimates_use_pairs_of_the_right_size():
    assert len(probable_flips(PROBE, CONFIG)) == CONFIG.mending_pairs
    assert probable_flips(PROBE.of([]), CONFIG) == []


def test_settings_are_those_of_the_arm():
    sft = training_settings(CONFIG.model_copy(update={"mend": "sft", "rank": 4}), 7)
    dpo = training_settings(CONFIG.model_copy(update={"mend": "dpo"}), 7)
    assert (sft.learning_rate, sft.rank, sft.alpha, sft.seed) == (CONFIG.learning_rate, 4, 8, 7)
    assert dpo.learning_rate == CONFIG.dpo_learning_rate


def test_the_row_of_a_training_by_hand(tmp_path):
    record = TrainingRecord(
        losses=(8.0, 6.0, 2.0, 1.0), tokens=9, seconds=1.0, examples=4, dropped=0, cut=0, parameters=5
    )
    row = mended_row(Trained(tmp_path, "run:x/sft-0.adapter.zip", record), 2, ("sft", 0))
    assert (row.first_loss, row.last_loss, row.updates, row.pairs) == (8.0, 1.0, 4, 2)
    assert unmended_row("reader", 0, "r").examples == 0


@pytest.mark.parametrize(("most", "count"), [(5, 1), (1, 1)])
def test_mended_readers_are_judged_on_held_out_golden_documents(most, count):
    assert held_out_instances(PROBE, most) == ["b"][:count]
