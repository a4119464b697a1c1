"""Fixed blocks of prompts, so that a run that goes on computes for new prompts alone.

Design decisions:
- The calibration is a block and the routed prompts are one, as neither grows with the number of judged items. Judged
  prompts lie in blocks of a fixed size in the order of their draw: what a prompt is computed beside never depends on
  how many there are, so that rounding in batches is the same in a run that grew and in one asked for all at once.
- What was computed for a block is kept under the digest of its prompts. Of a run that goes on, only the last block,
  where it was not full, and the new ones are computed.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engines.persyn.panel import Panel

JUDGED_AT_ONCE = 40
"""Judged prompts of a block."""


@dataclass(frozen=True)
class Block:
    """Some prompts that are always computed together.

    Attributes:
        name: unique in the run ("calibration", "held_out 2").
        places: of its prompts.
        key: digest of their names and texts.
    """

    name: str
    places: tuple[int, ...]
    key: str


def digest_of(texts: Iterable[str]) -> str:
    """16 hex digits of some texts and their order."""
    told = hashlib.sha256()
    for text in texts:
        told.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return told.hexdigest()[:16]


def block_of(panel: Panel, name: str, places: Sequence[int]) -> Block:
    """The block of some places."""
    said = (part for at in places for part in (panel.prompts[at].name, panel.prompts[at].text))
    return Block(name, tuple(places), digest_of(said))


def blocks_of(panel: Panel, *splits: str) -> list[Block]:
    """The blocks of some splits in their order; a split without prompts has none."""
    found: list[Block] = []
    for split in splits:
        places = panel.places(split)
        if split in ("calibration", "routed"):
            found += [block_of(panel, split, places)] if places else []
        else:
            found += judged_blocks(panel, split, places)
    return found


def judged_blocks(panel: Panel, name: str, places: Sequence[int]) -> list[Block]:
    """Judged prompts in blocks of one size, the last one smaller where they do not fill it."""
    starts = range(0, len(places), JUDGED_AT_ONCE)
    parts = [places[start : start + JUDGED_AT_ONCE] for start in starts]
    return [block_of(panel, f"{name} {at + 1}", part) for at, part in enumerate(parts)]


def training_key(panel: Panel) -> str:
    """Digest of the training prompts: what stays while a run gets more seeds, items or arms."""
    return digest_of(block.key for block in blocks_of(panel, "calibration", "routed"))
