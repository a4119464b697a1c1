import json

import pandas as pd

from engines.sure.config import SureConfig
from engines.sure.instances import instance_frame, instances_of, ready_made_forms, rule_based_forms
from engines.sure.judging import Probe
from engines.sure.pairs_file import flipped_by_all, write_pairs
from engines.sure.questions import open_questions
from workbench.storage.home import place


def small_probe() -> Probe:
    config = SureConfig(questions=3, noise_questions=1)
    instances = instances_of(open_questions(config), config)
    return Probe(config, instance_frame(instances), rule_based_forms(instances, config))


def test_pairs_are_read_back_as_they_were(fresh_home):
    probe = small_probe()
    path = place("uploads") / "pairs.jsonl"
    assert write_pairs(probe, path) == len(probe.forms) == 40
    config = SureConfig(data="upload:pairs.jsonl", questions=100)
    asked = open_questions(config)
    assert not asked.pool and len(asked.pairs) == 40
    again = ready_made_forms(asked, instances_of(asked, config), config)
    keys = ["instance", "perturbation"]
    pd.testing.assert_frame_equal(
        again.sort_values(keys, ignore_index=True), probe.forms.sort_values(keys, ignore_index=True)
    )
    golden = {row.instance: row.golden for row in instances_of(asked, config)}
    assert golden == dict(zip(probe.instances["instance"], probe.instances["golden"], strict=True))


def test_only_what_is_asked_for_is_written(tmp_path):
    probe = small_probe()
    first = str(probe.instances["instance"].iloc[0])
    assert write_pairs(probe, tmp_path / "some.jsonl", {(first, "json")}) == 1
    row = json.loads((tmp_path / "some.jsonl").read_text())
    assert (row["instance"], row["perturbation"], row["golden"]) == (first, "json", True)


def test_flips_of_all_readers_by_hand():
    names = ["instance", "perturbation", "change", "subset"]
    one = pd.DataFrame([("a", "json", 1, "K-G"), ("b", "json", -1, "U-G"), ("c", "json", 1, "U-N")], columns=names)
    other = pd.DataFrame([("a", "json", -1, "U-G"), ("b", "json", 0, "U-G"), ("c", "json", 1, "U-N")], columns=names)
    assert flipped_by_all({"one": one, "other": other}) == {("a", "json")}
    assert flipped_by_all({"one": one}) == {("a", "json"), ("b", "json")}
    assert flipped_by_all({}) == set()
