"""What differs between two texts, word by word, as marked-up text."""

import re
from difflib import SequenceMatcher

from workbench.messages import say, say_many
from workbench.ui.elements.elements import Html, join, tag

MOST_WORDS = 4_000
_WORDS = re.compile(r"\s*\w+|\s*[^\w\s]|\s+$")
"""Each word or mark with the white space before it, so that blanks alone hold no two texts together."""


def word_diff(first: str, second: str) -> Html:
    """Return the second text with what it adds marked as inserted, and what it lacks of the first as deleted."""
    before, after = _WORDS.findall(first)[:MOST_WORDS], _WORDS.findall(second)[:MOST_WORDS]
    if before == after:
        return tag("p", say("Both say the same, word for word."), class_="bw-lead")
    parts: list[Html] = []
    changes = 0
    for kind, left, right, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(tag("span", "".join(after[begin:end])))
            continue
        changes += 1
        parts += [tag("del", "".join(before[left:right]))] if right > left else []
        parts += [tag("ins", "".join(after[begin:end]))] if end > begin else []
    told = tag("p", say_many("{n} difference.", "{n} differences.", changes), class_="bw-lead")
    return join([told, tag("div", *parts, class_="bw-text bw-diff", dir="auto")])
