"""SURE: does a reader change its answer when a document changes its form, and what mends it?"""

from engines.parts.token_use import TOKEN_USE, TokenUse
from engines.parts.training import TrainingStep
from engines.sure import flip_views, look_views, views
from engines.sure.claims import CLAIMS
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
from engines.sure.publication import EQUATIONS, HONESTY, METRICS, PAPER
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
from workbench.engine import Arm, Ask, Engine, Tab
from workbench.views import Chart, Listing, Passage

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
    Listing(
        "rate_table",
        "Rates with intervals",
        (FormRate,),
        views.rate_rows,
        controls=RatesControl,
        options=views.arms_and_subsets,
        help="Intervals resample topics. McNemar's exact test asks whether wins and losses could be equally likely. "
        "Accuracy stands beside robustness, because a reader that is always wrong is perfectly robust.",
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
        "Tests of form",
        (FeatureTest,),
        look_views.test_rows,
        help="Kolmogorov-Smirnov tests. Questions share documents, so p is too small; the claim resamples topics.",
    ),
    Chart(
        "mending",
        "Before and after mending",
        (FormRate,),
        views.draw_mending,
        views.describe_mending,
        controls=MetricControl,
        help="Held-out questions, documents that hold the answer. Whiskers are intervals over topics, mean over seeds; "
        "accuracy has none here and is judged with the claims. One class of changes was kept from every training.",
    ),
    Listing(
        "readers",
        "Readers",
        (MendedReader,),
        look_views.reader_rows,
        help="A mended reader is an adapter: name its model elsewhere, or try it in Models & data.",
    ),
    Chart(
        "attention",
        "Attention to the answer",
        (AttentionChange,),
        look_views.draw_attention,
        look_views.describe_attention,
        help="How much the attention of the next token to the answer's words changed with the form. Robust pairs were "
        "right both times. Whiskers are two standard errors.",
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
)
