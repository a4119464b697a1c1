"""What a search for the right teacher of every prompt is asked, and where to start: a minute, a decision, the paper."""

from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le
from pydantic import StringConstraints

from workbench.contract import (
    BASIC,
    PER_ARM,
    Config,
    DataKind,
    InPaper,
    LongText,
    ModelKind,
    ModelRef,
    OneOf,
    Preset,
    Probability,
    Unit,
)

PAPER = "the paper, experimental set-up"
NOTES = "third-party notes of the paper's second version"
OURS = "the paper does not say"
PROFILES = ("direct", "worked", "terse", "steps", "careful", "sampled")
"""How a teacher may be asked; see `engines.persyn.teachers`."""

PromptsRef = Annotated[
    str,
    StringConstraints(min_length=1, max_length=400, strip_whitespace=True),
    DataKind(
        "a prompt, its right answer where one can be verified, and a topic or difficulty where there is one",
        "engines.persyn.prompts:PromptRecord",
        "columns",
    ),
]
ResponsesRef = Annotated[
    str,
    StringConstraints(max_length=400, strip_whitespace=True),
    DataKind(
        "a prompt, the teacher's name and its response; or a prompt and one column for each teacher",
        "engines.persyn.teachers:ResponseRecord",
        "response_columns",
    ),
]
OptionalModelRef = Annotated[str, StringConstraints(max_length=400, strip_whitespace=True), ModelKind("generator")]
Policy = Literal["persyn", "strong", "mix", "family_strong", "car", "random", "oracle", "untuned"]
BUNDLED_TEACHERS = ("smollm2-135m-instruct#worked", "smollm2-135m-instruct#terse")


