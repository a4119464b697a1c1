"""Claims of the paper about readers and training on flips, their designs, and how their verdicts could be wrong."""

from dataclasses import replace

from engines.sure.config import BUNDLED, SureConfig
from engines.sure.perturbations import PERTURBATIONS
from workbench.contract import Cell, Claim, Design, NonInferiority, Reported, Share, Superiority

TABLE = "results table, Mistral-7B-v0.3 / Llama-3.1-8B, Known-Golden"
NOTES = "third-party notes of the third version, Llama-3.1-8B"
HELD_OUT, OTHER_FORM = "*-G/*/*/held_out", "*-G/*/*/held_out_form"
LOSS_ALLOWED = 0.05
STEADY = 0.95
"""Robustness that a user would not call a matter of luck: one answer of twenty turns."""
FEW_TURN = 0.03
"""Smallest effect of interest beyond `STEADY`: two thirds of what the paper's readers lose beyond it (4.6 and 4.9
points)."""
REPAIRED = 0.08
"""Smallest effect of interest of a training: six flips of ten, of a reader that flips 13 of 100 answers. The paper's
trainings repair nine of ten, of pairs chosen because they flip."""
TRAININGS = {"sft": "supervised tuning", "dpo": "DPO"}
LORA = "LoRA on tens of pairs stands for tuning every weight on more than 15,000; rate and beta are not published."
BUNDLED_QUESTIONS, BUNDLED_TOPICS = 320, 40
LIKENESS = 0.035
"""Intraclass correlation of pairs within a topic in the study of 300 questions that ships: 0.03 for the reader's
robustness, and 0.03 to 0.04 for its gain by training at eight questions a topic. It comes from the forms of one
question (0.27 to 0.29 within a question); topics add nothing that could be seen."""
SPREAD = 0.39
"""Standard deviation of one pair's gain by training, there."""
SEED_SPREAD = 0.2
"""Of the smallest gain of a training (1.6 points): three seeds of the three trained arms there varied by 0.2, 1.1 and
2.6 points."""


def flips_design(config: SureConfig) -> Design:
    """Count pairs of all forms on all questions; the reader is greedy, so that seeds change nothing."""
    questions, topics = questions_and_topics(config)
    rows = _rows(config)
    return Design(items=questions * len(rows), clusters=topics, likeness=LIKENESS, level=0.92)


def repairs_design(config: SureConfig) -> Design:
    """Count pairs of held-out questions under the classes of changes that trainings see."""
    questions, topics = questions_and_topics(config)
    share = config.held_out / 100
    held_out = min(round(questions * share), config.held_out_questions)
    rows = [name for name in _rows(config) if PERTURBATIONS[name].kind != config.held_out_class]
    clusters = max(1, min(held_out, round(topics * share)))
    return Design(held_out * len(rows), clusters, LIKENESS, SEED_SPREAD, SPREAD, level=0.87)


def questions_and_topics(config: SureConfig) -> tuple[int, int]:
    """Count questions and the topics that they share; of data of one's own each question is taken for its own topic."""
    if config.data != BUNDLED:
        return config.questions, config.questions
    questions = min(config.questions, BUNDLED_QUESTIONS)
    return questions, min(questions, BUNDLED_TOPICS)


def _rows(config: SureConfig) -> list[str]:
    """Rows of the taxonomy that are read: those of a writer only where there is one, the control not at all."""
    known = [PERTURBATIONS[name] for name in config.perturbations if name in PERTURBATIONS]
    return [row.name for row in known if row.kind != "control" and (row.made != "writer" or config.writer)]


def _robust(arm: str, where: str) -> Cell:
    return Cell("robust", arm, where)


def _repairs(arm: str, title: str, value: str) -> tuple[Claim, Claim]:
    """The claim about robustness, and the one that a reader which is always wrong would fail."""
    gain = Claim(
        f"{arm}_repairs",
        f"{title} on flips makes the reader more robust on held-out questions.",
        Superiority(_robust(arm, HELD_OUT), _robust("reader", HELD_OUT)),
        paper=Reported(value, NOTES, "medium"),
        note="The paper's benchmark holds pairs that the base flips, so that its base is low by selection; here all "
        "pairs of held-out questions are judged. Whether accuracy was paid for it is a claim of its own.",
        finding=f"after {TRAININGS[arm]} on flips, {{amount}} stay as right or as wrong as they were when the document "
        "changes its form",
        smallest=REPAIRED,
        cautions=(LORA, "Learning to answer briefly may be what helps: compare with SFT on plain documents."),
    )
    cost = Claim(
        f"{arm}_keeps_accuracy",
        f"{title} on flips costs less than 5 points of accuracy on held-out questions.",
        NonInferiority(Cell("correct", arm, HELD_OUT), Cell("correct", "reader", HELD_OUT), LOSS_ALLOWED),
        note="Our own claim: a reader that is always wrong is perfectly robust.",
        finding=f"after {TRAININGS[arm]} on flips, {{amount}} are right",
    )
    return gain, cost


def _worse_than_metadata(kind: str, value: str) -> Claim:
    return Claim(
        f"{kind}_hurts_more_than_metadata",
        f"On documents that hold the answer, a change of {kind} changes the judgement of more answers than a meta tag "
        "does.",
        Superiority(
            _robust("reader", f"{kind}_and_metadata/metadata"), _robust("reader", f"{kind}_and_metadata/{kind}")
        ),
        paper=Reported(value, TABLE),
        note="On the documents that have forms of both classes. Metadata rows are compared with the HTML page without "
        "the tag, as the paper's numbers suggest.",
        finding=f"a meta tag leaves {{amount}} as right or as wrong as they were than a change of {kind} does",
        smallest=0.04,
    )


