"""ShifCon: where in the network do languages part, and does shifting bring translations together?"""

from engines.shifcon import arm_views, views
from engines.shifcon.config import (
    ArmAtLayer,
    CosineControl,
    DistanceControl,
    LanguageControl,
    LanguageProfile,
    LayerControl,
    LayerInArea,
    PairAtLayer,
    ParallelSentence,
    ProjectedSentence,
    ProjectionControl,
    SentencePair,
    ShiftSpan,
    SubspaceDistance,
)
from engines.shifcon.presets import PRESETS
from engines.shifcon.publication import CLAIMS, EQUATIONS, FIDELITY, HONESTY, METRICS, PAPER
from workbench.engine import Arm, Ask, Engine, Tab
from workbench.facts import Fact
from workbench.views import Chart, Listing, Measures

ARMS = (
    Arm("unshifted", "Unshifted", "baseline", "Sentences as the model has them.", {"shift": "none"}),
    Arm(
        "mean_shifted",
        "Shifted by the means",
        "method",
        "Every state of a language is moved by the difference of the language vectors, h - v_l + v_d, estimated on the "
        "other half of the sentences.",
        {"shift": "mean"},
    ),
    Arm(
        "random_shift",
        "Shifted at random",
        "control",
        "Every state is moved by a random vector of exactly the same length: what moving alone does.",
        {"shift": "random"},
    ),
)

VIEWS = (
    Chart(
        "distance",
        "Distance by layer",
        (SubspaceDistance, LanguageProfile, LayerInArea),
        views.draw_distance,
        views.describe_distance,
        controls=DistanceControl,
        help="One curve per language: how far its subspace lies from the dominant one's. The grey curve is the "
        "noise floor, the mean distance of two halves of one and the same language: a curve near it says nothing. "
        "Shaded is the layer area, the layers with the lowest distance.",
    ),
    Chart(
        "pairs",
        "Language by language",
        (SubspaceDistance, LanguageProfile),
        views.draw_pairs,
        views.describe_pairs,
        controls=LayerControl,
        options=views.layers_of_distances,
        help="Riemannian distance of every pair of languages at one layer, under the first split; the diagonal is the "
        "noise floor.",
    ),
    Chart(
        "plane",
        "Sentences before and after the shift",
        (ProjectedSentence, ParallelSentence, LanguageProfile),
        views.draw_plane,
        views.describe_plane,
        controls=ProjectionControl,
        options=views.layers_of_planes,
        help="Each point is a judged sentence. The plane and the shift come from the other half of the sentences, "
        "so that what meets after the shift was not fitted to meet.",
    ),
    Chart(
        "retrieval",
        "Retrieval by layer",
        (ArmAtLayer, ShiftSpan),
        arm_views.draw_retrieval,
        arm_views.describe_retrieval,
        controls=LanguageControl,
        options=arm_views.languages_judged,
        help="Share of judged sentences whose nearest sentence of the dominant language is their translation. The "
        "claims are judged at the dotted layer alone, which was chosen without these sentences; where splits chose "
        "different ones, the line stands at that of most.",
    ),
    Measures(
        "languages_retrieval",
        "Retrieval by language",
        ("retrieval_at_1",),
        along="language/*",
        help="At the layer of the shift. The interval of one language takes its sentences as the sample; the claims "
        "take the languages.",
    ),
    Measures(
        "arms",
        "Arm by arm",
        help="At the layer of the shift, over all languages.",
    ),
    Chart(
        "cosine",
        "Cosine of translations by layer",
        (ArmAtLayer, ShiftSpan),
        arm_views.draw_cosine,
        arm_views.describe_cosine,
        controls=CosineControl,
        options=arm_views.languages_judged,
        help="Read each curve against the grey one of its arm: sentences of a language model are alike "
        "to begin with, and only what translations have above unrelated sentences is meaning.",
    ),
    Listing(
        "languages",
        "Languages",
        (LanguageProfile, SubspaceDistance, ArmAtLayer, ShiftSpan),
        arm_views.language_rows,
        help="Fertility is tokens per token of the dominant language for the same sentences.",
    ),
)

ASK = Ask(
    title="Compare two sentences",
    question=SentencePair,
    views=(
        Chart("pair_cosine", "Cosine by layer", (PairAtLayer,), arm_views.draw_pair, arm_views.describe_pair),
        Chart(
            "pair_distance",
            "Distance by layer",
            (PairAtLayer,),
            arm_views.draw_pair_distance,
            arm_views.describe_pair_distance,
        ),
    ),
    rows=(PairAtLayer,),
)

ENGINE = Engine(
    name="shifcon",
    title="ShifCon: language subspaces",
    tab=Tab.PROBE,
    question="Where in the network do languages part, and does shifting bring translations together?",
    idea="A model that knows one language best keeps what it knows in the form of that language. ShifCon finds the "
    "layers where other languages come closest to it, moves their states into its subspace there, and back before the "
    "answer is "
    "written. Here the first half is measured on a real model: the distance of each language by layer, against a noise "
    "floor, and whether the move brings a sentence nearer to its own translation than an equally long random move "
    "does.",
    paper=PAPER,
    config=type(PRESETS["quick"].config),
    presets=PRESETS,
    arms=ARMS,
    metrics=METRICS,
    claims=CLAIMS,
    fidelity=FIDELITY,
    rows=(
        LanguageProfile,
        ParallelSentence,
        SubspaceDistance,
        LayerInArea,
        ShiftSpan,
        ArmAtLayer,
        ProjectedSentence,
    ),
    views=VIEWS,
    equations=EQUATIONS,
    honesty=HONESTY,
    ask=ASK,
    items="sentences",
    items_bring_clusters=False,
    seeds_draw="split",
    published={Fact.PARAMETERS: 6.74e9},
)
