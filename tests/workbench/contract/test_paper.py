"""A paper's BibTeX entry, computed from what the card says of it."""

import re
from dataclasses import replace

import pytest

from workbench.contract.paper import Paper, escaped, family_first, ordinal

PAPER = Paper(
    "GuiLoMo: 50% of {LLM}-based A & B", "Xinrong Chen, Angel X. Chang, and others", "Findings of EMNLP", 2025,
    "https://example.org/a_b", "7--9",
)  # fmt: skip


def fields_of(entry: str) -> dict[str, str]:
    """The fields of an entry, each on a line of its own; braces must be balanced."""
    assert entry.count("{") - entry.count(r"\{") == entry.count("}") - entry.count(r"\}")
    return dict(re.findall(r"^  (\w+) += \{(.*)\},?$", entry, re.MULTILINE))


def test_an_entry_says_what_the_card_says() -> None:
    assert PAPER.bibtex.startswith("@inproceedings{chen2025guilomo,\n") and PAPER.bibtex.endswith("\n}\n")
    assert fields_of(PAPER.bibtex) == {
        "title": r"{GuiLoMo}: 50\% of \{{LLM}\}-based A \& B",
        "author": "Chen, Xinrong and Chang, Angel X. and others",
        "booktitle": "Findings of the Association for Computational Linguistics: EMNLP 2025",
        "pages": "7--9",
        "year": "2025",
        "url": "https://example.org/a_b",
    }


@pytest.mark.parametrize(
    ("venue", "kind", "field", "said"),
    [
        ("ACL", "inproceedings", "booktitle",
         "Proceedings of the 63rd Annual Meeting of the Association for Computational Linguistics"),
        ("EMNLP", "inproceedings", "booktitle",
         "Proceedings of the 2025 Conference on Empirical Methods in Natural Language Processing"),
        ("ICLR", "inproceedings", "booktitle", "International Conference on Learning Representations"),
        ("TACL", "article", "journal", "Transactions of the Association for Computational Linguistics"),
        ("Some & Other", "inproceedings", "booktitle", r"Some \& Other"),
        ("arXiv", "misc", "note", "arXiv preprint"),
    ],
)  # fmt: skip
def test_the_venue_decides_the_type(venue: str, kind: str, field: str, said: str) -> None:
    entry = replace(PAPER, venue=venue).bibtex
    assert entry.startswith(f"@{kind}{{") and fields_of(entry)[field] == said


def test_a_paper_without_venue_or_pages_has_no_such_fields() -> None:
    assert not {"note", "pages", "booktitle"} & fields_of(replace(PAPER, venue="", pages="").bibtex).keys()


@pytest.mark.parametrize(
    ("name", "sorted_name"),
    [
        ("Hayden Kwok-Hay So", "So, Hayden Kwok-Hay"),
        ("Laurens van der Maaten", "van der Maaten, Laurens"),
        ("Plato", "Plato"),
        ("others", "others"),
    ],
)
def test_family_names_come_first(name: str, sorted_name: str) -> None:
    assert family_first(name) == sorted_name


def test_special_characters_are_escaped() -> None:
    assert escaped(r"a_b \ ~ ^ #1 $") == r"a\_b \textbackslash{} \textasciitilde{} \textasciicircum{} \#1 \$"


def test_ordinals() -> None:
    assert [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 63, 101)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "63rd", "101st",
    ]  # fmt: skip