class PersynConfig(Config):
    """Settings of the search for a teacher of every prompt."""

    sections: ClassVar = {
        "Data": "columns responses response_columns teacher_columns largest calibration held_out topics",
        "Rewards": "quality quality_model judge_prompt alpha normalise ties tie_margin foreign",
        "Router": "router router_model router_decay router_epochs router_learning_rate router_batch router_rank curve",
        "Policies": "policy strongest mix_share car_beta",
        "Student": "token_budget learning_rate batch rank",
        "Examination": "evaluation examined exam_profile answer_tokens",
        "Machine": "dtype",
    }
    titles: ClassVar = {
        "largest": "Largest number", "alpha": "Weight of learnability · α", "normalise": "Scaling of rewards",
        "router_decay": "Penalty on the router's weights", "car_beta": "Weight of the loss in CAR · β",
        "rank": "LoRA rank · r",
    }  # fmt: skip

    data: Annotated[
        PromptsRef, BASIC, InPaper("PerSyn-Math, 10K prompts; Magpie-Zoo, 50K prompts for instructions", PAPER)
    ] = "one-step"
    """Prompts with verified answers: the bundled one-step (plain problems made by rule, which a very small model can
    sometimes solve), svamp (one step, worded to mislead) or gsm8k (several steps), or a JSONL or CSV file. With a
    responses file, which has its own prompts, only right answers that the file lacks are read from it."""
    columns: Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True), InPaper("none", OURS)] = ""
    """Which column of your prompts is which field, where the names do not say it: prompt=Q,answer=Gold. A prompt that
    is parted over columns is joined by a template: prompt={Body} {Question}."""
    student: Annotated[ModelRef, BASIC, InPaper("Qwen2.5-0.5B to 14B, Gemma-2, Llama-3", PAPER)] = (
        "smollm2-135m-instruct"
    )
    """The model that is to be taught; untuned it also says how learnable each response is."""
    teachers: Annotated[tuple[str, ...], BASIC, InPaper("15 (maths), 19 (instructions)", PAPER)] = BUNDLED_TEACHERS
    """At least two teachers, each MODEL#PROFILE: any model of this machine or a server, and how it is asked (direct,
    worked, terse, steps, careful, sampled). One model under two profiles is two teachers."""
    responses: Annotated[ResponsesRef, InPaper("none: generated in the run", OURS)] = ""
    """A file of responses that the teachers have already given to the same prompts. Then no teacher is asked anything,
    and the teachers are those of the file."""
    response_columns: Annotated[
        str, StringConstraints(max_length=2000, strip_whitespace=True), InPaper("none", OURS)
    ] = ""
    """Which column of the responses file is which field: prompt=Q,teacher=Model,response=Text. Templates join columns,
    as in prompt={instruction} {input}."""
    teacher_columns: Annotated[tuple[str, ...], InPaper("none", OURS)] = ()
    """Columns of the responses file that each hold one teacher's responses; empty for one row a response."""
    prompts: Annotated[int, Ge(8), Le(1_000_000), BASIC, InPaper("50,000 / 10,000", PAPER)] = 64
    """Most prompts of the training set: the calibration prompts and those that are routed."""
    largest: Annotated[int, Ge(0), Le(1_000_000_000), InPaper("none", OURS)] = 0
    """Only problems whose numbers, the answer's too, are at most this; 0 takes all. A very small model can reckon with
    small numbers alone, and where nobody is ever right nothing is measured."""
    calibration: Annotated[int, Ge(4), Le(100_000), InPaper("2,500", PAPER)] = 32
    """So many of them are answered by every teacher, and the router learns from these."""
    held_out: Annotated[int, Ge(0), Le(100_000), InPaper("unknown; whole benchmarks for students", OURS)] = 32
    """Further prompts that no router and no student learns from: every teacher answers them to judge the router, and
    students are examined on them. Their number changes no training set, so that a run can go on with more. The cost of
    judging is not counted as the method's."""
    quality: Annotated[
        Literal["verifier", "reward_model", "judge", "column"],
        InPaper("verifier (maths), a Skywork reward model (instructions)", NOTES),
    ] = "verifier"
    """Who scores a response: whether its final answer is right (numbers exactly, else symbolically), a reward model
    for sequence classification, a model that is asked for a mark, or a column of your responses file."""
    quality_model: Annotated[OptionalModelRef, InPaper("Skywork-Reward, checkpoint unknown", NOTES, "unverified")] = ""
    """The reward model or the judge."""
    judge_prompt: Annotated[
        str, StringConstraints(max_length=4000), LongText(4000), InPaper("none", OURS, "reconstruction")
    ] = (
        "Rate the response to the prompt from 1 (useless) to 10 (perfect). Answer with the number alone.\n\n"
        "Prompt: {prompt}\n\nResponse: {response}\n\nRating:"
    )
    """What a judge is asked; {prompt} and {response} are filled in."""
    alpha: Annotated[Probability, PER_ARM, InPaper("0.4", "the paper, equation 2")] = 0.4
    """Weight of learnability in the reward; quality has the rest."""
    normalise: Annotated[
        Literal["minmax", "z", "pool"],
        PER_ARM,
        InPaper("within the prompt; which of the two is unknown", NOTES, "reconstruction"),
    ] = "minmax"
    """How both rewards are made comparable among the teachers of one prompt: minmax and z by the spread within the
    prompt, so that of two teachers one always has the most and the other the least, whatever the gap; pool by the
    spread over all calibration prompts, so that a small gap weighs little."""
    ties: Annotated[Literal["drop", "half"], PER_ARM, InPaper("unknown", OURS, "reconstruction")] = "drop"
    """Pairs of teachers whose rewards are equal are left out, or learned with the label one half."""
    tie_margin: Annotated[float, Ge(0), Le(1), InPaper("unknown", OURS, "reconstruction")] = 1e-6
    """Rewards that differ by no more than this are equal."""
    foreign: Annotated[Literal["exclude", "keep"], InPaper("unknown", OURS, "reconstruction")] = "exclude"
    """Responses in another language than their prompt: left out as failed, or kept."""
    router: Annotated[
        Literal["linear", "encoder", "causal"], InPaper("causal: Qwen2.5-1.5B with a coefficient head", PAPER)
    ] = "linear"
    """Frozen sentence embeddings with a linear head (seconds on a processor), an encoder, or a small causal model, the
    last two tuned with LoRA."""
    router_model: Annotated[OptionalModelRef, InPaper("Qwen2.5-1.5B", PAPER)] = ""
    """Its backbone; empty takes all-minilm-l6-v2 for linear and encoder, the student for causal."""
    router_decay: Annotated[float, Ge(0), Le(1000), InPaper("unknown", NOTES, "unverified")] = 0.3
    """Penalty on the weights of the linear head, which is then solved exactly: the higher, the closer the router stays
    to one teacher for all. It weighs less the more calibration prompts there are."""
    router_epochs: Annotated[int, Ge(1), Le(1000), InPaper("unknown", NOTES, "unverified")] = 3
    """Passes of a tuned backbone over the calibration prompts."""
    router_learning_rate: Annotated[float, Gt(0), Le(1), InPaper("unknown", NOTES, "unverified")] = 3e-4
    """Of a tuned backbone."""
    router_batch: Annotated[int, Ge(1), Le(4096), InPaper("unknown", NOTES, "unverified")] = 8
    """Prompts of one update of a tuned backbone, each with all its pairs."""
    router_rank: Annotated[int, Ge(1), Le(512), InPaper("none: every weight is tuned", NOTES, "unverified")] = 8
    """Rank of the LoRA adapter of a tuned backbone."""
    curve: Annotated[int, Ge(0), Le(20), InPaper("pairs from 10K to 500K", NOTES, "unverified")] = 3
    """Sizes of the calibration set at which a router is trained for the curve, each half of the next; 0 leaves the
    curve out. Only for frozen embeddings."""
    policy: Annotated[Policy, PER_ARM, InPaper("all of them", PAPER)] = "persyn"
    """Who answers a prompt; untuned asks nobody and leaves the student as it is. The arms set this."""
    strongest: Annotated[
        str, StringConstraints(max_length=400, strip_whitespace=True), PER_ARM, InPaper("the largest", PAPER)
    ] = ""
    """Name of the strong teacher; empty takes the one with most parameters, among equals the one of best quality. Where
    a size is not known it must be named, for Strong and Mix; the weak one is then that of lowest quality."""
    mix_share: Annotated[Probability, PER_ARM, InPaper("unknown", NOTES, "unverified")] = 0.5
    """Share of prompts that the strong teacher answers in the arm Mix; the smallest answers the others."""
    car_beta: Annotated[float, Ge(0), Le(100), PER_ARM, InPaper("3", "arXiv 2411.07133, from memory", "unverified")] = (
        3.0
    )
    """Weight of the student's loss in CAR."""
    topics: Annotated[int, Ge(1), Le(40), InPaper("none", OURS)] = 6
    """Clusters of prompts by meaning, to show who is sent what; a topic column of your data is taken instead."""
    train_student: Annotated[bool, BASIC, InPaper("yes", PAPER)] = False
    """Also tune the student on the set of every arm; without it only the untuned student is examined."""
    token_budget: Annotated[int, Ge(100), Le(1_000_000_000), Unit("tokens"), InPaper("none: one set", OURS)] = 20_000
    """Tokens of prompts and responses that a student reads in training, the same for every arm: small sets are
    repeated, large ones cut."""
    learning_rate: Annotated[float, Gt(0), Le(1), InPaper("unknown", NOTES, "unverified")] = 3e-4
    """Of the student."""
    batch: Annotated[int, Ge(1), Le(512), InPaper("unknown", NOTES, "unverified")] = 8
    """Examples of one update of the student."""
    rank: Annotated[int, Ge(1), Le(512), InPaper("none below 14B: every weight is tuned", NOTES)] = 8
    """Rank of the student's LoRA adapter."""
    evaluation: Annotated[
        Annotated[str, StringConstraints(max_length=400, strip_whitespace=True), DataKind("a problem and its answer")],
        InPaper("GSM8K, MATH, SVAMP; IFEval, TruthfulQA, LiveBench", PAPER),
    ] = ""
    """Problems that examine the student; empty takes the held-out prompts. Of other data as many problems are taken as
    prompts are held out."""
    examined: Annotated[int, Ge(0), Le(100_000), InPaper("whole benchmarks", PAPER)] = 0
    """Most problems of the examination; 0 takes as many as are held out, and more when a run goes on with more."""
    exam_profile: Annotated[str, OneOf(PROFILES), InPaper("zero-shot, GSM8K 5-shot", NOTES)] = "direct"
    """How the student is asked in its examination, and in its training."""
    answer_tokens: Annotated[int, Ge(4), Le(8192), Unit("tokens"), InPaper("unknown", NOTES, "unverified")] = 64
    """Longest response of a teacher, and of the examined student."""
    dtype: Annotated[Literal["auto", "bfloat16", "float32"], InPaper("bfloat16", OURS, "unverified")] = "float32"
    """Number format of local models. float32 makes answers and learnability independent of what else is in the batch:
    in bfloat16 learnability is off by about 0.04 nats, which turns the label of two teachers that are as close. Its
    price is told in the run; auto takes bfloat16 where this machine is measurably faster with it."""


