"""SURE: does a reader change its answer when a document changes its form, and what mends it?"""

from engines.parts.rows import TOKEN_USE, TokenUse, TrainingStep
from engines.sure import flip_views, look_views, views
from engines.sure.claims import CLAIMS, HELD_OUT, OTHER_FORM
from engines.sure.config import (
    AskedControl,
    AskedDocument,
    FeatureControl,
    FlipControl,
    MetricControl,
    RatesControl,
    SureConfig,
)
from engines.sure.fidelity import FIDELITY
from engines.sure.presets import PRESETS
from engines.sure.publication import EQUATIONS, HONESTY, METRICS, PAPER, PUBLISHED
from engines.sure.rows import (
    Answer,
    AskedForm,
    AttentionChange,
    ClosedBook,
    FeatureTest,
    FormCount,
    FormRate,
    FormText,
    Instance,
    MendedReader,
    RankedDocument,
)
from workbench.contract import Arm, Ask, Chart, Engine, Listing, Measures, Passage, Tab

ARMS = (
    Arm("reader", "Reader as it is", "baseline", "The reader, untrained.", {"mend": "none"}),
    Arm(
        "sft",
        "Mended by SFT",
        "method",
        "Tuned on its own flips: the gold answer, on the document before and after the change.",
        {"mend": "sft"},
        trained=True,
    ),
    Arm(
        "dpo",
        "Mended by DPO",
        "method",
        "Tuned on its own flips by preference: the gold answer over the wrong one, on both documents.",
        {"mend": "dpo"},
        trained=True,
    ),
    Arm(
        "sft_on_plain",
        "SFT on plain documents",
        "control",
        "As many examples from unchanged documents: what learning to answer briefly does without any flip.",
        {"mend": "sft_on_plain"},
        trained=True,
    ),
    Arm(
        "document_first",
        "Document before question",
        "ablation",
        "The reader with the paper's order of the prompt, which shares less between forms.",
        {"mend": "none", "order": "document_first"},
        on=False,
    ),
)

