import gzip
import io
import re
import tarfile

import pytest

from engines.parts.registry import source_archives
from engines.parts.registry.packages import downloaded
from engines.parts.registry.source_archives import source_members
from tests.engines.parts.small_sdist import make_sdist
from workbench.contract.errors import DataError

ALL = re.compile(r".*\.txt")


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shelf"))
    (tmp_path / "home").mkdir()
    return tmp_path / "shelf"


def tar_of(path, *entries):
    with tarfile.open(path, "w:gz") as tar:
        for entry, content in entries:
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


def test_an_archive_is_fetched_through_pip_and_its_build_code_is_not_run(shelf, tmp_path):
    package = make_sdist(shelf, "somedata", {"data/a.txt": b"hello", "data/b.py": b"x"})
    with downloaded(package, tmp_path / "home") as archive:
        assert list(source_members(archive, ALL, 100)) == [("data/a.txt", b"hello")]
    assert not (shelf / "ran").exists()
    assert list((tmp_path / "home").iterdir()) == []


def test_an_archive_that_is_not_the_pinned_one_is_not_even_opened(shelf, tmp_path):
    evil = b"[build-system]\nrequires = []\nbuild-backend = 'evil'\nbackend-path = ['.']\n"
    code = f"import pathlib\npathlib.Path({str(shelf / 'ran')!r}).touch()\n".encode()
    package = make_sdist(shelf, "somedata", {"pyproject.toml": evil, "evil.py": code}, sha256="0" * 64)
    with pytest.raises(DataError, match="could not download somedata"), downloaded(package, tmp_path / "home"):
        pytest.fail("it was given out")
    assert not (shelf / "ran").exists()


def test_names_are_compared_whole_and_without_the_first_folder(tmp_path):
    path = tar_of(
        tmp_path / "a.tar.gz", *((tarfile.TarInfo(f"x-1/{name}"), b"1") for name in ("a.txt", "b/a.txt", "../a.txt"))
    )
    assert [name for name, _ in source_members(path, re.compile(r"a\.txt"), 9)] == ["a.txt"]


def test_links_and_folders_are_no_members(tmp_path):
    link, folder = tarfile.TarInfo("x/a.txt"), tarfile.TarInfo("x/b.txt")
    link.type, link.linkname, folder.type = tarfile.SYMTYPE, "/etc/passwd", tarfile.DIRTYPE
    assert list(source_members(tar_of(tmp_path / "a.tar.gz", (link, b""), (folder, b"")), ALL, 100)) == []


def test_a_member_larger_than_allowed_is_refused(tmp_path):
    path = tar_of(tmp_path / "a.tar.gz", (tarfile.TarInfo("x/a.txt"), bytes(1_001)))
    with pytest.raises(DataError, match="more than 1,000 bytes"):
        list(source_members(path, ALL, 1_000))


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(source_archives, "LARGEST_UNPACKED", 1_000_000)
    path = tar_of(
        tmp_path / "a.tar.gz", (tarfile.TarInfo("x/other"), bytes(5_000_000)), (tarfile.TarInfo("x/a.txt"), b"1")
    )
    assert path.stat().st_size < 10_000
    with pytest.raises(DataError, match="unpacks to more than 1,000,000 bytes"):
        list(source_members(path, ALL, 100))


def test_too_many_members_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(source_archives, "MOST_MEMBERS", 3)
    path = tar_of(tmp_path / "a.tar.gz", *((tarfile.TarInfo(f"x/{number}"), b"") for number in range(4)))
    with pytest.raises(DataError, match="more than 3 members"):
        list(source_members(path, ALL, 100))


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"no tar" * 500, mtime=0), gzip.compress(bytes(600), mtime=0)[:-9]],
    ids=["empty", "no gzip", "no tar", "cut short"],
)
def test_what_is_no_sound_archive_is_refused(tmp_path, content):
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(DataError, match="is not a sound tar"):
        list(source_members(tmp_path / "a.tar.gz", ALL, 100))
