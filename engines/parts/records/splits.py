"""Samples and splits drawn by seed: stable, nested, and without leaking a group from one part into another.

The lot of a group is a hash of the seed and the group's key. Groups are taken in the order of their lots, so a smaller
sample is part of a larger one, and what a group belongs to does not depend on the order of the rows.
"""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from engines.parts.records.record_types import Record
from workbench.contract.errors import DataError

Kind = TypeVar("Kind", bound=Record)
Group = Callable[[Kind], str]


def lot(seed: int, key: str) -> bytes:
    """Return the place of a key in the order that `seed` draws."""
    return hashlib.sha256(f"{seed}\0{key}".encode("utf-8", "surrogatepass")).digest()


def drawn_keys(keys: Iterable[str], limit: int, seed: int) -> set[str]:
    """Draw `limit` of the keys, chosen by seed and key alone: a smaller draw is always part of a larger one."""
    return set(sorted(keys, key=lambda key: lot(seed, key))[:limit])


def content_of(record: Record) -> str:
    """Return what a record says, its id and the case of its letters left out: equal for rows that repeat each other."""
    return json.dumps(record.model_dump(mode="json", exclude={"id"}), sort_keys=True).casefold()


def sample(records: Sequence[Kind], limit: int, seed: int, group: Group[Kind] | None = None) -> list[Kind]:
    """Draw at most `limit` records in their order; with `group`, whole groups as long as they fit.

    Args:
        group: key of the group that a record belongs to (document, author); without it each record stands alone.
    """
    groups = _by_lot(records, seed, group or (lambda record: record.id))
    taken: set[int] = set()
    for members in groups:
        if len(taken) + len(members) > limit:
            break
        taken.update(members)
    return [record for index, record in enumerate(records) if index in taken]


def split(
    records: Sequence[Kind], shares: Mapping[str, float], seed: int, group: Group[Kind] | None = None
) -> dict[str, list[Kind]]:
    """Part records in about those shares; each group is in one part, and every part keeps the records' order.

    Args:
        shares: at least one positive share by name; they are taken relative to their sum.
        group: key of the group that a record belongs to. Without it records that repeat each other are a group.

    Raises:
        DataError: a share that is not positive, or fewer groups than parts.
    """
    if not shares or any(not share > 0 for share in shares.values()):
        raise DataError(f"The shares {dict(shares)} are not all positive.", "Give shares such as train=0.8, test=0.2.")
    groups = _by_lot(records, seed, group or content_of)
    if len(groups) < len(shares):
        raise DataError(
            f"{len(groups)} groups of rows cannot fill {len(shares)} parts.", "Give more rows, or fewer parts."
        )
    part_of = _parts(groups, shares)
    return {part: [record for index, record in enumerate(records) if part_of[index] == part] for part in shares}


def _by_lot(records: Sequence[Kind], seed: int, group: Group[Kind]) -> list[list[int]]:
    members: dict[str, list[int]] = {}
    for index, record in enumerate(records):
        members.setdefault(group(record), []).append(index)
    return [members[key] for key in sorted(members, key=lambda key: lot(seed, key))]


def _parts(groups: list[list[int]], shares: Mapping[str, float]) -> dict[int, str]:
    rows = sum(map(len, groups))
    ends = [rows * end / sum(shares.values()) for end in itertools.accumulate(shares.values())]
    names, part, filled = list(shares), 0, 0
    part_of: dict[int, str] = {}
    for done, members in enumerate(groups):
        # The last groups are kept for parts that would otherwise stay empty.
        left_over = len(groups) - done <= len(names) - 1 - part
        if filled and part < len(names) - 1 and (filled + len(members) / 2 > ends[part] or left_over):
            part += 1
        part_of |= dict.fromkeys(members, names[part])
        filled += len(members)
    return part_of
