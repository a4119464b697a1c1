import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.treereview.question_tree import ROOT, Limits, QuestionTree

PAPER = Limits(3, (5, 4, 3))


def questions(count: int, stem: str = "q") -> list[str]:
    return [f"{stem} {at}?" for at in range(count)]


def test_the_papers_limits():
    assert [PAPER.width(depth) for depth in range(5)] == [0, 5, 4, 3, 0]
    assert [PAPER.width_with_follow_ups(depth) for depth in range(5)] == [0, 5, 6, 5, 0]
    assert Limits(5, (4, 2)).width(5) == 2, "the last width holds for deeper questions"


def test_widths_and_depth_are_kept_whatever_the_model_says():
    tree = QuestionTree("t", Limits(3, (5, 4, 3), follow_ups=False))
    while (batch := tree.next_batch(100)) and batch.work == "sub-questions":
        for node in batch.nodes:
            tree.expand(node, questions(50, node))
    assert len(tree.nodes) == 1 + 5 + 20 + 60
    assert max(node.depth for node in tree.nodes.values()) == 3
    assert batch.work == "leaf" and len(batch.nodes) == 60


def test_levels_come_shallowest_first_and_leaves_before_inner_nodes():
    tree = QuestionTree("t", Limits(2, (2, 2)))
    works = []
    while batch := tree.next_batch(100):
        works.append((batch.work, batch.nodes))
        for node in batch.nodes:
            if batch.work == "sub-questions":
                tree.expand(node, questions(2, node))
            elif batch.work in ("leaf", "inner"):
                tree.answer(node, "a")
            else:
                tree.finish(batch.work)
    assert works == [
        ("sub-questions", ("0",)),
        ("sub-questions", ("1", "2")),
        ("leaf", ("1.1", "1.2", "2.1", "2.2")),
        ("inner", ("1", "2")),
        ("review", ("0",)),
        ("comments", ("0",)),
    ]


def test_a_batch_has_at_most_so_many_nodes():
    tree = QuestionTree("t", Limits(1, (5,)))
    tree.expand(ROOT, questions(5))
    assert tree.next_batch(2).nodes == ("1", "2")


def test_no_sub_questions_make_a_leaf_but_not_of_the_root():
    tree = QuestionTree("t", Limits(2, (2, 2)))
    tree.expand(ROOT, ["why?"])
    tree.expand("1", ["", "  ?? "])
    assert tree.nodes["1"].status == "leaf"
    bare = QuestionTree("t", Limits(2, (2, 2)))
    bare.expand(ROOT, [])
    assert bare.next_batch(5).work == "review", "a paper without questions is reviewed all the same"


def test_depth_0_asks_nothing():
    assert QuestionTree("t", Limits(0, (5,))).next_batch(5).work == "review"


def test_siblings_that_ask_the_same_are_one():
    tree = QuestionTree("t", Limits(2, (5, 5)))
    assert tree.expand(ROOT, ["Is it new?", "is it  NEW", "Is it sound?"]) == ["1", "2"]
    assert tree.expand("1", ["Is it new?", "How new?"]) == ["1.1"], "nor does a question repeat the one above it"


def inner_tree(limits: Limits) -> QuestionTree:
    tree = QuestionTree("t", limits)
    tree.expand(ROOT, questions(9))
    tree.expand("1", questions(9, "deep"))
    for node in tree.nodes["1"].children:
        tree.nodes[node].status = "answered"
    return tree


def test_follow_ups_are_cut_to_their_budget():
    tree = inner_tree(Limits(2, (2, 3), allowance=2))
    assert tree.follow_budget("1") == 2
    assert len(tree.follow_up("1", questions(9, "more"))) == 2
    assert tree.follow_budget("1") == 0
    assert tree.nodes["1.4"].origin == "follow-up"


def test_empty_follow_ups_mean_answer_now():
    tree = inner_tree(Limits(2, (1, 2)))
    assert tree.next_batch(5).room == 2
    tree.follow_up("1", ["", "deep 0?"])
    batch = tree.next_batch(5)
    assert (batch.work, batch.nodes, batch.room) == ("inner", ("1",), 0)


def test_the_root_and_the_first_level_get_no_more():
    tree = QuestionTree("t", Limits(1, (2,)))
    tree.expand(ROOT, questions(1))
    assert tree.follow_budget(ROOT) == 0
    assert Limits(1, (2,)).width_with_follow_ups(1) == 2


def test_follow_ups_may_be_divided_again():
    tree = inner_tree(Limits(3, (1, 1, 2)))
    tree.follow_up("1", ["and this?"])
    assert tree.next_batch(5).work == "sub-questions"
    assert tree.next_batch(5).nodes == ("1.2",)


