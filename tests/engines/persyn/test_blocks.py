from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engines.persyn.blocks import JUDGED_AT_ONCE, block_of, blocks_of, digest_of, judged_blocks, training_key
from engines.persyn.panel import Panel
from engines.persyn.prompts import Asked


def panel(held_out: int, training: int = 6) -> Panel:
    prompts = [Asked(f"t{at}", "x", split="calibration" if at < 2 else "routed") for at in range(training)]
    prompts += [Asked(f"h{at}", "y", split="held_out") for at in range(held_out)]
    return Panel(tuple(prompts), (), None, "", "")


def test_blocks_by_hand():
    found = blocks_of(panel(JUDGED_AT_ONCE + 5), "calibration", "routed", "held_out")
    assert [block.name for block in found] == ["calibration", "routed", "held_out 1", "held_out 2"]
    assert found[0].places == (0, 1) and found[1].places == (2, 3, 4, 5)
    assert len(found[2].places) == JUDGED_AT_ONCE and len(found[3].places) == 5
    assert blocks_of(panel(0, 0), "calibration", "routed", "held_out") == []


@given(st.integers(0, 200), st.integers(0, 200))
def test_more_judged_prompts_leave_full_blocks_and_the_training_as_they_are(held_out, more):
    few, many = panel(held_out), panel(held_out + more)
    before = blocks_of(few, "calibration", "routed", "held_out")
    after = {block.name: block for block in blocks_of(many, "calibration", "routed", "held_out")}
    full = [block for block in before if not block.name.startswith("held_out") or len(block.places) == JUDGED_AT_ONCE]
    assert all(after[block.name] == block for block in full)
    assert training_key(few) == training_key(many)


@given(st.lists(st.text(), max_size=5), st.lists(st.text(), max_size=5))
def test_digests_are_equal_for_equal_texts_alone(some, others):
    assert (digest_of(some) == digest_of(others)) == (some == others)
    assert len(digest_of(some)) == 16


def test_a_changed_prompt_changes_the_key_of_its_block():
    asked = panel(3)
    changed = replace(asked, prompts=(replace(asked.prompts[0], text="other"), *asked.prompts[1:]))
    assert training_key(asked) != training_key(changed)
    assert block_of(asked, "a", [6, 7]).key == block_of(changed, "b", [6, 7]).key
    assert [len(block.places) for block in judged_blocks(asked, "x", [6, 7, 8])] == [3]
