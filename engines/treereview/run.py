"""TreeReview: read the papers, grow a tree of questions over each, write reviews, and compare what it cost."""

from collections.abc import Mapping
from functools import partial
from typing import cast

import pandas as pd

from engines.treereview import exhaustive, ranking_trial
from engines.treereview.asking import ask
from engines.treereview.config import TreeReviewConfig
from engines.treereview.drafts import Grown
from engines.treereview.judging import judge_reviews
from engines.treereview.material import Desk, arm_settings, describe_papers, open_desk
from engines.treereview.preflight import preflight
from engines.treereview.review_run import Review, grow_one
from engines.treereview.rows import Comparison
from workbench.engine import RunCell, RunLog

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
        compared = [
            RunCell(arm, seed, paper)
            for arm, settings in arms.items() if settings.reading == "whole paper"
            for seed in log.seeds for paper in desk.papers
        ]  # fmt: skip
        log.map(compared, partial(count_one, desk=desk, arms=arms, sources=sources, trees=trees), Comparison)
    with log.phase("Compare the rankings"):
        compare_rankings(desk, log)
    if config.judge:
        with log.phase("Judge the reviews"):
            judge_reviews(desk, config.judge, trees, cells, log)


def question_sources(arms: Mapping[str, TreeReviewConfig]) -> dict[str, str]:
    """For each arm the one whose trees it uses: itself, or for one that reads whole papers, an arm that is equal but
    reads passages, where the run has one."""
    found: dict[str, str] = {}
    for name, config in arms.items():
        same = config.model_copy(update={"reading": "passages"})
        others = [other for other, settings in arms.items() if settings == same]
        found[name] = others[0] if config.reading == "whole paper" and others else name
    return found


def count_one(
    cell: RunCell,
    log: RunLog,
    desk: Desk,
    arms: Mapping[str, TreeReviewConfig],
    sources: Mapping[str, str],
    trees: Mapping[str, Grown],
) -> Comparison:
    """What one paper costs the exhaustive way."""
    config = arms[cell.arm]
    found = trees[RunCell(sources[cell.arm], cell.seed, cell.part).key]
    dialogue = desk.dialogue(cell.part, config, cell.arm, cell.seed)
    return exhaustive.report(log, exhaustive.compare(Review(cell.arm, cell.seed, cell.part), found, dialogue, config))


def compare_rankings(desk: Desk, log: RunLog) -> None:
    """Every way of ranking on every paper under every seed."""
    done, total = 0, len(desk.papers) * len(log.seeds)
    for seed in log.seeds:
        for paper in desk.papers:
            name = f"rankings {seed} {paper}"
            frame = log.once(name, pd.DataFrame, partial(ranking_trial.try_rankings, desk, paper, seed))
            arm = "treereview" if "treereview" in log.arms else next(iter(log.arms))
            ranking_trial.report(log, frame, arm)
            done += 1
            log.progress(done, total, "papers")
