"""Marks that a judge model gives to the reviews: shown apart, because a judge is no measure of truth."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel

from engines.parts.completions import Sampling
from engines.treereview.drafts import Grown
from engines.treereview.exports import form_fields
from engines.treereview.json_answers import ask_json
from engines.treereview.material import Desk
from engines.treereview.paper import Paper
from engines.treereview.prompts import PromptSet, prompt_set
from engines.treereview.schemas import Marks
from workbench.contract import Outcome

if TYPE_CHECKING:
    from engines.parts.completions import Prompt
    from workbench.contract import RunCell, RunLog


class Judged(BaseModel):
    """Marks of one review; None where they could not be read."""

    marks: dict[str, int] | None


STAGE = "Judge"
MARK_TOKENS = 96


def judge_reviews(
    desk: Desk, judge: str, trees: Mapping[str, Grown], cells: Sequence["RunCell"], log: "RunLog"
) -> None:
    """Let a judge mark every review; marks that cannot be read are left out and counted."""
    from engines.parts.generation import Use, open_generator

    generator, prompts = open_generator(judge, log), prompt_set(desk.config.prompts)

    def judged(cell: "RunCell") -> Judged:
        prompt = judged_prompt(prompts, desk.papers[cell.part], trees[cell.key])
        use = Use(STAGE, cell.arm, cell.seed)
        return Judged(marks=ask_json(generator, [prompt], Marks, Sampling(max_tokens=MARK_TOKENS), use)[0].value)

    unreadable = 0
    for done, cell in enumerate(cells, 1):
        marks = cast(Judged, log.once(f"judge {cell.key}", Judged, partial(judged, cell))).marks
        unreadable += marks is None
        for mark, value in (marks or {}).items():
            log.row(
                Outcome(
                    arm=cell.arm, metric=f"judged_{mark}", seed=cell.seed, value=float(value), item=cell.part,
                    cluster=cell.part, slice=f"paper/{cell.part}",
                )
            )  # fmt: skip
        log.progress(done, len(cells), "reviews")
    if unreadable:
        log.note(f"The judge gave no readable marks for {unreadable} of {len(cells)} reviews.")


def judged_prompt(prompts: PromptSet, paper: Paper, found: Grown) -> "Prompt":
    """What the judge reads: the review form and the comments."""
    fields = "\n\n".join(f"{name}: {text}" for name, text in form_fields(found.review))
    comments = "\n".join(f"{number}. {comment.comment}" for number, comment in enumerate(found.comments, 1))
    return prompts.fill(
        "judge", title=paper.title, abstract=paper.abstract, review=f"{fields}\n\nComments:\n{comments}"
    )
