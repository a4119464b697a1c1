"""Papers for tests."""

from engines.parts.files.markdown_blocks import markdown_blocks
from engines.treereview.paper import Paper, read_paper

SMALL = """# Shifting states

## Abstract

We shift hidden states between languages and measure how many translations meet after it, on seventeen languages.

## 1 Introduction

Models keep what they know in the form of one language. We ask whether a shift of the mean is enough to undo it. The
question is old, and the answers so far disagree.

Our contribution is a measurement with a noise floor, which earlier work lacks.

## 2 Method

### 2.1 Shift

A state of a language is moved by the difference of two language vectors. The vectors are means over 83 sentences.

### 2.2 Noise floor

The distance of two halves of the same language is the floor. A distance inside it says nothing at all about languages.

## 3 Results

The shift finds 21 percent of the translations, a random vector of the same length finds 13 percent. Table 1 lists them.

## Acknowledgements

We thank everyone.

## References

[1] Nobody. Nothing. 2020.

## A Appendix

All settings are listed here, so that the measurement can be repeated by anyone with two processor cores.
"""


def small_paper(name: str = "small", text: str = SMALL) -> Paper:
    """A paper of an abstract and six paragraphs."""
    return read_paper(markdown_blocks(text), name)


def count_words(texts) -> list[int]:
    """Tokens that are words."""
    return [len(text.split()) for text in texts]
