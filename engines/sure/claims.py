"""What the paper says of readers and of mending, in a form that a run can confirm or refute."""

from workbench.claims import Cell, Claim, Conjunction, NonInferiority, Reported, Share, Superiority

TABLE = "results table, Mistral-7B-v0.3 / Llama-3.1-8B, Known-Golden"
NOTES = "third-party notes of the third version, Llama-3.1-8B"
HELD_OUT, OTHER_FORM = "*-G/*/*/held_out", "*-G/*/*/held_out_form"
LOSS_ALLOWED = 0.05


def _robust(arm: str, where: str) -> Cell:
    return Cell("robust", arm, where)


def _repairs(arm: str) -> Conjunction:
    return Conjunction(
        (
            Superiority(_robust(arm, HELD_OUT), _robust("reader", HELD_OUT)),
            NonInferiority(Cell("correct", arm, HELD_OUT), Cell("correct", "reader", HELD_OUT), LOSS_ALLOWED),
        )
    )


def _worse_than_metadata(kind: str, value: str) -> Claim:
    return Claim(
        f"{kind}_hurts_more_than_metadata",
        f"On documents that hold the answer, a change of {kind} changes the judgement of more answers than a meta tag "
        "does.",
        Superiority(_robust("reader", "*-G/metadata"), _robust("reader", f"*-G/{kind}")),
        paper=Reported(value, TABLE),
        clusters_needed=8,
        note="Metadata rows are compared with the HTML page without the tag, as the paper's numbers suggest.",
    )


CLAIMS = (
    _worse_than_metadata("style", "robust 83.0 to 87.4 % against 92.3 to 95.9 % for metadata"),
    _worse_than_metadata("source", "robust 85.0 to 87.6 % against 92.3 to 95.9 % for metadata"),
    _worse_than_metadata("format", "robust 84.5 to 92.5 % against 92.3 to 95.9 % for metadata"),
    Claim(
        "rewriting_wins_more_than_it_loses",
        "When a model rewrites the document, more answers are repaired than broken.",
        Share(Cell("net_flip", "reader", "*-G/source"), 0.0),
        paper=Reported("WR - LR = 0.56 (Mistral), 1.80 (Llama), rewritten by a strong model", TABLE),
        clusters_needed=8,
        note="A weak writer loses facts; the answer-string check drops only forms that lose the answer itself.",
    ),
    Claim(
        "reversal_loses_more_than_it_wins",
        "Sentences in reverse order break more answers than they repair.",
        Share(Cell("net_flip", "reader", "*-G/logic/reverse"), 0.0, "below"),
        paper=Reported("LR 5.44, WR 5.22 (Mistral); 5.06, 4.12 (Llama)", TABLE),
        clusters_needed=8,
    ),
    Claim(
        "known_noise_is_fragile",
        "With documents that do not hold the answer, answers that the reader knows are less robust than others.",
        Superiority(_robust("reader", "U-N"), _robust("reader", "K-N")),
        paper=Reported("trend in words", "the paper, results by subset"),
        clusters_needed=8,
        note="Unknown answers on Noise are robust because they are wrong both times. A small reader knows few answers.",
    ),
    Claim(
        "readers_prefer_a_length",
        "The documents that the reader scores highest and lowest differ in length more than two random ones do.",
        Superiority(Cell("form_gap", "reader", "form/ranked/length"), Cell("form_gap", "reader", "form/random/length")),
        paper=Reported(".1708 against .012 to .030 for the controls (Mistral-7B)", "preliminary test of the paper"),
        clusters_needed=8,
        note="Length is the feature with the largest distance in the paper; the others are shown, not judged.",
    ),
    Claim(
        "attention_moves_with_losses",
        "Where an answer is lost, attention to the answer's words has changed more than in robust pairs.",
        Superiority(Cell("attention_change", "reader", "attention/lost"),
                    Cell("attention_change", "reader", "attention/robust")),
        paper=Reported("1.15e-4 against 6.5e-5, Welch p = .046", NOTES, "medium"),
        clusters_needed=8,
    ),
    Claim(
        "sft_repairs",
        "Supervised tuning on flips raises robustness on held-out questions and costs less than 5 points of accuracy.",
        _repairs("sft"),
        paper=Reported("style 10.0 -> 96.5, format 24.0 -> 99.5 % robust on SIG_Wiki", NOTES, "medium"),
        clusters_needed=8,
        note="The paper's benchmark holds pairs that the base flips, so that its base is low by selection; here all "
        "pairs of held-out questions are judged.",
    ),
    Claim(
        "dpo_repairs",
        "DPO on flips raises robustness on held-out questions and costs less than 5 points of accuracy.",
        _repairs("dpo"),
        paper=Reported("style 10.0 -> 96.5, format 24.0 -> 98.0 % robust on SIG_Wiki", NOTES, "medium"),
        clusters_needed=8,
    ),
    Claim(
        "dpo_transfers_better",
        "On a kind of change that no training saw, DPO is more robust than supervised tuning.",
        Superiority(_robust("dpo", OTHER_FORM), _robust("sft", OTHER_FORM)),
        paper=Reported("style 94.5 against 88.5, logic 97.3 against 95.0 on SIG_Trivial", NOTES, "medium"),
        clusters_needed=8,
        note="The paper transfers to another data set; here the transfer is to a held-out class of changes.",
    ),
    Claim(
        "flips_teach_more_than_answers",
        "Learning from flips makes the reader more robust than learning to answer from unchanged documents.",
        Superiority(_robust("sft", HELD_OUT), _robust("sft_on_plain", HELD_OUT)),
        clusters_needed=8,
        note="Our own claim: without this control, a gain may come from learning to answer briefly.",
    ),
)  # fmt: skip
