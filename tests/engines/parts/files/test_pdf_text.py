import json
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from engines.parts.files import pdf_text
from engines.parts.files.documents import read_document
from engines.parts.files.pdf_text import page_texts
from tests.engines.parts.small_pdf import make_pdf
from workbench.contract.errors import DataError


def test_pages_are_read_in_order(tmp_path):
    found = page_texts(make_pdf(tmp_path / "a.pdf", ["One é", "Two"]))
    assert found == {"pages": ["One é\n", "Two\n"], "broken": 0, "reordered": 0, "title": ""}


def test_the_script_says_the_same_and_loads_nothing_of_the_project(tmp_path):
    path = make_pdf(tmp_path / "a.pdf", ["One é", "Two"])
    done = subprocess.run(
        [sys.executable, "-P", pdf_text.__file__, path], capture_output=True, check=True, cwd=tmp_path, timeout=60
    )
    assert json.loads(done.stdout) == {"pages": ["One é\n", "Two\n"], "broken": 0, "reordered": 0, "title": ""}
    lines = Path(pdf_text.__file__).read_text("utf-8").splitlines()
    names = {line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))}
    assert names <= sys.stdlib_module_names


def test_too_many_pages_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf_text, "MOST_PAGES", 2)
    assert page_texts(make_pdf(tmp_path / "a.pdf", ["a", "b", "c"])) == {"refused": "too many pages"}


def test_too_much_text_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf_text, "MOST_CHARACTERS", 5)
    assert page_texts(make_pdf(tmp_path / "a.pdf", ["abc", "def"])) == {"refused": "too large"}


def test_a_page_that_unpacks_to_gigabytes_takes_no_memory(tmp_path):
    bomb = zlib.compressobj(9)
    content = b"".join(bomb.compress(bytes(10_000_000)) for _ in range(30)) + bomb.flush()
    path = make_pdf(tmp_path / "a.pdf", ["A page of ordinary text.", content])
    assert path.stat().st_size < 400_000
    begin = time.monotonic()
    with pytest.raises(DataError, match="unpacks to more than is read"):
        read_document(path)
    assert time.monotonic() - begin < 60
