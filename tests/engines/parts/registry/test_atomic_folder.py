from concurrent.futures import ThreadPoolExecutor

import pytest

from engines.parts.registry.atomic_folder import atomic_folder


def test_many_at_once_make_it_once(tmp_path):
    calls = []

    def make(scratch):
        calls.append(scratch)
        (scratch / "proof").write_text("done")

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: atomic_folder(tmp_path / "thing", "proof", make), range(6)))
    assert len(calls) == 1
    assert found == [tmp_path / "thing"] * 6
    assert (tmp_path / "thing" / "proof").read_text() == "done"


def test_a_failure_leaves_nothing_and_the_next_try_works(tmp_path):
    def fail(scratch):
        (scratch / "half").write_text("")
        raise ValueError("no network")

    with pytest.raises(ValueError, match="no network"):
        atomic_folder(tmp_path / "thing", "proof", fail)
    assert [path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")] == []
    atomic_folder(tmp_path / "thing", "proof", lambda scratch: (scratch / "proof").write_text(""))
    assert [path.name for path in (tmp_path / "thing").iterdir()] == ["proof"]


def test_what_a_killed_process_left_is_cleared(tmp_path):
    (tmp_path / ".make-thing-abc" / "made").mkdir(parents=True)
    (tmp_path / ".make-other-abc").mkdir()
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing" / "half").write_text("")
    atomic_folder(tmp_path / "thing", "proof", lambda scratch: (scratch / "proof").write_text(""))
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")) == [
        ".make-other-abc",
        "thing",
    ]
    assert [path.name for path in (tmp_path / "thing").iterdir()] == ["proof"]
