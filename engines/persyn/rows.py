"""What a search for the right teacher answers, as rows; numbers stand apart from texts.

A prompt is named by its `place`, counted from 0: training prompts first, then those that judge as they were drawn.
"""

from typing import Annotated

from workbench.contract import MEASURED, Row

HELD_OUT = "router/held_out"
"""Slice of outcomes: choices for prompts that no router saw."""
BINS = "router/bins"
COST = "cost"
EXAMINED = "student/examined"


class PromptRow(Row):
    """A prompt, what it is about, and what it is used for."""

    place: int
    prompt: str
    """Its name in the data."""
    text: str
    answer: str
    """The right answer; "" where none is known."""
    topic: str
    """The data's own topic, or a cluster by meaning, named by its words."""
    difficulty: str
    """The data's own, else short, medium or long: a third of the prompts each, by their words."""
    split: str
    """calibration (all teachers answer), routed (the chosen one), held_out (judges), examined (judges the student)."""


class TeacherRow(Row):
    """A teacher and what the calibration says of it."""

    teacher: str
    ref: str
    """MODEL#PROFILE, or "file"."""
    profile: str
    """How it is asked; "" for a file."""
    order: int
    """From 0, as given; charts keep it."""
    parameters: float
    """Number of weights; NaN where it is not known."""
    family: str
    """What models of one maker and kind share ("qwen2"); "" where it is not known."""
    role: str
    """strong, weak, family_strong and car, those that apply, separated by spaces."""
    same_model: bool
    """Another teacher is the same model, asked in another way."""
    answered: int
    """Calibration responses that can be used."""
    failed: int
    """Calibration responses that cannot: an error, empty, another language, too long for the student."""
    quality: float
    learnability: float
    """Mean raw learnability (nats per token, below 0)."""
    reward: float
    car: float
    """CAR: mean quality / (1 + beta x mean loss of the student)."""
    tokens: float
    """Mean tokens of a response."""
    seconds: Annotated[float, MEASURED]
    """Mean seconds of a response; NaN where all came from the cache, or a file does not tell."""


class Response(Row):
    """What a teacher said to a prompt."""

    place: int
    teacher: str
    text: str
    final: str
    """The final answer as the verifier reads it; "" where it finds none."""
    tokens: int
    seconds: Annotated[float, MEASURED]
    """Its share of its teacher's time by tokens; NaN where it came from the cache, or a file does not tell."""
    failed: bool
    reason: str
    """Why it failed: an error, empty, another language, too long for the student; "" where it did not."""


class Reward(Row):
    """The numbers of one response; one row for every prompt and teacher that answered, failures included."""

    place: int
    split: str
    teacher: str
    quality: float
    """r_q raw: 1 or 0 from the verifier, else the scorer's number; NaN where failed."""
    learnability: float
    """r_l raw: mean log-likelihood of a token under the untuned student, nats, at most 0; NaN where failed."""
    quality_norm: float
    """r_q among the teachers of this prompt; min-max in [0, 1] (one half where all are equal), z or pool (0 there)."""
    learnability_norm: float
    """r_l among the teachers of this prompt."""
    reward: float
    """(1 - alpha) quality_norm + alpha learnability_norm at the run's alpha; NaN where failed."""
    failed: bool
    parallel: bool
    """Every teacher was asked this prompt, so that ranking by reward makes sense."""


class Choice(Row):
    """Whom an arm sent a prompt to. Splits calibration and routed are the training set; held_out judges."""

    arm: str
    seed: int
    place: int
    split: str
    teacher: str
    how: str
    """reward (of calibration: the best is known), router, fixed, drawn, oracle; "none" where every teacher failed."""
    best: str
    """The teacher of the highest true reward; "" where not every teacher was asked or all failed."""
    reward: float
    """True reward of the chosen response at the run's alpha; NaN where not known."""
    regret: float
    """Highest true reward minus `reward`; NaN where `best` is "". A choice that failed has the lowest reward."""
    hit_3: bool
    """`best` is among the first three of the router's order; for other arms the chosen one alone is compared."""


