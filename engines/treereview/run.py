"""TreeReview: read the papers, grow a tree of questions over each, write reviews, and compare what it cost."""

from collections.abc import Mapping
from functools import partial
from typing import cast

import pandas as pd

from engines.treereview import exhaustive, ranking_trial
from engines.treereview.asking import ask
from engines.treereview.config import TreeReviewConfig
from engines.treereview.doubts import doubts, record_facts
from engines.treereview.drafts import Grown
from engines.treereview.judging import judge_reviews
from engines.treereview.material import Desk, arm_settings, describe_papers, open_desk
from engines.treereview.preflight import preflight
from engines.treereview.review_run import Review, grow_one
from engines.treereview.rows import Comparison
from workbench.contract import Outcome, RunCell, RunLog

__all__ = ["ask", "preflight", "run"]


def run(config: TreeReviewConfig, log: RunLog) -> None:
    """What would a reviewer ask of this paper, and what do the answers add up to?"""
    arms = arm_settings(log, config)
    with log.phase("Read the papers"):
        desk = open_desk(config, log)
        describe_papers(desk, log)
    sources = question_sources(arms)
    cells = [
        RunCell(arm, seed, paper)
        for paper in desk.papers
        for arm in dict.fromkeys(sources.values())
        for seed in log.seeds
    ]
    with log.phase("Grow the trees"):
        grown = log.map(cells, partial(grow_one, desk=desk, arms=arms), Grown)
    trees = {cell.key: cast(Grown, tree) for cell, tree in zip(cells, grown, strict=True)}
    with log.phase("Count the exhaustive way"):
        compared = count_all(desk, arms, sources, trees, log)
    with log.phase("Compare the rankings"):
        compare_rankings(desk, log)
    if config.judge:
        with log.phase("Judge the reviews"):
            judge_reviews(desk, config.judge, trees, cells, log)
    with log.phase("Look for doubts"):
        record_facts(desk, arms, list(trees.values()), log)
        most = {cell.key: arms[cell.arm].most_comments for cell in cells}
        for doubt in doubts(desk, trees, compared, most):
            log.row(doubt)


def question_sources(arms: Mapping[str, TreeReviewConfig]) -> dict[str, str]:
    """For each arm the one whose trees it uses: itself, or for one that reads whole papers, an arm that is equal but
    reads passages, where the run has one."""
    found: dict[str, str] = {}
    for name, config in arms.items():
        same = config.model_copy(update={"reading": "passages"})
        others = [other for other, settings in arms.items() if settings == same]
        found[name] = others[0] if config.reading == "whole paper" and others else name
    return found


def count_all(
    desk: Desk,
    arms: Mapping[str, TreeReviewConfig],
    sources: Mapping[str, str],
    trees: Mapping[str, Grown],
    log: RunLog,
) -> list[tuple[Comparison, Grown]]:
    """What every paper costs the exhaustive way, each with its tree; emits the tokens of all reviews of each arm."""
    whole = [name for name, settings in arms.items() if settings.reading == "whole paper"]
    cells = [RunCell(arm, seed, paper) for arm in whole for seed in log.seeds for paper in desk.papers]
    asked_by = {cell.key: trees[RunCell(sources[cell.arm], cell.seed, cell.part).key] for cell in cells}
    work = partial(count_one, desk=desk, arms=arms, trees=asked_by)
    key = ", ".join(f"{arm} asks as {sources[arm]}" for arm in whole)
    rows = [cast(Comparison, row) for row in log.map(cells, work, Comparison, key=key)]
    for arm, settings in arms.items():
        for seed in log.seeds:
            tokens = (
                [row.tokens_exhaustive for row in rows if (row.arm, row.seed) == (arm, seed)]
                if settings.reading == "whole paper"
                else [trees[RunCell(arm, seed, paper).key].tokens for paper in desk.papers]
            )
            log.row(Outcome(arm=arm, metric="tokens_in_run", seed=seed, value=float(sum(tokens))))
    return [(row, asked_by[cell.key]) for cell, row in zip(cells, rows, strict=True)]


def count_one(
    cell: RunCell, log: RunLog, desk: Desk, arms: Mapping[str, TreeReviewConfig], trees: Mapping[str, Grown]
) -> Comparison:
    """What one paper costs the exhaustive way."""
    config, found = arms[cell.arm], trees[cell.key]
    dialogue = desk.dialogue(cell.part, config, cell.arm, cell.seed)
    return exhaustive.report(log, exhaustive.compare(Review(cell.arm, cell.seed, cell.part), found, dialogue, config))


def compare_rankings(desk: Desk, log: RunLog) -> None:
    """Every way of ranking on every paper; seeds change nothing, so that the first stands for all."""
    arm = "treereview" if "treereview" in log.arms else next(iter(log.arms))
    for done, paper in enumerate(desk.papers, 1):
        frame = log.once(f"rankings {paper}", pd.DataFrame, partial(ranking_trial.try_rankings, desk, paper))
        ranking_trial.report(log, frame, arm, log.seeds[0])
        log.progress(done, len(desk.papers), "papers")