SFT = _repairs("sft", "Supervised tuning", "style 10.0 -> 96.5, format 24.0 -> 99.5 % robust on SIG_Wiki")
DPO = _repairs("dpo", "DPO", "style 10.0 -> 96.5, format 24.0 -> 98.0 % robust on SIG_Wiki")
CLAIMS = (
    Claim(
        "form_changes_answers",
        "On documents that hold the answer, a change of form alone turns the judgement of more than 5 of 100 answers.",
        Share(_robust("reader", "*-G"), STEADY, "below"),
        paper=Reported("robust 83.0 to 95.9 % by row; 90.4 and 90.1 % on average over the fifteen rows", TABLE),
        note="An answer that is wrong before and after counts as robust, so that a weak reader seems more robust than "
        "it is. Which rows are read is a setting; the control that changes nothing is not counted.",
        headline=True,
        finding="{amount} stay as right or as wrong as they were when the document changes its form",
        smallest=FEW_TURN,
        design=flips_design,
    ),
    Claim(
        "form_changes_more_than_noise",
        "A change of form turns the judgement of more answers than reading the same document again, with one more "
        "space at its end, does.",
        Superiority(_robust("reader", "control/*-G/control/trailing_space"), _robust("reader", "*-G")),
        note="Our own claim: without a noise floor, near-ties of a reader may pass for an effect of the form. Its "
        "other half, the very same text in another batch, stands beside it.",
        finding="one more space leaves {amount} as right or as wrong as they were than a change of form does",
        smallest=FEW_TURN,
    ),
    _worse_than_metadata("style", "robust 83.0 to 87.4 % against 92.3 to 95.9 % for metadata"),
    _worse_than_metadata("source", "robust 85.0 to 87.6 % against 92.3 to 95.9 % for metadata"),
    _worse_than_metadata("format", "robust 84.5 to 92.5 % against 92.3 to 95.9 % for metadata"),
    Claim(
        "rewriting_wins_more_than_it_loses",
        "When a model rewrites the document, more answers are repaired than broken.",
        Share(Cell("net_flip", "reader", "*-G/source"), 0.0),
        paper=Reported("WR - LR = 0.56 (Mistral), 1.80 (Llama), rewritten by a strong model", TABLE),
        note="A weak writer loses facts; the answer-string check drops only forms that lose the answer itself.",
        finding="answers repaired less answers broken come to {amount} for each answer from a rewritten document",
    ),
    Claim(
        "reversal_loses_more_than_it_wins",
        "Sentences in reverse order break more answers than they repair.",
        Share(Cell("net_flip", "reader", "*-G/logic/reverse"), 0.0, "below"),
        paper=Reported("LR 5.44, WR 5.22 (Mistral); 5.06, 4.12 (Llama)", TABLE),
        finding="answers repaired less answers broken come to {amount} for each answer from reversed sentences",
    ),
    Claim(
        "known_noise_is_fragile",
        "With documents that do not hold the answer, answers that the reader knows are less robust than others.",
        Superiority(_robust("reader", "U-N"), _robust("reader", "K-N")),
        paper=Reported("trend in words", "the paper, results by subset"),
        note="Unknown answers on Noise are robust because they are wrong both times. A small reader knows few answers.",
        finding="from documents without the answer, {amount} stay as they were where the reader does not know the "
        "answer than where it does",
        items_grow=False,  # up to noise_questions
    ),
    Claim(
        "readers_prefer_a_length",
        "The documents that the reader scores highest and lowest differ in length more than two random ones do.",
        Superiority(Cell("form_gap", "reader", "form/ranked/length"), Cell("form_gap", "reader", "form/random/length")),
        paper=Reported(".1708 against .012 to .030 for the controls (Mistral-7B)", "preliminary test of the paper"),
        note="Length is the feature with the largest distance in the paper; the others are shown, not judged.",
        finding="the lengths of the documents that the reader prefers most and least lie {amount} apart than those of "
        "two random ones (distance of the distributions, 0 to 1)",
        items_grow=False,  # up to oracle_questions
        cautions=("The gap of finite groups is above 0 even without any preference; the random groups share that.",),
    ),
    Claim(
        "attention_moves_with_losses",
        "Where an answer is lost, attention to the answer's words has changed more than in robust pairs.",
        Superiority(Cell("attention_change", "reader", "attention/lost"),
                    Cell("attention_change", "reader", "attention/robust")),
        paper=Reported("1.15e-4 against 6.5e-5, Welch p = .046", NOTES, "medium"),
        finding="the attention to a word of the answer changes by {amount} where the answer is lost than where it "
        "stays right",
        items_grow=False,  # up to attention_pairs
        cautions=("How the paper measures attention is known from notes alone.",),
    ),
    replace(SFT[0], headline=True, design=repairs_design),
    *DPO,
    SFT[1],
    Claim(
        "dpo_transfers_better",
        "On a kind of change that no training saw, DPO is more robust than supervised tuning.",
        Superiority(_robust("dpo", OTHER_FORM), _robust("sft", OTHER_FORM)),
        paper=Reported("style 94.5 against 88.5, logic 97.3 against 95.0 on SIG_Trivial", NOTES, "medium"),
        note="The paper transfers to another data set; here the transfer is to a held-out class of changes.",
        finding="under a kind of change that no training saw, {amount} stay as they were with DPO than with SFT",
        cautions=(LORA,),
    ),
    Claim(
        "flips_teach_more_than_answers",
        "Learning from flips makes the reader more robust than learning to answer from unchanged documents.",
        Superiority(_robust("sft", HELD_OUT), _robust("sft_on_plain", HELD_OUT)),
        note="Our own claim: without this control, a gain may come from learning to answer briefly.",
        finding="after learning from flips, {amount} stay as right or as wrong as they were than after learning from "
        "plain documents",
    ),
)  # fmt: skip