class AskedPrompt(Config):
    """A prompt of one's own, scored by the router of the run."""

    prompt: Annotated[
        str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True), LongText(20_000), BASIC
    ] = "Lena had 14 marbles. She gave 5 of them to her brother. How many marbles does she have now?"
    """What to send to a teacher."""
    send: Annotated[bool, BASIC] = True
    """Also let the chosen teacher answer; a teacher that is only known from a file cannot."""
    arm: Annotated[str, StringConstraints(max_length=60, strip_whitespace=True), BASIC] = "persyn"
    """Whose router: persyn, or an ablation such as no_quality."""
    seed: Annotated[int, Ge(0)] = 0
    """The seed of that router."""


class AlphaControl(Config):
    """What the ranking of teachers weighs."""

    alpha: Annotated[Probability, Unit("")] = 0.4
    """Weight of learnability; nothing is computed anew but the ranking."""
    group: Literal["all", "topic", "difficulty"] = "all"
    """Whether prompts are shown together or apart."""


class PlaceControl(Config):
    """Which prompt is shown."""

    place: Annotated[int, Ge(0)] = 0
    """Its place in the data, from 0. A click on a point of the reward picture sets it."""


QUICK_ARMS = ("persyn", "strong", "mix", "car", "random", "oracle", "no_quality", "no_learnability")
STUDY_ARMS = ("persyn", "car", "oracle", "untuned")
PAPER_ARMS = ("persyn", "strong", "mix", "car", "untuned")

