"""Instructions that hide in a document to steer a model that reads it: found and shown, never obeyed or cut."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        (
            "asks to leave instructions aside",
            r"\b(ignore|disregard|forget|override)\b[^.]{0,40}\b(previous|prior|above|earlier|all|any|your|system)\b"
            r"[^.]{0,30}\b(instructions?|prompts?|rules|guidelines|directions)\b",
        ),
        (
            "asks for a favourable review",
            r"\b(give|write|produce|provide|output|assign|recommend|return|leave|make)\b[^.]{0,60}"
            r"\b(positive|favou?rable|glowing|high(est)?|perfect|strong)\b[^.]{0,30}"
            r"\b(reviews?|ratings?|scores?|assessments?|recommendations?|accept(ance)?)\b",
        ),
        (
            "asks to hide weaknesses",
            r"(?:^|[.!?;:]\s+|\bplease\s+|\byou (?:must|should|shall|may|can)\s+)(?:do not|don't|never|avoid|not)\b"
            r"[^.;:]{0,30}\b(?:mention|highlight|list|discuss|report|state|include)\w*\b"
            r"[^.;:]{0,30}\b(?:negatives?|weakness(?:es)?|limitations?|flaws?|criticisms?)\b",
        ),
        (
            "speaks to a language model",
            r"\b(as an?|you are an?|attention|note to|instructions? (for|to)|dear|for)\s+(the\s+)?"
            r"(ai|llm|large language model|language model|chatgpt|gpt-?\d*|assistant|automated)\s*"
            r"(reviewers?|models?|assistants?|systems?|readers?)?\b[^.]{0,60}\b(must|should|please|accept|give|write|output|"
            r"review|rate|respond|say)\b",
        ),
        (
            "imitates a prompt",
            r"<\|?(im_start|im_end|system|endoftext)\|?>|\[/?INST\]|<<SYS>>|^\s*(system|assistant)\s*:",
        ),
        ("closes our marks", r"</?(paper|passages)>"),
    )
)
INVISIBLE = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e"}
TAGS = re.compile("[\U000e0020-\U000e007e]+")
"""Letters of the tag block, which spell a text that nothing draws."""
FEWEST_INVISIBLE = 8
LONGEST_SHOWN = 300


@dataclass(frozen=True)
class Instruction:
    """Text in a paper that tries to steer its reviewer: paragraph number, what it does, and the words."""

    paragraph: int
    reason: str
    text: str


def instructions_in(paragraphs: Sequence[str]) -> list[Instruction]:
    """Return every sign of instructions to whoever reads a text, in the order of its paragraphs, numbered from 0."""
    found = []
    for number, text in enumerate(paragraphs):
        seen = visible(text)
        found += [
            Instruction(number, name, _around(seen, match))
            for name, pattern in PATTERNS
            for match in [pattern.search(seen)]
            if match
        ]
        hidden = sum(_is_hidden(letter) for letter in text)
        if hidden >= FEWEST_INVISIBLE:
            shown = f"{hidden} letters without a shape, around: {seen[:120]}"
            found.append(Instruction(number, "holds invisible letters", shown))
    return found


def visible(text: str) -> str:
    """Return a text without letters that no reader sees; those of the tag block become what they spell."""
    spelled = TAGS.sub(lambda found: " " + "".join(chr(ord(letter) - 0xE0000) for letter in found[0]), text)
    return "".join(letter for letter in spelled if letter not in INVISIBLE)


def _is_hidden(letter: str) -> bool:
    return letter in INVISIBLE - {"\u00ad", "\u200d", "\u200c"} or (
        0xE0000 <= ord(letter) <= 0xE007F and unicodedata.category(letter) in ("Cf", "Cn")
    )


def _around(text: str, match: "re.Match[str]") -> str:
    begin = max(0, text.rfind(".", 0, match.start()) + 1)
    end = text.find(".", match.end())
    return " ".join(text[begin : end + 1 if end >= 0 else len(text)].split())[:LONGEST_SHOWN]
