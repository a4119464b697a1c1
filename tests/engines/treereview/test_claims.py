"""What planted numbers settle, and the sample that a run has for each claim."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engines.treereview import ENGINE
from engines.treereview.claims import papers_of, ranking_design, tokens_design
from workbench.contract.fields import read_spec
from workbench.contract.schema import Outcome
from workbench.statistics import judge
from workbench.statistics.claim_outlook import never_decided
from workbench.statistics.power import ENOUGH, power

TREE = {"treereview": 5e4, "exhaustive": 2e5}
HITS = {"perplexity": 0.85, "bm25": 0.6, "chance": 0.3}
DEPTHS = {"depth_1": (1e4, 3.0), "depth_2": (3e4, 5.0), "depth_3": (6e4, 7.0)}
SENTENCES = 12


def planted(papers: int, tree=TREE, hits=HITS, depths=DEPTHS) -> pd.DataFrame:
    """Outcomes of a run over so many papers, lengths of papers and sentences alike for all arms."""
    draw = np.random.default_rng(0)
    rows = [
        row for at in range(papers) for row in _of_paper(f"p{at}", float(draw.lognormal(0, 0.4)), draw, tree, depths)
    ]
    for at in range(papers):
        for sentence in range(SENTENCES):
            luck = draw.random()
            rows += [
                ("treereview", "hit_at_k", share if name == "chance" else float(luck < share), f"p{at}/{sentence}",
                 f"p{at}", f"ranking/{name}")
                for name, share in hits.items()
            ]  # fmt: skip
    for arm in tree if papers else ():
        total = sum(row[2] for row in rows if row[:2] == (arm, "tokens_all_models"))
        rows.append((arm, "tokens_all_models_in_run", total, None, None, ""))
    names = ["arm", "metric", "value", "item", "cluster", "slice"]
    return pd.DataFrame(rows, columns=names).assign(seed=0)[list(Outcome.model_fields)]


def _of_paper(paper: str, length: float, draw: np.random.Generator, tree, depths):
    for arm, tokens in tree.items():
        value = length * tokens * draw.lognormal(0, 0.2)
        for metric in ("tokens", "tokens_all_models"):
            yield arm, metric, value, paper, paper, f"paper/{paper}"
    for arm, (tokens, comments) in depths.items():
        yield arm, "tokens", length * tokens * draw.lognormal(0, 0.1), paper, paper, f"paper/{paper}"
        yield arm, "distinct_comments", comments + draw.normal(0, 0.5), paper, paper, f"paper/{paper}"


def verdicts(outcomes: pd.DataFrame) -> dict[str, str]:
    return {verdict.claim: verdict.verdict for verdict in judge(ENGINE, outcomes)}


def test_clear_numbers_settle_every_claim():
    assert set(verdicts(planted(12)).values()) == {"holds"}


def test_the_opposite_refutes_them():
    hits = {"perplexity": 0.3, "bm25": 0.85, "chance": 0.6}
    turned = planted(
        12, dict(zip(TREE, reversed(TREE.values()), strict=True)), hits,
        dict(zip(DEPTHS, reversed(DEPTHS.values()), strict=True)),
    )  # fmt: skip
    assert set(verdicts(turned).values()) == {"does not hold"}


def test_one_paper_decides_what_is_counted_and_nothing_else():
    found = verdicts(planted(1))
    assert found.pop("fewer_tokens_in_this_run") == "holds"
    assert set(found.values()) == {"undecided"}


def test_a_run_without_outcomes_decides_nothing():
    assert not {"holds", "does not hold"} & set(verdicts(planted(0)).values())


def test_the_headlines_are_two():
    assert [claim.name for claim in ENGINE.claims if claim.headline] == ["fewer_tokens", "ranking_beats_chance"]
    assert all(claim.finding.count("{amount}") == 1 for claim in ENGINE.claims)


@pytest.mark.parametrize(
    ("settings", "papers"),
    [({}, 1), ({"more_papers": ("upload:b.md",)}, 14), ({"paper": "upload:a.md", "papers": 30}, 30)],
)
def test_only_the_shipped_report_is_known_to_be_one_paper(settings, papers):
    config = ENGINE.presets["study"].config.model_copy(update=settings)
    assert papers_of(config) == papers
    assert (tokens_design(config).items, tokens_design(config).clusters) == (papers, papers)
    assert ranking_design(config).items == papers * config.held_out


def test_seeds_change_something_only_where_answers_are_drawn():
    config = ENGINE.presets["study"].config
    assert tokens_design(config).seed_spread == 0.0
    assert tokens_design(config.model_copy(update={"temperature": 0.7})).seed_spread > 0.0
    assert ranking_design(config.model_copy(update={"temperature": 0.7})).seed_spread == 0.0


@pytest.mark.parametrize("claim", [claim for claim in ENGINE.claims if claim.headline], ids=lambda claim: claim.name)
def test_a_study_of_as_many_papers_as_it_asks_for_decides_its_headlines(claim):
    study = ENGINE.presets["study"]
    named = replace(study, config=study.config.model_copy(update={"paper": "upload:papers.md"}))
    assert power(ENGINE, claim, named) >= ENOUGH
    assert power(ENGINE, claim, study) == 0.0, "one report ships"
    assert f"only over {named.config.papers} papers" in ENGINE.honesty


def test_before_a_study_of_the_shipped_report_the_outlook_says_what_it_cannot_decide():
    told = never_decided(ENGINE, read_spec(ENGINE, preset="study"))
    over_papers = [claim.sentence for claim in ENGINE.claims if claim.name != "fewer_tokens_in_this_run"]
    assert list(told) == over_papers
    assert all("papers" in reason and "the run has 1 cluster" in reason for reason in told.values())
    assert not never_decided(ENGINE, read_spec(ENGINE, preset="study", settings={"paper": "upload:papers.md"}))
