"""Answers to the problems of a task, as every examination reports them."""

from workbench.contract import Row


class TaskAnswer(Row):
    """An answer to a test problem."""

    task: str
    arm: str
    """"untrained" is the model before any training, which is no arm."""
    seed: int
    item: str
    question: str
    gold: str
    answer: str
    right: bool
    cut: bool = False
    """The token limit ended it."""
