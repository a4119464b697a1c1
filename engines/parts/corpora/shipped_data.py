"""Data sets that lie in this package itself, because no registry holds the like of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True)
class ShippedData:
    """A data set of the workbench's own, always at hand.

    Attributes:
        record: what a row is.
        credit: whom to name, and under which terms.
    """

    name: str
    record: str
    path: Path
    credit: str


SHIPPED_DATA: Mapping[str, ShippedData] = {
    data.name: data
    for data in (
        ShippedData(
            name="public-facts",
            record="questions",
            path=FOLDER / "public_facts.jsonl",
            credit="320 questions on 80 passages about 40 subjects, written for this workbench, Apache-2.0.",
        ),
    )
}
