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
    Rewriting,
    entailed_both_ways,
    entailment_label,
    fault_of,
    loops,
    lost_numbers,
    rewritings,
    room_for,
    writing_prompt,
    written_rows,
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
    found = rewritings("simple", [instance()], scripted_generator(lambda prompt, at: " Ada lived. "), SureConfig())
    assert found == [Rewriting("Lives\nAda lived.")]


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
    found = rewritings("llm_ranked", [instance(title="")], scripted_generator(lambda prompt, at: said), SureConfig())
    assert found == [Rewriting(text)]


def test_nothing_written_changes_nothing():
    found = rewritings("complex", [instance()], scripted_generator(lambda prompt, at: ""), SureConfig())
    assert found == [Rewriting(f"Lives\n{TEXT}")]


def test_room_is_counted_in_tokens_of_the_longest_document():
    assert room_for([]) == room_for([2]) == 48
    assert room_for([3, 100]) == 160


def test_a_chinese_document_has_as_much_room_as_it_has_tokens():
    asked = []
    writer = scripted_generator(lambda prompt, at: "x")
    writer.backend.count = lambda prompts: [len(text_of(prompt)) for prompt in prompts]
    said = writer.backend.complete
    writer.backend.complete = lambda requests, sampling, listen=None: asked.append(sampling) or said(requests, sampling)
    chinese = instance().model_copy(update={"document": "奥斯陆是首都。" * 30})
    rewritings("simple", [chinese], writer, SureConfig())
    assert asked[0].max_tokens == int(1.6 * 210)


@pytest.mark.parametrize(
    ("before", "text", "cut", "fault"),
    [
        ("Ada was born.", "Ada came into the world.", False, ""),
        ("Ada was born.", "Ada came into the", False, "unfinished"),
        ("Ada was born.", "Ada came into the world.", True, "unfinished"),
        ("no end here", "nor here", False, ""),
        ("Ada was born.", "Ada lived. Ada lived. Ada lived", True, "looping"),
        ("Ada lived. Ada lived.", "Ada lived. Ada lived.", False, ""),
        ("Born in 1852 with 3.5 kg.", "Born in 1852 at 3.5 kilos.", False, ""),
        ("Born in 1852 with 3.5 kg.", "Born in 1852 at 35 kilos.", False, "numbers_lost"),
        ("It has 3 rooms.", "Three rooms has it.", False, ""),
        ("It has 23 rooms.", "Many rooms has it.", False, "numbers_lost"),
        ("你好。有3间。", "有三间房", False, "unfinished"),
    ],
)
def test_a_rewriting_must_end_say_things_once_and_keep_numbers(before, text, cut, fault):
    assert fault_of(before, text, cut) == fault


def test_loops_and_lost_numbers_by_hand():
    assert loops("we go on and on so " * 3) and not loops("we go on. They go home. You go away.")
    assert loops("去哪里呢去哪里呢去哪里呢去哪里呢去哪里呢")
    assert lost_numbers("1,000 men, 7 days, -5 degrees", "1000 men in seven days at minus 5") == set()
    assert lost_numbers("1,000 men", "a thousand men") == {"1000"}


def test_faults_are_told_with_the_rewriting():
    found = rewritings("simple", [instance()], scripted_generator(lambda prompt, at: "Ada was"), SureConfig())
    assert [one.fault for one in found] == ["unfinished"]


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
