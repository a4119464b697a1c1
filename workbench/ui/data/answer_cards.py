"""Answers side by side as HTML: each token marked by how likely it was, its probability and alternatives beside it.

The page's script (`assets/tokens.js`) tells the token under the pointer, or the one that the arrow keys have reached.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.formatting import duration, number
from workbench.messages import noted, say
from workbench.ui.elements.elements import Html, join, notice, tag

STEPS = (0.5, 0.2, 0.05, 0.01)
"""Probabilities from which on a token is marked less, the likeliest first; above the first it is not marked."""

KEY = (noted("50 % and more"), noted("20 to 50 %"), noted("5 to 20 %"), noted("1 to 5 %"), noted("under 1 %"))
ENDS: Mapping[str, str] = {"stop": noted("the model ended it"), "length": noted("the most tokens allowed")}


@dataclass(frozen=True)
class Slot:
    """One model's answer as far as it is known.

    Attributes:
        text: as it grows, whole once `answered` is there.
        tokens, answered, refused: rows of the playground (`AnswerToken`, `Answered`, `Unanswered`), by field.
    """

    ref: str
    text: str = ""
    tokens: tuple[Mapping[str, Any], ...] = ()
    answered: Mapping[str, Any] = field(default_factory=dict[str, Any])
    refused: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def with_piece(self, piece: Mapping[str, Any]) -> "Slot":
        """Return the answer grown by one piece."""
        return replace(self, text=self.text[: piece["begin"]] + piece["text"])


def answer_card(slot: Slot, live: bool, writing: bool) -> Html:
    """Return one answer: whose, what it says, how it went.

    Args:
        live: the run still works.
        writing: this model is the one that answers just now.
    """
    name = str(slot.answered.get("name") or slot.ref)
    head = tag("div", tag("h3", name), _state(slot, live, writing), class_="bw-answer-top")
    ref = tag("code", slot.ref) if name != slot.ref else ""
    parts = [head, ref, _body(slot, live), _facts(slot)]
    return tag("article", *parts, class_="bw-answer", aria_label=say("Answer of {name}", name=name))


def token_key() -> Html:
    """Return what the marks mean."""
    items = [tag("li", tag("span", say(words), class_=f"bw-token bw-p-{step}")) for step, words in enumerate(KEY)]
    return tag("div", tag("p", say("Probability of each token"), class_="bw-lead"), tag("ul", *items, class_="bw-key"))


def step_of(probability: float) -> int:
    """Return how strongly a token is marked, 0 (not at all) to 4."""
    return sum(probability < bound for bound in STEPS)


def _body(slot: Slot, live: bool) -> Html:
    if slot.refused:
        return notice(slot.refused["message"], slot.refused["hint"], "bad")
    if not slot.text and not slot.answered:
        return tag("p", say("Waiting for its turn …") if live else say("No answer."), class_="bw-lead")
    if not _fits(slot.tokens, slot.text):
        plain = tag("div", slot.text or say("(an empty answer)"), class_="bw-text", dir="auto")
        told = say("The probabilities of its tokens were not told.") if slot.answered else ""
        return join([plain, tag("p", told, class_="bw-hint") if told else ""])
    label = say("The answer token by token; the arrow keys walk through it")
    words = [_token(token) for token in slot.tokens if token["text"]]
    text = tag("div", *words, class_="bw-text bw-tokens", dir="auto", tabindex="0", role="group", aria_label=label)
    hint = say("Point at a token, or walk with the arrow keys: its probability, and what else was likely.")
    return join([text, tag("p", hint, class_="bw-token-told", role="status")])


def _fits(tokens: Sequence[Mapping[str, Any]], text: str) -> bool:
    """Whether the tokens spell the answer; a stop text that was cut off may follow."""
    return bool(tokens) and "".join(token["text"] for token in tokens).startswith(text)


def _token(token: Mapping[str, Any]) -> Html:
    others = [[text, percent(share)] for text, share in token["alternatives"] if text != token["text"]]
    return tag(
        "span", token["text"], class_=f"bw-token bw-p-{step_of(token['probability'])}",
        data_p=percent(token["probability"]), data_else=json.dumps(others, ensure_ascii=False),
    )  # fmt: skip


def percent(probability: float) -> str:
    """Return a probability for a reader: "93.1 %", "0.04 %"."""
    share = 100 * probability
    return say("under 0.01 %") if share < 0.01 else f"{share:.2f} %" if share < 1 else f"{share:.1f} %"


def _state(slot: Slot, live: bool, writing: bool) -> Html:
    if slot.refused:
        mark, word, tone = "✕", noted("No answer"), "bad"
    elif slot.answered:
        mark, word, tone = "✓", noted("Answered"), "good"
    elif writing:
        mark, word, tone = "▶", noted("Answering") if slot.text else noted("Getting ready"), "live"
    else:
        mark, word, tone = ("◷", noted("Waiting"), "calm") if live else ("◼", noted("Not finished"), "warn")
    return tag("span", tag("span", mark, aria_hidden="true"), " ", say(word), class_=f"bw-state bw-{tone}")


def _facts(slot: Slot) -> Html:
    said = slot.answered
    if not said:
        return Html("")
    speed = said.get("tokens_per_second")
    facts = [
        (say("Tokens"), say("{n} after {before}", n=f"{said['tokens']:,}", before=f"{said['prompt_tokens']:,}")),
        (say("Time"), say("kept from before") if said["reused"] else duration(said["seconds"])),
        (say("Speed"), number(speed, "tokens/s") if speed else "–" if said["reused"] else say("too short to tell")),
        (say("Ended by"), say(ENDS.get(said["finish"], said["finish"]))),
        *([(say("Format"), said["dtype"])] if said["dtype"] else []),
    ]
    return tag("dl", *[tag("div", tag("dt", name), tag("dd", value)) for name, value in facts], class_="bw-facts")
