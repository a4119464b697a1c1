import json
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.answers.sentences import split_sentences
from engines.sure.perturbations import (
    CLASSES,
    CONTROLS,
    PERTURBATIONS,
    RULE_BASED,
    Document,
    as_html,
    as_json,
    as_markdown,
    as_yaml,
    in_order,
    kind_of,
    meta_tag,
    metadata,
    random_order,
    reversed_order,
    title_of,
)


def test_the_taxonomy_has_the_rows_of_the_paper():
    kinds = Counter(row.kind for row in PERTURBATIONS.values())
    assert kinds == {"style": 2, "source": 2, "logic": 3, "format": 4, "metadata": 4, "control": 2}
    assert set(CLASSES) == set(kinds) - {"control"}


def test_ten_rows_need_no_model():
    assert len(RULE_BASED) == 10
    assert {PERTURBATIONS[name].made for name in RULE_BASED} == {"rule"}
    assert not set(CONTROLS) & set(RULE_BASED)


def test_a_row_that_data_brought_along_stands_for_itself():
    assert (title_of("json"), kind_of("json")) == ("JSON", "format")
    assert (title_of("as a song"), kind_of("as a song")) == ("as a song", "other")


@given(st.text(alphabet="aB .!?1", max_size=60))
def test_orders_keep_every_word(text):
    for changed in (reversed_order(text), random_order(text, 3)):
        assert sorted(changed.split()) == sorted(text.split()) or len(split_sentences(text)) < 2


def test_reversing_and_ranking_by_hand():
    text = "One is here. Two is there. Three is gone."
    assert reversed_order(text) == "Three is gone. Two is there. One is here."
    assert in_order(text, [2, 3, 1]) == "Two is there. Three is gone. One is here."


@pytest.mark.parametrize("order", [[1, 2], [1, 2, 3, 4], [1, 1, 2], [0, 1, 2], []])
def test_an_order_that_is_none_leaves_the_text_as_it_was(order):
    text = "One is here. Two is there. Three is gone."
    assert in_order(text, order) == text


def test_a_random_order_is_another_one_and_the_same_each_time():
    text = "One is here. Two is there. Three is gone."
    drawn = {random_order(text, seed) for seed in range(30)}
    assert text not in drawn and len(drawn) == 5
    assert random_order(text, 4) == random_order(text, 4)


@pytest.mark.parametrize("text", ["Only one sentence.", "Same. Same. Same.", ""])
def test_what_has_no_other_order_stays(text):
    assert random_order(text) == text


NASTY = "He said \"no\"\\ & left: <b>5 > 3</b>, 'so'.\n# Title? * x_y_z [a](b) | - 1. end"
TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)


class Page(HTMLParser):
    """Collects title, paragraph and meta tags."""

    def __init__(self, text):
        super().__init__()
        self.open, self.parts, self.meta = "", {}, {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.open = tag
        if tag == "meta":
            self.meta[dict(attrs)["name"]] = dict(attrs)["content"]

    def handle_endtag(self, tag):
        self.open = ""

    def handle_data(self, data):
        if self.open in ("title", "p"):
            self.parts[self.open] = self.parts.get(self.open, "") + data


@given(TEXTS, TEXTS)
def test_json_gives_the_document_back(title, text):
    assert json.loads(as_json(Document(title, text))) == {"title": title, "text": text}


@given(TEXTS, TEXTS)
def test_yaml_gives_the_document_back(title, text):
    assert yaml.safe_load(as_yaml(Document(title, text))) == {"title": title, "text": text}


@given(TEXTS, TEXTS)
def test_html_gives_the_document_back(title, text):
    page = Page(as_html(Document(title, text)))
    assert (page.parts["title"], page.parts["p"]) == (title, text)


def test_nasty_text_survives_every_format():
    document = Document("A <title> & more", NASTY)
    assert json.loads(as_json(document))["text"] == NASTY
    assert yaml.safe_load(as_yaml(document))["text"] == NASTY
    assert Page(as_html(document)).parts == {"title": document.title, "p": NASTY}


def test_markdown_is_escaped_by_hand():
    text = "1. one *bold* _it_\n# no heading\n- no list\na - b # c"
    assert as_markdown(Document("T", text)) == (
        "# T\n\n1\\. one \\*bold\\* \\_it\\_\n\\# no heading\n\\- no list\na - b # c"
    )


@given(TEXTS)
def test_markdown_is_undone_by_taking_escapes_away(text):
    text = text.replace("\\", "/")
    assert re.sub(r"\\(.)", r"\1", as_markdown(Document("", text))) == text


def test_raw_templates_are_those_of_the_paper():
    document = Document("T", 'a "b" <c>')
    assert as_json(document, escape=False) == '{"title": "T", "text": "a "b" <c>"}'
    assert as_yaml(document, escape=False) == 'title: T\ntext: a "b" <c>'
    assert '<p>a "b" <c></p>' in as_html(document, escape=False)
    assert as_markdown(Document("T", "*x*"), escape=False) == "# T\n\n*x*"


def test_formats_add_no_words_of_the_document():
    document = Document("Nile", "The Nile flows north.")
    for form in (as_json, as_yaml, as_markdown, as_html):
        assert form(document).count("Nile") == 2
    assert document.plain() == "Nile\nThe Nile flows north."


def test_a_document_without_title_gets_none():
    document = Document("", "Text.")
    assert document.plain() == "Text."
    assert json.loads(as_json(document)) == {"text": "Text."}
    assert "<title>" not in as_html(document)
    assert as_markdown(document) == "Text."


@pytest.mark.parametrize(
    ("row", "name", "content"),
    [
        ("timestamp_pre", "timestamp", "2018-06-15T12:00:00Z"),
        ("timestamp_post", "timestamp", "2022-06-15T12:00:00Z"),
        ("source_wiki", "source", "https://en.wikipedia.org/wiki/Blue_Nile%22"),
        ("source_twitter", "source", "https://twitter.com/Blue_Nile%22"),
    ],
)
def test_metadata_rows_differ_from_the_page_in_one_tag(row, name, content):
    document = Document('Blue Nile"', "Text.")
    tag = metadata(row, document, 2020)
    page = as_html(document, meta=tag)
    assert page.replace(f"{tag}\n", "") == as_html(document)
    assert Page(page).meta == {name: content}


def test_tags_are_escaped():
    assert meta_tag("a", '"><script>') == '<meta name="a" content="&quot;&gt;&lt;script&gt;">'
