import pytest

from engines.parts.answers.maths_reader import equal


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"\frac{1}{2}", "The answer is 1/2."),
        ("1/2", r"$\frac12$"),
        ("x^2+1", "1+x^2"),
        ("$x+1$", "1 + x"),
        (r"\sqrt{8}", r"so it is \boxed{2\sqrt2}"),
        ("(1,2)", "(1, 2)"),
        (r"\{1,2\}", r"$\{2,1\}$"),
        ("(x+1)^2", "x^2+2x+1"),
        ("2", "Thus there are 3 pears\nand $x=2$."),
        ("-1", r"\(-1\)"),
    ],
)
def test_equal_mathematics_is_equal(gold, answer):
    assert equal(gold, answer)


@pytest.mark.parametrize(
    ("gold", "answer"),
    [("x+1", "x+2"), ("(1,2)", "(2,1)"), (r"\sqrt{8}", "3"), ("1/2", ""), ("", ""), ("x", "}{"), ("x", "\\frac{" * 50)],
)
def test_other_or_unreadable_mathematics_is_not(gold, answer):
    assert not equal(gold, answer)
