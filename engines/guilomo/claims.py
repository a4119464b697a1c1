"""What the paper says of the allocation, in a form that a run can confirm or refute."""

from workbench.claims import Cell, Claim, Conjunction, NonInferiority, Reported, Share, Superiority, Trend

ABSTRACT = "abstract"
NOTES = "third-party digest of the first version"
MARGIN = 0.03
"""Share of right answers within which GuiLoMo may be worse and still counts as good as another."""
NO_TABLE = "superior or comparable to all baselines; no table of results could be read"


def _correct(arm: str) -> Cell:
    return Cell("correct", arm)


def _as_good_as(arm: str, title: str, note: str = "") -> Claim:
    return Claim(
        f"as_good_as_{arm}",
        f"GuiLoMo answers at least as well as {title} of equal parameters, within 3 points.",
        NonInferiority(_correct("guilomo"), _correct(arm), MARGIN),
        paper=Reported(NO_TABLE, ABSTRACT),
        note=note,
    )


CLAIMS = (
    _as_good_as("uniform", "five experts everywhere"),
    _as_good_as("plain", "plain LoRA"),
    _as_good_as("triangle", "more experts in higher layers", "An arm that is not run by default."),
    Claim(
        "both_parts_matter",
        "Searching both numbers and ranks answers better than searching either alone.",
        Conjunction(
            (
                Superiority(_correct("guilomo"), _correct("experts_only")),
                Superiority(_correct("guilomo"), _correct("ranks_only")),
            )
        ),
        paper=Reported("the joint search matters", NOTES, "low"),
        note="The differences that are known are a few in a thousand answers; small runs cannot see them.",
    ),
    Claim(
        "higher_layers_get_more_experts",
        "The search gives higher layers more experts.",
        Trend(along=Cell("experts", "guilomo", "real/*")),
        paper=Reported("higher layers tend to get more", NOTES, "low"),
        note="Only the blocks that were adapted are compared.",
    ),
    Claim(
        "search_recovers_numbers",
        "On the planted task, layers that need more experts get more.",
        Share(Cell("recovered_numbers", "guilomo", "planted"), 0.0),
        clusters_needed=8,
        note="Our own claim, on a synthetic task: Spearman's correlation of planted and found numbers over layers.",
    ),
    Claim(
        "search_recovers_ranks",
        "On the planted task, layers whose changes have a higher rank get higher ranks.",
        Share(Cell("recovered_ranks", "guilomo", "planted"), 0.0),
        clusters_needed=8,
        note="Our own claim, on a synthetic task.",
    ),
    Claim(
        "planted_beats_uniform",
        "On the planted task, the found allocation comes nearer to the teacher than five experts everywhere.",
        Superiority(Cell("divergence", "guilomo", "planted"), Cell("divergence", "uniform", "planted")),
        note="Our own claim, on a synthetic task, at equal parameters and steps.",
    ),
)
