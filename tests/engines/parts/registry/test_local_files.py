import pytest

from engines.parts.registry.local_files import allowed_roots, is_local, local_path, of_run, uploaded
from workbench.contract.errors import DataError, ModelError
from workbench.storage.home import place


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.delenv("BENCHWRIGHT_ROOTS", raising=False)
    return tmp_path / "home"


def test_the_default_roots_are_our_folders_and_the_hubs_cache(own_home, tmp_path):
    assert allowed_roots() == [own_home / "models", own_home / "data", own_home / "uploads", tmp_path / "hub"]


def test_a_file_under_a_root_is_found_and_one_outside_refused(own_home, tmp_path, monkeypatch):
    inside, outside = place("data") / "a.csv", tmp_path / "elsewhere" / "a.csv"
    outside.parent.mkdir()
    for path in (inside, outside):
        path.write_text("en,fr")
    assert local_path(str(inside), DataError) == inside
    with pytest.raises(DataError, match="outside the folders") as caught:
        local_path(str(outside), DataError)
    assert "BENCHWRIGHT_ROOTS" in caught.value.hint
    monkeypatch.setenv("BENCHWRIGHT_ROOTS", f"{tmp_path / 'nothing'}:{outside.parent}")
    assert local_path(str(outside), DataError) == outside


@pytest.mark.parametrize("name", ["history.db", "runs/r1/spec.json"])
def test_the_rest_of_the_data_folder_is_no_root(own_home, name):
    path = own_home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    with pytest.raises(ModelError, match="outside"):
        local_path(str(path), ModelError)


def test_links_and_dots_do_not_lead_out(own_home, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("en,fr")
    (place("data") / "link.csv").symlink_to(secret)
    for ref in (str(place("data") / "link.csv"), f"{place('data')}/../../secret.csv"):
        with pytest.raises(DataError, match="outside"):
            local_path(ref, DataError)


@pytest.mark.parametrize("ref", ["/no/such/file", "~nobody-here/x", "/a\0b", "/" + "x" * 300, "./a.csv", "../a"])
def test_what_is_not_there_is_refused_in_words(ref):
    assert is_local(ref)
    with pytest.raises(DataError) as caught:
        local_path(ref, DataError)
    assert caught.value.hint


def test_an_upload_is_found_by_its_bare_name():
    (place("uploads") / "my table.csv").write_text("en,fr")
    assert uploaded("upload:my table.csv", DataError) == place("uploads") / "my table.csv"
    with pytest.raises(DataError, match=r"no upload named 'other\.csv'") as caught:
        uploaded("upload:other.csv", DataError)
    assert "my table.csv" in caught.value.hint


@pytest.mark.parametrize("name", ["../home/models/x", "/etc/passwd", "..", ".", "", "a\0b", "..\\x", "x" * 400])
def test_an_upload_is_never_a_path(name):
    with pytest.raises(DataError, match="no upload"):
        uploaded(f"upload:{name}", DataError)


def test_an_upload_that_links_out_is_refused(tmp_path):
    (tmp_path / "secret").write_text("")
    (place("uploads") / "a.csv").symlink_to(tmp_path / "secret")
    with pytest.raises(DataError, match="no upload"):
        uploaded("upload:a.csv", DataError)


def test_what_a_run_saved_is_found():
    folder = place("runs") / "r1" / "artifacts"
    folder.mkdir(parents=True)
    (folder / "pairs.jsonl").write_text("")
    assert of_run("run:r1/pairs.jsonl", DataError) == folder / "pairs.jsonl"


@pytest.mark.parametrize(
    "ref",
    [
        "run:r1/nothing",
        "run:r1",
        "run:r1/../../x",
        "run:../r1/x",
        "run:R1/x",
        "run:/x",
        "run:r1/.x",
        "run:r1/a/b",
        "run:r1/a\n",
    ],
)
def test_what_no_run_saved_is_refused(ref):
    with pytest.raises(DataError, match="names nothing that a run saved"):
        of_run(ref, DataError)
