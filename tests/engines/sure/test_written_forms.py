import json

import numpy as np
import pytest

from engines.parts.models.models import resolve_model
from engines.sure.config import SureConfig
from engines.sure.perturbations import Document
from engines.sure.rows import Instance
from engines.sure.written_forms import (
    TASKS,
    ClassifierJudge,
    GeneratorJudge,
    entailed_both_ways,
    entailment_label,
    room_for,
    writing_prompt,
    written_rows,
    written_texts,
)
from tests.engines.sure.planted_reader import write_tokenizer
from tests.engines.sure.scripted import scripted_generator, text_of
from workbench.contract.errors import ModelError
from workbench.storage.home import place

TEXT = "Ada was born. Bo came later. Cy left."


def instance(name: str = "q", title: str = "Lives") -> Instance:
    return Instance(
        instance=name, question=name, asked="Who?", answers="Ada", title=title, document=TEXT, golden=True,
        cluster="c", part="mending",
    )  # fmt: skip


def test_rows_are_written_by_whom_the_taxonomy_says():
    assert written_rows(list(TASKS), "writer") == ["simple", "complex", "llm_generated", "llm_ranked"]
    assert written_rows(["self_generated", "json"], "reader") == ["self_generated"]


@pytest.mark.parametrize("row", TASKS)
def test_the_document_is_shown_without_its_title(row):
    prompt = text_of(writing_prompt(row, Document("Lives", TEXT), SureConfig()))
    assert "Ada was born." in prompt and "Lives" not in prompt


def test_rewritings_keep_the_title():
    texts = written_texts("simple", [instance()], scripted_generator(lambda prompt, at: " Ada lived. "), SureConfig())
    assert texts == ["Lives\nAda lived."]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("2, 3, 1", "Bo came later. Cy left. Ada was born."),
        ("3\n1\n2", "Cy left. Ada was born. Bo came later."),
        ("1, 2", TEXT),
        ("none", TEXT),
        ("1, 2, 3, 4", TEXT),
    ],
)
def test_a_ranking_orders_sentences_or_changes_nothing(said, text):
    found = written_texts("llm_ranked", [instance(title="")], scripted_generator(lambda prompt, at: said), SureConfig())
    assert found == [text]


def test_nothing_written_changes_nothing():
    texts = written_texts("complex", [instance()], scripted_generator(lambda prompt, at: ""), SureConfig())
    assert texts == [f"Lives\n{TEXT}"]


def test_room_grows_with_the_document():
    assert room_for([]) == room_for([Document("", "few words")]) == 48
    assert room_for([Document("", "word " * 100)]) == 240


class Longer:
    """Says that a text entails every text that is not longer."""

    def entails(self, pairs):
        return np.array([len(premise) >= len(hypothesis) for premise, hypothesis in pairs])


def test_entailment_is_asked_both_ways():
    pairs = [("same", "meal"), ("long text", "text"), ("text", "long text")]
    assert entailed_both_ways(Longer(), pairs).tolist() == [True, False, False]
    assert entailed_both_ways(Longer(), []).shape == (0,)


def test_a_generator_judges_by_its_first_word():
    said = ["Entail.", "neutral", "entailment", "It does not entail.", ""]
    judge = GeneratorJudge(scripted_generator(lambda prompt, at: said[at]), SureConfig())
    assert judge.entails([(word, "x") for word in "abcde"]).tolist() == [True, False, True, False, False]


@pytest.mark.parametrize(
    ("labels", "place"),
    [
        ({0: "contradiction", 1: "entailment", 2: "neutral"}, 1),
        ({0: "ENTAIL", 1: "NOT"}, 0),
        ({0: "entailment", 1: "entailment_not"}, 0),
    ],
)
def test_the_label_of_entailment_is_found(labels, place):
    assert entailment_label(labels, "judge") == place


@pytest.mark.parametrize("labels", [{0: "LABEL_0", 1: "LABEL_1"}, {0: "entail", 1: "entailed"}])
def test_labels_that_do_not_say_are_refused(labels):
    with pytest.raises(ModelError, match="must be entailment"):
        entailment_label(labels, "judge")


@pytest.fixture
def classifier(fresh_home):
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    folder = place("uploads") / "nli"
    folder.mkdir()
    write_tokenizer(folder)
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**tokenizer, "pad_token": "<unk>"}))
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    labels = {0: "contradiction", 1: "neutral", 2: "entailment"}
    config = BertConfig(vocab_size=200, **shape, id2label=labels, label2id={name: at for at, name in labels.items()})
    torch.manual_seed(0)
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor([0.0, 0.0, 1.0]))
    model.save_pretrained(folder)
    return folder


def test_a_classifier_judges_by_its_likeliest_label(classifier):
    judge = ClassifierJudge(resolve_model(str(classifier)))
    assert judge.entails([("oslo holds ada .", "rome holds bo .")] * 9).tolist() == [True] * 9
