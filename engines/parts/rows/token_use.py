"""The token ledger: what each stage of a run asked of each model, and what was computed for it.

Design decisions:
- Logical tokens say what a method asks for, whoever computed it: claims about cost rest on them, and a run repeated
  with a warm cache gives the same ones. Computed tokens, reused answers and seconds tell what this run spent.
"""

# pyright: reportMissingTypeStubs=false

from typing import TYPE_CHECKING, Annotated

from workbench.contract.schema import MEASURED, Row
from workbench.contract.views import Listing, NoControls, Tables

if TYPE_CHECKING:
    import pandas as pd

SUMMED = ("calls", "prompt_tokens", "completion_tokens", "cut", "empty", "computed_tokens", "reused", "seconds")
TOTAL = "all stages"


class TokenUse(Row):
    """One batch of answers by one model; an entry of the ledger."""

    stage: str
    """What the answers were for, in the method's words ("Answer", "Judge")."""
    arm: str = ""
    """The arm they were for; empty where several share them."""
    seed: int = 0
    model: str
    calls: int
    """Answers asked for."""
    prompt_tokens: int
    """Tokens read, each answer with its whole prompt, whoever computed them."""
    completion_tokens: int
    """Tokens written, whoever computed them."""
    cut: int | None = None
    """Answers that ended at the limit of tokens; None in runs that did not count them."""
    empty: int | None = None
    """Answers without any text."""
    computed_tokens: Annotated[int, MEASURED]
    """Tokens read and written that were run through the model for this batch."""
    reused: Annotated[int, MEASURED]
    """Answers that were there already."""
    seconds: Annotated[float, MEASURED]
    """Wall time of the batch."""


def token_sums(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return the ledger summed by stage and model in order of appearance, and a last line over all of it.

    Args:
        frame: rows of `TokenUse`.

    Returns:
        Columns stage, model and those of `SUMMED`; no line at all where the ledger is empty.
    """
    import pandas as pd

    columns = ["stage", "model", *SUMMED]
    if frame.empty:
        return pd.DataFrame(columns=columns)
    sums = frame.groupby(["stage", "model"], sort=False, as_index=False)[list(SUMMED)].sum(min_count=1)
    total = {"stage": TOTAL, "model": ""} | {name: sums[name].sum(min_count=1) for name in SUMMED}
    return pd.concat([sums, pd.DataFrame([total])], ignore_index=True)[columns]


def _listing(tables: Tables, controls: NoControls) -> "pd.DataFrame":
    names = {name: name.replace("_", " ") for name in SUMMED}
    names |= {"reused": "reused answers", "cut": "cut at the limit", "empty": "empty answers"}
    sums = token_sums(tables[TokenUse])
    return sums.assign(seconds=sums["seconds"].astype(float).round(2)).rename(columns=names)


TOKEN_USE = Listing(
    "token_use",
    "Tokens",
    (TokenUse,),
    _listing,
    help="What each stage asked of each model. Prompt and completion tokens count what the method asks for, however it "
    "was answered. Answers that the limit of tokens cut and empty ones may be judged wrong only for being unfinished. "
    "Computed tokens count what this run had to run through the model (a server does not tell, then the logical counts "
    "stand here); reused answers came from the response cache.",
)
