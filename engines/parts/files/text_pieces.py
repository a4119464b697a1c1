"""A text in pieces that a model can read: at ends of sentences, else of words, else anywhere."""

import re
from collections.abc import Callable, Sequence

SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])")


def fitting_pieces(text: str, count: Callable[[Sequence[str]], list[int]], most: int) -> list[str]:
    """Return a text in pieces of at most so many tokens; tokens may be denser in some places than in others."""
    pieces = [text]
    for _ in range(12):
        lengths = count(pieces)
        if max(lengths) <= most:
            break
        pieces = [
            part
            for piece, length in zip(pieces, lengths, strict=True)
            for part in ([piece] if length <= most else _pieces(piece, len(piece) * most // length))
        ]
    return pieces


def _pieces(text: str, letters: int) -> list[str]:
    """A text in pieces of at most so many letters, at ends of sentences, else of words, else anywhere."""
    letters = max(1, letters * 9 // 10)
    pieces = [""]
    for sentence in SENTENCE.split(text):
        for part in [sentence] if len(sentence) <= letters else _cut_words(sentence, letters):
            if pieces[-1] and len(pieces[-1]) + 1 + len(part) > letters:
                pieces.append("")
            pieces[-1] = f"{pieces[-1]} {part}".strip()
    return [piece for piece in pieces if piece]


def _cut_words(text: str, letters: int) -> list[str]:
    at, found = 0, []
    while at < len(text):
        space = text.rfind(" ", at + 1, at + letters) if at + letters < len(text) else -1
        end = space if space > 0 else at + letters
        found.append(text[at:end].strip())
        at = end
    return found
