"""How a finished run was extended: what it had before each extension, and what its verdicts had decided by then.

Design decisions:
- `looks.json` in the run folder holds one line of record per extension, oldest first; it travels with the folder.
- More seeds or items are a look at the same claims, which has to be paid for: five at most, each half as large again as
  the one before. More arms alone are none: they bring claims that were not asked.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from workbench.contract.circumstances import Look
from workbench.contract.errors import HistoryError
from workbench.contract.runs import ArmName, RunFolder, RunSpec, write_atomically

LOOKS_FILE = "looks.json"
LARGEST_BYTES = 4 << 20
MOST_EXTENSIONS = 100

ClaimName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,99}$")]
Decision = Literal["holds", "does not hold"]


class Extension(BaseModel):
    """What a finished run had before it was extended.

    Attributes:
        seeds, arms, items: what it had been asked until then; items is None where the method counts none.
        looks: the extension brought seeds or items, so that claims are looked at anew.
        decided: claim -> verdict, as far as this or an earlier look had decided.
        seconds: how long its last attempt had taken.
        at: when it was extended, seconds since the epoch.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    seeds: Annotated[tuple[Annotated[int, Field(ge=0, lt=2**31)], ...], Field(min_length=1, max_length=1000)]
    arms: Annotated[tuple[ArmName, ...], Field(max_length=1000)]
    items: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    looks: bool = True
    decided: Annotated[dict[ClaimName, Decision], Field(max_length=1000)] = {}
    seconds: Annotated[float, Field(ge=0)] | None = None
    at: Annotated[float, Field(ge=0)] = 0.0


EXTENSIONS: TypeAdapter[tuple[Extension, ...]] = TypeAdapter(
    Annotated[tuple[Extension, ...], Field(max_length=MOST_EXTENSIONS)]
)


def looks_of(extensions: Sequence[Extension]) -> tuple[Look, ...]:
    """Return the earlier looks at a run, oldest first, as the verdict counts them."""
    return tuple(
        Look(len(each.seeds), each.items, tuple(each.arms), dict(each.decided)) for each in extensions if each.looks
    )


def read_extensions(folder: Path) -> tuple[Extension, ...]:
    """Read the extensions of a run folder, which may be anyone's; none where there is no file.

    Raises:
        HistoryError: the file is too large, a link, or not what an extension writes.
    """
    try:
        descriptor = os.open(folder / LOOKS_FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise HistoryError(f"{LOOKS_FILE} of {folder.name} cannot be read: {error.strerror}.") from error
    with open(descriptor, "rb") as file:
        text = file.read(LARGEST_BYTES + 1)
    if len(text) > LARGEST_BYTES:
        raise HistoryError(f"The {LOOKS_FILE} of {folder.name} is larger than 4 MB.", "It is not one that a run made.")
    try:
        return EXTENSIONS.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or LOOKS_FILE
        raise HistoryError(
            f"The {LOOKS_FILE} of {folder.name} is not valid: {where}: {first['msg']}.", "Export the run again."
        ) from error


def write_extended(folder: RunFolder, spec: RunSpec, extensions: Sequence[Extension]) -> None:
    """Write what a run is asked now, and how it came to that.

    Raises:
        OSError: the folder cannot be written.
    """
    write_atomically(folder.path / LOOKS_FILE, EXTENSIONS.dump_json(tuple(extensions), indent=1).decode())
    write_atomically(folder.path / "spec.json", spec.model_dump_json(indent=1))