VIEWS = (
    Chart(
        "rates",
        "What becomes of the answers",
        (FormRate,),
        views.draw_rates,
        views.describe_rates,
        controls=RatesControl,
        options=views.arms_and_subsets,
        help="Each bar is all pairs of one form: robust where the answer stayed right or stayed wrong, won where wrong "
        "became right, lost where right became wrong. On Noise documents nearly all pairs are robust, being wrong both "
        "times.",
    ),
    Measures(
        "rates_by_class",
        "Rates by subset and class",
        ("robust", "lost", "won", "correct"),
        along="*-G/*",
        help="Documents that hold the answer, of questions that the reader knows (K-G) and does not know (U-G). Topics "
        "are the sample: the forms of one question resemble each other. Accuracy stands beside robustness, because a "
        "reader that is always wrong is perfectly robust.",
    ),
    Measures(
        "rates_by_form",
        "Rates by form",
        ("robust", "lost", "won", "correct"),
        along="*-G/*/*",
        help="As above, each row of the taxonomy apart.",
    ),
    Listing(
        "rate_table",
        "Rates in numbers",
        (FormRate,),
        views.rate_rows,
        controls=RatesControl,
        options=views.arms_and_subsets,
        help="Shares of pairs, mean over seeds; accuracy is that before and after the change.",
    ),
    Chart(
        "accuracy",
        "Accuracy before and after",
        (FormRate,),
        views.draw_accuracy,
        views.describe_accuracy,
        controls=RatesControl,
        options=views.arms_and_subsets,
        help="The same pairs as above. Metadata rows are compared with the HTML page without the tag.",
    ),
    Chart(
        "classes",
        "Robustness by class",
        (FormRate,),
        views.draw_radar,
        views.describe_radar,
        help="Documents that hold the answer; further out is more robust. The axis does not begin at zero. Where a "
        "reader was mended, all arms are shown on held-out questions.",
    ),
    Listing(
        "flips",
        "Flips",
        (Answer, Instance),
        flip_views.flip_rows,
        selects="pair",
        help="Every answer that a change of form lost or won. Choose one to see its documents below.",
    ),
    Passage(
        "flip",
        "One flip",
        (Answer, Instance, FormText),
        flip_views.flip_spans,
        controls=FlipControl,
        options=flip_views.pairs_that_flipped,
        help="The document before and after the change in one text: what stands only before, only after, and the gold "
        "answer.",
    ),
    Chart(
        "densities",
        "Form of preferred documents",
        (RankedDocument, FeatureTest),
        look_views.draw_densities,
        look_views.describe_densities,
        controls=FeatureControl,
        options=look_views.features_measured,
        help="All of these documents hold the answer. Preferred is the one from which the reader finds the answer most "
        "likely. If the two thick curves differ more than the grey ones, the reader prefers a form.",
    ),
    Listing(
        "feature_tests",
        "Distances of form",
        (FeatureTest,),
        look_views.distance_rows,
        help="Kolmogorov-Smirnov distances. No p value stands beside them, for questions share documents; below they "
        "have intervals that take topics as the sample.",
    ),
    Measures(
        "form_gaps",
        "Distances of form, with intervals",
        ("form_gap",),
        along="form/*/*",
        help="From histograms. Ranked: documents preferred most and least; random: two drawn without regard to the "
        "reader. Two finite groups always differ a little, so that ranked must be compared with random.",
    ),
    Chart(
        "mending",
        "Before and after mending, by class",
        (FormRate,),
        views.draw_mending,
        views.describe_mending,
        controls=MetricControl,
        help="Held-out questions, documents that hold the answer, mean over seeds. One class of changes was kept from "
        "every training. Intervals stand in the two pictures below.",
    ),
    Measures(
        "repairs",
        "Before and after mending, held-out questions",
        ("robust", "correct", "lost", "won"),
        within=HELD_OUT,
        help="Documents that hold the answer, of questions that no training saw, under classes of changes that it did "
        "see.",
    ),
    Measures(
        "transfer",
        "Before and after mending, a held-out class of changes",
        ("robust", "correct", "lost", "won"),
        within=OTHER_FORM,
        help="Held-out questions under the class of changes that was kept from every training.",
    ),
    Listing(
        "readers",
        "Readers",
        (MendedReader,),
        look_views.reader_rows,
        help="A mended reader is an adapter: name its model elsewhere, or try it in Models & data.",
    ),
    Measures(
        "attention",
        "Attention to the answer",
        ("attention_change",),
        along="attention/*",
        help="How much the attention of the next token to the answer's words changed with the form, mean over heads "
        "and layers. Robust pairs were right both times.",
    ),
    Listing(
        "forms",
        "Forms kept and dropped",
        (FormCount,),
        look_views.count_rows,
        help="Golden documents must keep an answer, Noise must not gain one; a form that changes no letter is no "
        "change. Entailment is checked where a judge is set.",
    ),
    Listing(
        "subsets",
        "Known, Unknown, Golden, Noise",
        (Answer,),
        views.subset_rows,
        help="Known: answered rightly without a document. Golden: the document holds the answer.",
    ),
    TOKEN_USE,
)

ASK = Ask(
    title="Try your own document",
    question=AskedDocument,
    views=(
        Listing("asked_forms", "Answers by form", (AskedForm,), flip_views.asked_rows),
        Passage(
            "asked_form",
            "One form",
            (AskedForm,),
            flip_views.asked_spans,
            controls=AskedControl,
            options=flip_views.asked_forms,
        ),
    ),
    rows=(AskedForm,),
)

ENGINE = Engine(
    name="sure",
    title="SURE: spurious features",
    tab=Tab.PROBE,
    question="Does my reader change its answer when a document only changes its form?",
    idea="A reader that answers from retrieved documents should not care whether they come as JSON, in another order "
    "or with a time stamp. SURE changes only the form of documents, checks that the answer is still there, and counts "
    "the answers that flip. It asks which forms the reader prefers, and tunes it on its own flips.",
    paper=PAPER,
    config=SureConfig,
    presets=PRESETS,
    arms=ARMS,
    metrics=METRICS,
    claims=CLAIMS,
    fidelity=FIDELITY,
    rows=(
        Instance,
        ClosedBook,
        FormText,
        FormCount,
        Answer,
        FormRate,
        RankedDocument,
        FeatureTest,
        AttentionChange,
        MendedReader,
        TrainingStep,
        TokenUse,
    ),
    views=VIEWS,
    equations=EQUATIONS,
    honesty=HONESTY,
    ask=ASK,
    items="questions",
    published=PUBLISHED,
)
