"""How a verdict of this method could be wrong, as only the method can see it: what was left out, how splits differ."""

from collections import Counter
from collections.abc import Iterator, Sequence

from engines.shifcon.config import ShifConConfig, ShiftSpan

ENOUGH_SPLITS = 10


def doubts_of_sentences(
    notes: Sequence[str], lost: dict[str, int], usable: int, used: int, config: ShifConConfig
) -> Iterator[str]:
    """What the sentences that were left out leave open.

    Args:
        notes: what the data's reader left out, in sentences.
        lost: sentences left out here, by reason.
        usable: sentences that are left.
        used: of these, how many are read.
        config: settings.
    """
    here = [f"{' and '.join(f'{count} {reason}' for reason, count in lost.items())}."] if lost else []
    if notes or here:
        yield " ".join([*notes, *here, "What is found holds for the other sentences."])
    if usable < config.sentences:
        yield (
            f"The data hold {usable:,} sentences that can be used in all of these languages, {config.sentences:,} were "
            "asked: going on with more sentences needs other data or fewer languages."
        )
    if used < min(usable, config.sentences):
        yield (
            f"The token cap of {config.token_cap:,} holds {used:,} sentences: going on with more sentences needs a "
            "higher cap."
        )


def doubts_of_splits(spans: Sequence[ShiftSpan]) -> Iterator[str]:
    """What the splits leave open: too few, judged at different layers, areas in several parts."""
    if len(spans) < ENOUGH_SPLITS:
        times = "once" if len(spans) == 1 else f"{len(spans)} times"
        yield f"The sentences were split into halves {times}; {ENOUGH_SPLITS} splits cost little more and tell more."
    layers = Counter(span.shift_layer for span in spans)
    if len(layers) > 1:
        found = ", ".join(f"{layer} ({count} of {len(spans)} splits)" for layer, count in sorted(layers.items()))
        yield f"Each split found the layer of the shift by itself: {found}."
    parted = sum(not span.contiguous for span in spans)
    if parted:
        yield (
            f"Under {parted} of {len(spans)} splits the layers of lowest distance were not one stretch, as the paper "
            "observed; the longest stretch was taken."
        )
