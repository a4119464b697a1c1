"""Claims of multi-level contrastive character understanding."""

from tests.workbench.claims_of_papers.corpus import f1, macro_f1, match_f1
from tests.workbench.claims_of_papers.method_claims import MethodClaims, above, arms, best, both
from workbench.claims import Cell, Claim, DifferenceOfDifferences, Metric, Reported, Superiority

SCRIPT_CHARACTERS = MethodClaims(
    "script_characters",
    metrics=(
        Metric("macro_f1", "", "higher", "Mean F1 over characters.", macro_f1, floor=0.0, ceiling=1.0),
        Metric("micro_f1", "", "higher", "F1 over mentions.", f1, floor=0.0, ceiling=1.0),
        Metric("b_cubed", "", "higher", "B-cubed F1 of coreference.", match_f1, floor=0.0, ceiling=1.0),
        Metric("ceaf", "", "higher", "CEAF-phi4 F1 of coreference.", match_f1, floor=0.0, ceiling=1.0),
        Metric("same_character_cosine", "", "higher", "Cosine of two mentions of one character."),
        Metric("other_character_cosine", "", "lower", "Cosine of mentions of two characters."),
    ),
    arms=arms("two_losses no_summary_loss no_cross_loss no_contrast one_stage span_bert longformer"),
    claims=(
        Claim(
            "links_more_characters",
            "Contrast links more mentions to the right character than the plain encoders.",
            best("macro_f1", "two_losses", "span_bert longformer no_contrast"),
        ),
        Claim(
            "resolves_coreference",
            "Coreference improves by two measures.",
            both(above("b_cubed", "two_losses", "no_contrast"), above("ceaf", "two_losses", "no_contrast")),
        ),
        Claim(
            "both_losses_help",
            "Each of the two contrastive losses helps.",
            best("micro_f1", "two_losses", "no_summary_loss no_cross_loss"),
            Reported("both losses help in the ablation", "digest", "low"),
        ),
        Claim("two_stages", "Two stages of training beat one.", above("macro_f1", "two_losses", "one_stage")),
        Claim(
            "rare_characters_gain_more",
            "Characters of few mentions gain more than main characters.",
            DifferenceOfDifferences(
                (Cell("micro_f1", "two_losses", "tail"), Cell("micro_f1", "no_contrast", "tail")),
                (Cell("micro_f1", "two_losses", "main"), Cell("micro_f1", "no_contrast", "main")),
            ),
        ),
        Claim(
            "characters_part",
            "Mentions of one character come together and those of two part.",
            both(
                above("same_character_cosine", "two_losses", "no_contrast"),
                Superiority(
                    Cell("other_character_cosine", "two_losses"), Cell("other_character_cosine", "no_contrast")
                ),
            ),
        ),
    ),
)

METHODS = (SCRIPT_CHARACTERS,)
