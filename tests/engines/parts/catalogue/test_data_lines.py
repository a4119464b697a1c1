import os

import pytest

from engines.parts.catalogue.data_lines import data_lines, keep_count
from workbench.storage.home import place


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path))


def uploads():
    return [line for line in data_lines() if line.ref.startswith("upload:")]


def test_bundled_sets_come_first_with_their_credit():
    line = data_lines()[0]
    assert line.ref == "django-messages" and not line.ready and line.rows is None
    assert line.record == "parallel sentences" and "BSD-3-Clause" in line.credit


def test_sets_of_the_package_itself_are_always_ready():
    line = next(line for line in data_lines() if line.ref == "public-facts")
    assert line.ready and line.disk_bytes and line.record == "questions" and "Apache-2.0" in line.credit


def test_uploads_follow_the_newest_first():
    for at, name in enumerate(("old.csv", "new.csv", ".half.part")):
        (place("uploads") / name).write_text("a\n1\n")
        os.utime(place("uploads") / name, (at, at))
    assert [(line.ref, line.disk_bytes) for line in uploads()] == [("upload:new.csv", 4), ("upload:old.csv", 4)]


def test_a_count_holds_until_the_file_changes():
    path = place("uploads") / "a.csv"
    path.write_text("a\n1\n")
    keep_count(path, 1, "prompts")
    assert [(line.rows, line.record) for line in uploads()] == [(1, "prompts")]
    path.write_text("a\n1\n2\n")
    assert [(line.rows, line.record) for line in uploads()] == [(None, "")]


def test_damaged_counts_are_no_counts():
    path = place("uploads") / "a.csv"
    path.write_text("a\n")
    keep_count(path, True)
    assert uploads()[0].rows is None
    (place("data") / "counts.json").write_text("[1")
    assert uploads()[0].rows is None
