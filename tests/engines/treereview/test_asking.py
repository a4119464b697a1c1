import pytest

from engines.treereview import ENGINE
from engines.treereview.config import FurtherQuestion
from engines.treereview.excerpts import pack
from engines.treereview.rows import FurtherAnswer, QuestionNode
from engines.treereview.run import ask, followed_node, paper_of_run
from tests.engines.treereview.papers import small_paper
from tests.engines.treereview.tiny_run import ScriptedBackend, said, scripted, start, tiny_spec, use_backend
from workbench.contract.errors import DataError
from workbench.contract.runs import RunSpec


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_backend(patch, ScriptedBackend())
        yield start(tiny_spec(arms=("treereview",)), tmp_path_factory.mktemp("runs"), "parent")


def asked(parent, tmp_path, monkeypatch, **question):
    sent = []

    def listening(prompt, schema):
        sent.append(said(prompt))
        return scripted(prompt, schema)

    use_backend(monkeypatch, ScriptedBackend(listening))
    settings = FurtherQuestion(**question)
    spec = RunSpec(
        engine="treereview", settings=settings.model_dump(), arms=(), seeds=(0,), parent="parent", purpose="ask"
    )
    run = start(spec, tmp_path, "ask", work=lambda config, log: ask(settings, parent, log))
    return run.table(FurtherAnswer), sent


def test_a_question_is_answered_from_the_papers_best_passages(parent, tmp_path, monkeypatch):
    rows, sent = asked(parent, tmp_path, monkeypatch, question="Which random vector was used?")
    assert len(rows) == ENGINE.presets["quick"].config.top_k
    assert rows["rank"].tolist() == [1, 2] and rows["score"].is_monotonic_decreasing
    assert rows["answer"].iloc[0].startswith("The passages say: ")
    assert rows["passage"].iloc[0].startswith("[")
    assert rows["passage"].iloc[0] in sent[0] and len(sent) == 1


def test_a_follow_up_reads_the_question_and_answer_it_goes_on_from(parent, tmp_path, monkeypatch):
    node = parent.table(QuestionNode).query("depth == 1").iloc[-1]
    _, sent = asked(parent, tmp_path, monkeypatch, question="And why is that so?", node=node["node"])
    assert node["question"] in sent[0] and "And why is that so?" in sent[0]


def test_the_paper_is_rebuilt_as_it_was_read(parent):
    paper, chunks = paper_of_run("", parent)
    original = small_paper()
    assert [p.text for p in paper.paragraphs] == [p.text for p in original.paragraphs]
    assert [p.path for p in paper.paragraphs] == [p.path for p in original.paragraphs]
    packed = pack(original, lambda texts: [len(text.split()) for text in texts], 60)
    assert [chunk.text for chunk in chunks] == [chunk.text for chunk in packed]


def test_what_the_run_does_not_have_is_named(parent):
    with pytest.raises(DataError, match="no question 'x'"):
        followed_node("x", parent)
    with pytest.raises(DataError, match="it read small"):
        paper_of_run("other", parent)
