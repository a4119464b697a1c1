"""ShifCon: where in the network do languages part, and does shifting bring translations together?"""

from engines.shifcon import pictures, rows
from engines.shifcon.config import SentencePair
from engines.shifcon.presets import ARMS, PRESETS
from engines.shifcon.publication import CLAIMS, EQUATIONS, FIDELITY, HONESTY, METRICS, PAPER
from engines.shifcon.rows import PairAtLayer
from workbench.contract import Ask, Engine, Fact, Measures, Tab, row_types

VIEWS = (
    pictures.DISTANCE,
    pictures.PAIRS,
    pictures.PLANE,
    pictures.RETRIEVAL,
    Measures(
        "languages_retrieval",
        "Retrieval by language",
        ("retrieval_at_1",),
        along="language/*",
        help="At the layer of the shift. The interval of one language takes its sentences as the sample; the claims "
        "take the languages.",
        group="Shift",
        claim="shift_beats_random",
    ),
    Measures(
        "arms",
        "Arm by arm",
        help="At the layer of the shift, over all languages.",
        group="Shift",
    ),
    pictures.COSINE,
    pictures.LANGUAGES,
)

ASK = Ask(
    title="Compare two sentences",
    question=SentencePair,
    views=(pictures.PAIR_COSINE, pictures.PAIR_DISTANCE),
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
    rows=row_types(rows),
    views=VIEWS,
    equations=EQUATIONS,
    honesty=HONESTY,
    ask=ASK,
    items="sentences",
    items_bring_clusters=False,
    seeds_draw="split",
    published={Fact.PARAMETERS: 6.74e9},
    probe={"sentences": 40, "token_cap": 6_000},
    shrink=(
        {"estimator": ("pooled_pca",)},
        {"batch_tokens": 256},
        {"token_cap": 20_000, "sentences": 40},
        {"sentences": 8},
    ),
)
