"""Database files: what counts as damage, where it goes, and write-ahead logging."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from workbench.storage.database_files import error_code, is_damage, set_aside, write_ahead


def test_damage_is_told_from_other_errors(tmp_path: Path):
    (tmp_path / "x.db").write_bytes(b"no database" * 100)
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        with pytest.raises(sqlite3.DatabaseError) as damaged:
            connection.execute("SELECT * FROM sqlite_master")
        assert is_damage(damaged.value) and error_code(damaged.value) == sqlite3.SQLITE_NOTADB
    with closing(sqlite3.connect(":memory:")) as connection:
        with pytest.raises(sqlite3.OperationalError) as wrong:
            connection.execute("SELECT * FROM nothing")
        assert not is_damage(wrong.value)
    assert error_code(sqlite3.Error("made by hand")) == 0


def test_a_file_is_set_aside_with_what_belongs_to_it(tmp_path: Path):
    path = tmp_path / "x.db"
    for ending in ("", "-wal"):
        path.with_name(f"x.db{ending}").write_text(ending or "file")
    target = set_aside(path)
    assert not list(tmp_path.glob("x.db*"))
    assert target.read_text() == "file" and target.with_name(f"{target.name}-wal").read_text() == "-wal"


def test_write_ahead_logging_is_switched_on_where_it_can_be(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        assert write_ahead(connection)
    with closing(sqlite3.connect(":memory:")) as connection:
        assert not write_ahead(connection)
