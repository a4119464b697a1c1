from concurrent.futures import ThreadPoolExecutor

from engines.parts.registry.json_store import KeptFacts


def test_a_fact_is_kept_beside_the_others(tmp_path):
    facts = KeptFacts(tmp_path / "facts.json")
    assert facts.get("speed") is None
    facts.put("speed", 2.5)
    KeptFacts(tmp_path / "facts.json").put("hash", "ab")
    assert (facts.get("speed"), facts.get("hash")) == (2.5, "ab")


def test_a_damaged_file_counts_as_empty_and_heals(tmp_path):
    facts = KeptFacts(tmp_path / "facts.json")
    for damage in ("", "{", "[1]", "\x00"):
        facts.path.write_text(damage)
        assert facts.get("speed") is None
        facts.put("speed", 1)
        assert facts.get("speed") == 1


def test_writers_side_by_side_lose_nothing(tmp_path):
    facts = KeptFacts(tmp_path / "facts.json")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: facts.put(str(number), number), range(40)))
    assert [facts.get(str(number)) for number in range(40)] == list(range(40))