class RouterScore(Row):
    """The score that a router gives a teacher for a prompt; only differences within a prompt mean anything."""

    arm: str
    seed: int
    place: int
    split: str
    teacher: str
    score: float
    """pi(x)_n, in logits, centred to mean 0 within the prompt."""


class RouterRow(Row):
    """A trained router in numbers."""

    arm: str
    seed: int
    kind: str
    """linear, encoder or causal."""
    backbone: str
    prompts: int
    """Calibration prompts it learned from."""
    pairs: int
    """Pairs it learned from."""
    ties: int
    """Pairs with equal rewards: dropped, or learned as one half, as the setting says."""
    excluded: int
    """Pairs left out because a response of theirs failed."""
    first_loss: float
    last_loss: float
    """Binary cross-entropy of a pair, nats; log 2 is no knowledge."""
    seconds: Annotated[float, MEASURED]
    artifact: str
    """Name of the saved router among the run's files."""


class CurvePoint(Row):
    """A router trained on a part of the calibration prompts, judged on held-out prompts."""

    seed: int
    calibration: int
    """Prompts it learned from."""
    pairs: int
    regret: float
    hit_1: float
    hit_3: float
    pairwise: float
    single: float
    """Regret of always asking the teacher whose mean reward on these calibration prompts is highest."""


class PairBin(Row):
    """Calibration of score differences: held-out pairs whose predicted probability lies in one tenth."""

    arm: str
    seed: int
    low: float
    high: float
    predicted: float
    """Mean of sigmoid(score difference), NaN for an empty bin."""
    observed: float
    """Share in which the first teacher's reward is truly higher, ties as one half; NaN for an empty bin."""
    pairs: int


class ArmCost(Row):
    """What an arm's training set takes to make; judging and the examination are not part of it."""

    arm: str
    seed: int
    prompts: int
    calibration_responses: int
    """Of every teacher to every calibration prompt, where the arm needs them."""
    routed_responses: int
    """Further ones, one for each prompt that calibration did not cover, or of all teachers for the oracle."""
    responses: int
    everything: int
    """Responses of generate-then-select: every teacher, every prompt."""
    saved: float
    """1 - responses / everything."""
    tokens: float
    """Of responses never made, the teacher's mean stands in."""
    everything_tokens: float
    seconds: Annotated[float, MEASURED]
    """At the model's speed where responses were not made or were reused; NaN where that speed was not measured."""
    everything_seconds: Annotated[float, MEASURED]


class StudentRow(Row):
    """A student after its training on one arm's set; the untuned student has no examples."""

    arm: str
    seed: int
    examples: int
    different: int
    """Different examples among them; a small set is repeated to fill the budget."""
    tokens: int
    """Tokens of prompts and responses that it read in training."""
    right_share: float
    """Share of its examples whose final answer is right; NaN where that is not known."""
    updates: int
    first_loss: float
    last_loss: float
    accuracy: float
    examined: int
    seconds: Annotated[float, MEASURED]
    model: str
    """The tuned student as a model reference, or the student itself."""


class StudentAnswer(Row):
    """What a student answered in its examination."""

    arm: str
    seed: int
    place: int
    prompt: str
    text: str
    final: str
    gold: str
    right: bool


class LeftOut(Row):
    """How much of the input was used, and what was not, and why."""

    what: str
    """prompts or responses."""
    teacher: str
    """"" for prompts."""
    reason: str
    """"used", or why not."""
    count: int
    example: str


class AskedTeacher(Row):
    """What the router says of a teacher for a prompt of one's own."""

    teacher: str
    score: float
    """In logits, centred."""
    chance: float
    """Mean probability to beat another teacher."""
    chosen: bool
    parameters: float
    """NaN where it is not known."""


class AskedAnswer(Row):
    """What the chosen teacher answered."""

    teacher: str
    text: str
    final: str
    tokens: int
    seconds: Annotated[float, MEASURED]
    note: str
    """Why there is no answer; "" where there is one."""
