from engines.sure.rows import AttentionChange, RankedDocument
from tests.engines.sure.tiny_run import start, tiny_spec
from workbench.storage.home import place


def test_looking_can_be_left_out():
    found = start(tiny_spec(oracle_questions=0, attention_pairs=0), place("runs"), "sure-unseen")
    assert found.table(RankedDocument).empty and found.table(AttentionChange).empty
    events = (place("runs") / "sure-unseen" / "events.jsonl").read_text()
    assert "preliminary test was left out" in events and "Attention was left out" in events


def test_equal_documents_of_other_questions_are_ranked_too():
    found = start(tiny_spec(attention_pairs=0), place("runs"), "sure-ranked")
    ranked = found.table(RankedDocument)
    assert ranked.groupby("question").size().eq(4).all()
    assert (ranked["candidates"] >= 2).all()
    spread = ranked.pivot_table(index="question", columns="group", values="score")
    assert (spread["preferred"] >= spread["least preferred"]).all()