def test_the_number_of_nodes_is_bounded():
    tree = QuestionTree("t", Limits(3, (5, 5, 5), most_nodes=9))
    while batch := tree.next_batch(3):
        for node in batch.nodes:
            if batch.work == "sub-questions":
                tree.expand(node, questions(9, node))
            elif batch.work == "inner" and batch.room:
                tree.follow_up(node, questions(9, f"f {node}"))
            elif batch.work in ("leaf", "inner"):
                tree.answer(node, "a")
            else:
                tree.finish(batch.work)
    assert len(tree.nodes) == 9
    assert {node.status for node in tree.nodes.values()} == {"answered"}


def test_the_readers_own_question_goes_beyond_the_width():
    tree = QuestionTree("t", Limits(2, (1, 1)))
    assert tree.add_question(ROOT, "What of the data?") == "1"
    tree.expand(ROOT, questions(5))
    assert list(tree.nodes) == ["0", "1", "2"]
    assert [tree.nodes[name].origin for name in ("1", "2")] == ["reader", "generated"]
    assert tree.add_question("1", "deeper?") == "1.1"
    assert tree.add_question("1.1", "too deep?") is None
    assert tree.add_question("9", "nowhere?") is None


def test_a_question_added_to_an_answered_node_opens_it_and_those_above_again():
    tree = inner_tree(Limits(2, (1, 1)))
    tree.answer("1", "done")
    assert tree.next_batch(5).work == "review"
    tree.add_question("1", "one more?")
    assert tree.next_batch(5).nodes == ("1.2",)
    tree.answer("1.2", "a")
    assert tree.next_batch(5).nodes == ("1",)


def test_pinned_questions_are_answered_first_and_handed_to_the_review():
    tree = QuestionTree("t", Limits(2, (2, 2)))
    tree.expand(ROOT, questions(2))
    for node in ("1", "2"):
        tree.expand(node, questions(2, node))
    assert tree.pin("2.2") and not tree.pin(ROOT) and not tree.pin("7")
    assert tree.next_batch(1).nodes == ("2.2",)
    for node in ("1.1", "1.2", "2.1", "2.2", "1", "2"):
        tree.answer(node, f"answer {node}")
    assert [node.id for node in tree.handed_to_review()] == ["1", "2", "2.2"]


def test_a_dropped_branch_is_left_out_and_spends_no_further_work():
    tree = QuestionTree("t", Limits(2, (2, 2)))
    tree.expand(ROOT, questions(2))
    for node in ("1", "2"):
        tree.expand(node, questions(2, node))
    assert tree.drop("1") and not tree.drop("1") and not tree.drop(ROOT)
    assert tree.next_batch(9).nodes == ("2.1", "2.2")
    tree.drop("2.1")
    tree.drop("2.2")
    assert tree.next_batch(9).work == "leaf", "a question whose answers are all dropped is answered from passages"
    tree.answer("2", "a")
    assert [node.id for node in tree.handed_to_review()] == ["2"]
    assert tree.add_question("1", "under what is dropped?") is None


WORK = st.tuples(st.integers(0, 7), st.booleans(), st.booleans())
LIMITS = st.builds(
    Limits, st.integers(0, 4), st.lists(st.integers(0, 4), min_size=0, max_size=4).map(tuple), st.booleans(),
    st.integers(0, 3), st.integers(1, 40),
)  # fmt: skip


@settings(max_examples=60)
@given(LIMITS, st.integers(1, 5), st.lists(WORK, min_size=1, max_size=30))
def test_every_tree_ends_within_its_limits(limits: Limits, most: int, script):
    tree = QuestionTree("t", limits)
    for step in range(2000):
        batch = tree.next_batch(most)
        if batch is None:
            break
        for node in batch.nodes:
            count, ask, blank = script[(step + len(node)) % len(script)]
            asked = [] if blank else [f"{node} {step} {at}" for at in range(count)]
            if batch.work == "sub-questions":
                tree.expand(node, asked)
            elif batch.work == "inner" and batch.room and ask:
                tree.follow_up(node, asked)
            elif batch.work in ("leaf", "inner"):
                tree.answer(node, "")
            else:
                tree.finish(batch.work)
    else:
        pytest.fail("the tree did not end")
    assert len(tree.nodes) <= max(1, limits.most_nodes)
    for node in tree.nodes.values():
        assert node.depth <= limits.depth
        assert len(node.children) <= limits.width_with_follow_ups(node.depth + 1)
        assert node.status == "answered"
