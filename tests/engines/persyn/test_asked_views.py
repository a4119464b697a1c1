from engines.persyn import rows as kinds
from engines.persyn.asked_views import asked_spans, asked_teacher_rows, describe_asked, draw_asked
from tests.engines.persyn.shown_run import shown_frames, tables_of
from workbench.contract.views import NoControls

DONE = shown_frames()
RUN = tables_of(DONE)


def test_the_winner_stands_first():
    turned = tables_of({kinds.AskedTeacher: DONE[kinds.AskedTeacher].iloc[::-1]})
    assert asked_teacher_rows(turned, NoControls())["teacher"].tolist() == ["tiny b", "big c"]
    assert describe_asked(turned, NoControls()).startswith("tiny b is sent the prompt: 73% chance")
    assert list(draw_asked(RUN, NoControls()).data[0].y) == [0.73, 0.27]


def test_one_teacher_is_before_itself_by_nothing():
    alone = tables_of({kinds.AskedTeacher: DONE[kinds.AskedTeacher].head(1)})
    assert "0.00 logits" in describe_asked(alone, NoControls())


def test_the_answer_and_what_was_read_out_of_it():
    spans = asked_spans(RUN, NoControls())
    assert [span.text for span in spans if span.mark] == ["14 - 5 = 9. The answer is 9.", "9"]
    plain = DONE[kinds.AskedAnswer].assign(final="")
    assert len(asked_spans(tables_of({kinds.AskedAnswer: plain}), NoControls())) == 2


def test_no_answer_says_why():
    silent = DONE[kinds.AskedAnswer].assign(text="", note="Nobody can ask it.")
    assert "tiny b gave no answer. Nobody can ask it." in asked_spans(
        tables_of({kinds.AskedAnswer: silent}), NoControls()
    )[0].text  # fmt: skip