PRESETS = {
    "quick": Preset(
        PersynConfig(),
        QUICK_ARMS,
        (0, 1),
        "Two teachers, the bundled model asked in two ways, answer one-step problems; a router learns whom to ask. No "
        "student is taught, so that nothing is said of students; the untuned one is examined.",
    ),
    "study": Preset(
        PersynConfig(
            teachers=(
                "smollm2-135m-instruct#worked",
                "smollm2-135m-instruct#terse",
                "smollm2-135m-instruct#careful",
                "smollm2-135m-instruct#sampled",
            ),
            prompts=240,
            calibration=100,
            held_out=200,
            train_student=True,
            token_budget=8_000,
        ),
        STUDY_ARMS,
        (0, 1, 2, 3, 4),
        "Four askings of the bundled model as teachers, a student taught on the set of every arm at an equal token "
        "budget under five seeds and examined on 200 problems, beside the untaught one: sized to see a gain of ten "
        "points. Strong and Mix need teachers of different strength and are left out.",
    ),
    "paper": Preset(
        PersynConfig(
            data="gsm8k",
            student="Qwen/Qwen2.5-0.5B",
            teachers=(
                "Qwen/Qwen2.5-72B-Instruct#steps",
                "Qwen/Qwen2.5-7B-Instruct#steps",
                "Qwen/Qwen2.5-3B-Instruct#steps",
                "meta-llama/Llama-3.1-405B-Instruct#steps",
                "meta-llama/Llama-3.1-8B-Instruct#steps",
                "google/gemma-2-9b-it#steps",
                "deepseek-ai/DeepSeek-R1#steps",
            ),
            prompts=7000,
            calibration=2500,
            held_out=1000,
            router="causal",
            router_model="Qwen/Qwen2.5-1.5B",
            train_student=True,
            token_budget=5_000_000,
            learning_rate=1e-4,
            batch=32,
            rank=64,
            evaluation="svamp",
            answer_tokens=1024,
            dtype="bfloat16",
            strongest="DeepSeek-R1 steps",
        ),
        PAPER_ARMS,
        (0, 1, 2),
        "The published choices where they are known, with teachers of which three are named in the paper: needs GPUs "
        "or servers and access to the weights; LoRA stands for tuning every weight.",
    ),
}
