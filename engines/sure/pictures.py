"""Pictures of robustness: rates by form and class, before and after fine-tuning on flips."""

# pyright: reportMissingTypeStubs=false

import pandas as pd

from engines.parts.answers import word_count
from engines.sure.claims import HELD_OUT, OTHER_FORM
from engines.sure.perturbations import CLASSES, title_of
from engines.sure.rates import rates_so_far
from engines.sure.rows import Answer, FormCount, FormRate, Instance, MendedReader
from workbench.contract import Bars, Measures, Pick, Rows, Source, Tables

OUTCOMES = ("stayed right", "won", "lost", "stayed wrong")
"""What became of answers; the first and the last are robust, the first two are right after the change."""
PANELS = {
    "robust": ("Robust", "robustness and accuracy"),
    "accuracy_after": ("Right after the change", "robustness and accuracy"),
    "win": ("Won", "wins and losses"),
    "lose": ("Lost", "wins and losses"),
}
"""Column of a rate -> its panel, and the two panels that are shown together."""
WHOLE = "all classes"


def widest(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep rates over all questions; of an arm that read held-out questions alone, those."""
    return rows[(rows["part"] == "all") | ~rows["arm"].isin(rows.loc[rows["part"] == "all", "arm"])]


def shares_by_form(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Rates of single forms so far, one row for each outcome: columns form, outcome, share and those of `FormRate`."""
    rates = _by_form(rates_so_far(rows, tables[FormRate]))
    stayed = rates["accuracy_before"] - rates["lose"]
    shares = dict(zip(OUTCOMES, (stayed, rates["win"], rates["lose"], rates["robust"] - stayed), strict=True))
    parts = [rates.assign(outcome=outcome, share=share) for outcome, share in shares.items()]
    return pd.concat(parts, ignore_index=True)


def accuracy_by_form(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Accuracies of single forms so far: columns form, when (before, after), accuracy and those of `FormRate`."""
    rates = _by_form(rates_so_far(rows, tables[FormRate]))
    times = ("before", "after")
    parts = [rates.assign(when=f"{when} the change", accuracy=rates[f"accuracy_{when}"]) for when in times]
    return pd.concat(parts, ignore_index=True)


def rates_in_percent(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Rates and accuracies of single forms and of classes so far in percent, mean over seeds."""
    rates = ["robust", "win", "lose", "accuracy_before", "accuracy_after", "right_stay", "unfinished"]
    keys = ["arm", "subset", "kind", "perturbation"]
    means = (
        widest(rates_so_far(rows, tables[FormRate])).groupby(keys, sort=False)[["pairs", *rates]].mean().reset_index()
    )
    classes = ("all of " + means["kind"].astype(str)).replace("all of all", "all forms")
    form = means["perturbation"].map(title_of).mask(means["perturbation"] == "all", classes)
    percent = {name: (100 * means[name].astype(float)).round(1) for name in rates}
    return means.assign(form=form, pairs=means["pairs"].astype(int), **percent)


def held_out_by_class(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Rates on Golden documents of held-out questions by class: columns class, measure, shown, value, arm, seed."""
    rows = rows[(rows["subset"] == "golden") & (rows["part"] == "held_out") & (rows["perturbation"] == "all")]
    rows = rows[rows["kind"].isin([*CLASSES, "other", "all"])]
    named = rows.assign(**{"class": rows["kind"].replace("all", WHOLE)})
    parts = [named.assign(measure=panel, shown=shown, value=named[name]) for name, (panel, shown) in PANELS.items()]
    return pd.concat(parts, ignore_index=True)


def rounded_readers(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Readers with losses to three digits and seconds to one."""
    digits = {"first_loss": 3, "last_loss": 3, "seconds": 1}
    return rows.assign(**{name: rows[name].astype(float).round(many) for name, many in digits.items()})


def titled_counts(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Forms made and dropped, with the titles of forms and which check was made."""
    checks = rows["judged"].map({True: "entailment judged", False: "answer checked alone"})
    return rows.assign(perturbation=rows["perturbation"].map(title_of), judged=checks)


def documents_read(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Documents with the words that are read of them (read) and that they came with (words); those cut most first."""
    read = pd.Series([word_count(text) for text in rows["document"]], rows.index, dtype=int)
    found = rows.assign(read=read, words=rows["words"].where(rows["words"] > 0, read))
    order = (found["read"] - found["words"]).sort_values(kind="stable").index
    return found.loc[order]


def subset_sizes(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return how many documents each subset has, and what share of plain ones is answered rightly, by arm."""
    plain = rows[rows["perturbation"] == "plain"].drop_duplicates(["arm", "instance"])
    found = plain.assign(right=plain["right_after"].astype(float)).groupby(["arm", "subset"], sort=False)["right"]
    sizes = found.agg(documents="size", accuracy="mean").reset_index()
    return sizes.assign(accuracy=(100 * sizes["accuracy"]).round(1))


def say_shares(frame: pd.DataFrame) -> str:
    """Return the form that breaks most answers and the one that breaks fewest, with their accuracy, in words."""
    shares = frame.pivot_table(index="form", columns="outcome", values="value", sort=False)
    robust, right = shares["stayed right"] + shares["stayed wrong"], shares["stayed right"] + shares["won"]
    low, high = robust.idxmin(), robust.idxmax()
    worst = shares.loc[low]
    return (
        f"Least robust under {low} ({robust[low]:.1%} robust, {worst['lost']:.1%} lost, {worst['won']:.1%} won; "
        f"{right[low]:.1%} right), most under {high} ({robust[high]:.1%} robust; {right[high]:.1%} right)."
    )


def say_accuracies(frame: pd.DataFrame) -> str:
    """Mean accuracy before and after, its largest loss and its largest gain, in words."""
    means = frame.pivot_table(index="form", columns="when", values="value", sort=False)
    before, after = means["before the change"], means["after the change"]
    gain = after - before
    return (
        f"Accuracy is {before.mean():.1%} before and {after.mean():.1%} after the change, mean over forms. It changes "
        f"most for the worse under {gain.idxmin()} ({gain.min():+.1%}) and most for the better under {gain.idxmax()} "
        f"({gain.max():+.1%})."
    )


def say_held_out(frame: pd.DataFrame) -> str:
    """Both measures of each arm over all classes, in words."""
    whole = frame[frame["class"] == WHOLE]
    said = [
        f"{str(measure).lower()} "
        + ", ".join(f"{value:.1%} ({arm})" for arm, value in zip(part["arm"], part["value"], strict=True))
        for measure, part in whole.groupby("measure", sort=False)
    ]
    alone = " No reader was tuned in this run." if frame["arm"].nunique() == 1 else ""
    return f"Held-out questions, {WHOLE}: {'; '.join(said)}.{alone}"


def _by_form(rows: pd.DataFrame) -> pd.DataFrame:
    single = widest(rows[rows["perturbation"] != "all"])
    return single.assign(form=single["perturbation"].map(title_of))


READER_AND_SUBSET = (
    Pick("arm", help="Which reader of the run."),
    Pick("subset", help="Documents that hold the answer (golden, G) or do not (noise, N); answers that the reader knew "
         "without a document (K), or did not (U)."),
)  # fmt: skip

ROBUSTNESS = (
    Bars(
        "rates", "What becomes of the answers", Source(Answer, (FormRate,), shares_by_form, READER_AND_SUBSET), "form",
        "share", by="outcome", axes=("Form", "Share of pairs"), order=OUTCOMES, stacked=True,
        says=say_shares, group="Robustness",
        help="Each bar is all pairs of one form: robust where the answer stayed right or stayed wrong, won where wrong "
        "became right, lost where right became wrong. Read again and one more space are the noise floor. On Noise "
        "documents nearly all pairs are robust, being wrong both times.",
    ),
    Measures(
        "rates_by_class", "Rates by subset and class", ("robust", "lost", "won", "correct"), along="*-G/*",
        group="Robustness", claim="form_changes_answers",
        help="Documents that hold the answer, of questions that the reader knows (K-G) and does not know (U-G). Topics "
        "are the sample: the forms of one question resemble each other. Accuracy stands beside robustness, because a "
        "reader that is always wrong is perfectly robust.",
    ),
    Measures(
        "rates_by_form", "Rates by form", ("robust", "lost", "won", "correct"), along="*-G/*/*", group="Robustness",
        claim="reversal_loses_more_than_it_wins", help="As above, each row of the taxonomy apart.",
    ),
    Rows(
        "rate_table", "Rates in numbers", Source(Answer, (FormRate,), rates_in_percent, READER_AND_SUBSET),
        {"form": "form", "pairs": "pairs", "robust": "robust %", "win": "won %", "lose": "lost %",
         "accuracy_before": "accuracy before %", "accuracy_after": "accuracy after %",
         "right_stay": "right ones that stay right %", "unfinished": "cut at the token limit %"},
        group="Robustness", help="Shares of pairs, mean over seeds; accuracy is that before and after the change.",
    ),
    Bars(
        "accuracy", "Accuracy before and after", Source(Answer, (FormRate,), accuracy_by_form, READER_AND_SUBSET),
        "form", "accuracy", by="when", axes=("Form", "Accuracy"), says=say_accuracies, group="Robustness",
        help="The same pairs as above. Metadata rows are compared with the HTML page without the tag.",
    ),
    Measures(
        "classes", "Classes on the same documents", ("robust", "correct"), along="*_and_metadata/*", group="Robustness",
        claim="format_hurts_more_than_metadata",
        help="Each class beside the meta tags, on the documents that have forms of both: rewritings are dropped more "
        "often than other forms, and not from any document alike.",
    ),
    Measures(
        "noise_floor", "Noise floor", ("robust", "lost", "won"), along="control/*-G/control/*", group="Robustness",
        claim="form_changes_more_than_noise",
        help="The same documents read once more: the very same text in another batch (read again), and with one more "
        "space at its end. A rate that is no lower says nothing about forms.",
    ),
)  # fmt: skip

FINE_TUNING = (
    Bars(
        "mending", "Before and after fine-tuning, by class",
        Source(FormRate, where=held_out_by_class, picks=(Pick("shown", help="Which two measures are compared."),)),
        "class", "value", by="arm", panel="measure", axes=("Class of the change", "Share of pairs"), says=say_held_out,
        group="Fine-tuning",
        help="Held-out questions, documents that hold the answer, mean over seeds. One class of changes was kept from "
        "every training. Intervals stand in the two pictures below.",
    ),
    Measures(
        "repairs", "Before and after fine-tuning, held-out questions", ("robust", "correct", "lost", "won"),
        within=HELD_OUT, group="Fine-tuning", claim="sft_repairs",
        help="Documents that hold the answer, of questions that no training saw, under classes of changes that it did "
        "see.",
    ),
    Measures(
        "transfer", "Before and after fine-tuning, a held-out class of changes", ("robust", "correct", "lost", "won"),
        within=OTHER_FORM, group="Fine-tuning", claim="dpo_transfers_better",
        help="Held-out questions under the class of changes that was kept from every training.",
    ),
    Rows(
        "readers", "Readers", Source(MendedReader, where=rounded_readers),
        {"arm": "reader", "seed": "seed", "pairs": "flipped pairs", "examples": "examples", "updates": "updates",
         "first_loss": "first loss", "last_loss": "last loss", "tokens": "tokens", "seconds": "seconds",
         "reader": "model"},
        group="Fine-tuning",
        help="A tuned reader is an adapter: name its model elsewhere, or try it in Models & data.",
    ),
)  # fmt: skip

COUNTS = (
    Measures(
        "attention", "Attention to the answer", ("attention_change",), along="attention/*", group="Attention",
        claim="attention_moves_with_losses",
        help="How much the attention of the next token to the answer's words changed with the form, mean over heads "
        "and layers. Robust pairs were right both times.",
    ),
    Rows(
        "forms", "Forms kept and dropped", Source(FormCount, where=titled_counts),
        {name: name.replace("_", " ") for name in FormCount.model_fields}
        | {"perturbation": "form", "kind": "class", "judged": "check"},
        group="Documents",
        help="Golden documents must keep an answer, Noise must not gain one; a form that changes no letter is no "
        "change. Entailment is checked where a judge is set.",
    ),
    Rows(
        "documents", "Documents", Source(Instance, where=documents_read),
        {"instance": "document", "title": "title", "words": "words", "read": "words read", "asked": "question"},
        group="Documents",
        help="Documents longer than the limit were cut to whole sentences around the answer (without one to their "
        "beginning); they stand first.",
    ),
    Rows(
        "subsets", "Known, Unknown, Golden, Noise", Source(Answer, where=subset_sizes),
        {"arm": "reader", "subset": "subset", "documents": "documents",
         "accuracy": "accuracy on the plain document %"},
        group="Documents", claim="known_noise_is_fragile",
        help="Known: answered rightly without a document. Golden: the document holds the answer.",
    ),
)  # fmt: skip
