from workbench.contract.views import Node
from workbench.figures.node_tree import LETTERS, MOST_LINES, node_tree

NODES = [
    Node("a", None, "<b>A</b> paper", status="answered"),
    Node("b", "a", "How is it?", status="answered"),
    Node("b1", "b", "word " * 60, status="dropped"),
    Node("c", "a", "Why?", status="to be divided"),
]


def test_level_by_place_and_colour_status_by_shape_and_lines_to_children():
    lines, marks, *legend = node_tree(NODES).data
    assert marks.customdata == ("a", "b", "b1", "c") and marks.x == (0, 1, 2, 1)
    assert list(marks.y) == sorted(marks.y)
    assert marks.marker.color[1] == marks.marker.color[3] != marks.marker.color[2]
    assert marks.marker.symbol[0] == marks.marker.symbol[1] != marks.marker.symbol[2]
    assert [each.name for each in legend] == ["answered", "dropped", "to be divided"]
    assert lines.x == (0, 0, 1, None, 1, 1, 2, None, 0, 0, 1, None)
    assert lines.y[-3:-1] == (marks.y[3], marks.y[3]) and lines.y[-4] == marks.y[0]


def test_labels_are_wrapped_cut_and_escaped():
    texts = node_tree(NODES).data[1].text
    assert texts[0] == "&lt;b&gt;A&lt;/b&gt; paper"
    assert len(texts[2].split("<br>")) == MOST_LINES and texts[2].endswith("...")
    assert max(map(len, texts[2].split("<br>"))) <= LETTERS


def test_the_figure_is_as_high_as_its_labels():
    assert node_tree(NODES).layout.height > node_tree(NODES[:2]).layout.height
    assert node_tree([Node(str(at), None, "x") for at in range(1_000)]).layout.height == 8_000


def test_what_hangs_on_no_root_is_harmless():
    assert len(node_tree([Node("a", "b", "A"), Node("b", "a", "B")]).data) == 0
    assert node_tree([Node("a", "gone", "A")]).data[1].x == (0,)
    assert len(node_tree([]).data) == 0
