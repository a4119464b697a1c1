import shutil
import threading
import zipfile

import pytest

from engines.parts.registry.packages import (
    _bytes_under,
    copy_member,
    downloaded,
    member_bytes,
    opened,
    require_disk,
    sha256_of,
)
from tests.engines.parts.small_wheel import make_wheel
from workbench.contract.errors import DataError, ResourceError


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shelf"))
    (tmp_path / "home").mkdir()
    return tmp_path / "shelf"


def test_the_wheel_is_there_inside_the_block_and_gone_after_it(shelf, tmp_path):
    package = make_wheel(shelf, "smallthing", {"smallthing/a.txt": b"hello"})
    heard = []
    with downloaded(package, tmp_path / "home", lambda *said: heard.append(said)) as wheel, opened(wheel) as archive:
        assert member_bytes(archive, "smallthing/a.txt", 10) == b"hello"
    assert list((tmp_path / "home").iterdir()) == []
    assert heard[-1] == ("smallthing", package.wheel_bytes, package.wheel_bytes)


def test_another_file_under_the_version_is_refused(shelf, tmp_path):
    package = make_wheel(shelf, "smallthing", {"smallthing/a.txt": b"hello"}, sha256="0" * 64)
    with pytest.raises(DataError, match="expected 0000"), downloaded(package, tmp_path / "home"):
        pytest.fail("the wheel was given out")
    assert list((tmp_path / "home").iterdir()) == []


def test_a_missing_package_says_why_and_what_to_do(shelf, tmp_path):
    package = make_wheel(shelf, "smallthing", {})
    (shelf / "smallthing-1.0-py3-none-any.whl").unlink()
    with pytest.raises(DataError, match="No matching distribution") as caught, downloaded(package, tmp_path / "home"):
        pytest.fail("there was nothing to give")
    assert "benchwright fetch" in caught.value.hint


def test_a_folder_named_pip_in_the_working_directory_is_not_run(shelf, tmp_path, monkeypatch):
    package = make_wheel(shelf, "smallthing", {"smallthing/a.txt": b"hello"})
    (tmp_path / "pip.py").write_text("open('ran', 'w')")
    monkeypatch.chdir(tmp_path)
    with downloaded(package, tmp_path / "home"):
        assert not (tmp_path / "ran").exists()


def test_a_member_larger_than_allowed_is_refused_before_it_fills_the_disk(tmp_path):
    make_wheel(tmp_path, "bomb", {"bomb/zeros": bytes(10_000_000)})
    wheel = tmp_path / "bomb-1.0-py3-none-any.whl"
    assert wheel.stat().st_size < 20_000
    with pytest.raises(DataError, match="more than 1,000,000 bytes"):
        copy_member(wheel, "bomb/zeros", tmp_path / "out", 1_000_000)
    assert (tmp_path / "out").stat().st_size <= 1_000_000
    with pytest.raises(DataError, match="more than 5 bytes"), opened(wheel) as archive:
        member_bytes(archive, "bomb/zeros", 5)


def test_a_member_of_just_the_allowed_size_is_taken(tmp_path):
    make_wheel(tmp_path, "small", {"small/a": b"12345"})
    copy_member(tmp_path / "small-1.0-py3-none-any.whl", "small/a", tmp_path / "out", 5)
    assert (tmp_path / "out").read_bytes() == b"12345"


def test_a_missing_member_is_named(tmp_path):
    make_wheel(tmp_path, "small", {"small/a": b"1"})
    with pytest.raises(DataError, match="no member small/b"):
        copy_member(tmp_path / "small-1.0-py3-none-any.whl", "small/b", tmp_path / "out", 5)


def test_a_damaged_wheel_is_a_data_error(tmp_path):
    make_wheel(tmp_path, "small", {"small/a": bytes(range(256)) * 400})
    wheel = tmp_path / "small-1.0-py3-none-any.whl"
    content = bytearray(wheel.read_bytes())
    content[60:120] = bytes(60)
    wheel.write_bytes(content)
    with pytest.raises(DataError, match="not a sound zip file"):
        copy_member(wheel, "small/a", tmp_path / "out", 1_000_000)
    wheel.write_bytes(b"no zip at all")
    with pytest.raises(DataError, match="not a sound zip file"), opened(wheel):
        pytest.fail("it was opened")


def test_too_many_members_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "many.whl", "w") as archive:
        for number in range(30):
            archive.writestr(str(number), b"")
    with pytest.raises(DataError, match="30 members, at most 20"), opened(tmp_path / "many.whl", most_members=20):
        pytest.fail("it was opened")


def test_a_full_disk_is_seen_before_the_download(tmp_path):
    require_disk(tmp_path, 1)
    with pytest.raises(ResourceError, match="are needed under"):
        require_disk(tmp_path, 10**18)


def test_sha256_of_known_bytes(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_of(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_progress_is_counted_while_pip_makes_and_removes_folders(tmp_path):
    (tmp_path / "stays").write_bytes(bytes(100))
    done = threading.Event()

    def churn():
        while not done.is_set():
            (tmp_path / "pip" / "deep" / "er").mkdir(parents=True)
            (tmp_path / "pip" / "deep" / "part").write_bytes(bytes(10))
            shutil.rmtree(tmp_path / "pip")

    churning = threading.Thread(target=churn)
    churning.start()
    try:
        counted = {_bytes_under(tmp_path) for _ in range(500)}
    finally:
        done.set()
        churning.join()
    assert counted <= {100, 110}
