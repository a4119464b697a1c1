"""The publication, its formulas, what is measured, what is reproduced, and what is real here."""

from engines.sure.rates import kolmogorov_smirnov
from workbench.contract import Equation, Fact, Fidelity, Metric, Paper

PAPER = Paper(
    title="Quantifying and Improving the Robustness of Retrieval-Augmented Language Models Against Spurious Features "
    "in Grounding Data",
    authors="Shiping Yang, Jie Wu, Wenbiao Ding, Ning Wu, Shining Liang, Ming Gong, Hongzhi Li, Hengyuan Zhang, "
    "Angel X. Chang, Dongmei Zhang",
    venue="ACL",
    year=2026,
    url="https://arxiv.org/abs/2503.05587",
)

EQUATIONS = (
    Equation(
        r"C_i = Y(y_i) - Y(\hat y_i)",
        "Y is 1 where an answer contains a gold answer; y is the answer from the document as it was, y-hat that from "
        "the changed one. C is 0 for a robust pair, -1 where wrong became right, 1 where right became wrong.",
    ),
    Equation(
        r"RR = \overline{[C_i = 0]},\quad WR = \overline{[C_i = -1]},\quad LR = \overline{[C_i = 1]}",
        "Robustness, win and lose rate; they add up to 1. A reader that is always wrong is perfectly robust: accuracy "
        "stands beside them.",
    ),
    Equation(
        r"\mathrm{Oracle}(x, y) = \sum_t \log p(y_t \mid x, y_{<t})",
        "How likely the reader itself finds the answer y after the prompt x; it ranks documents in a first test.",
    ),
)

PUBLISHED: dict[str, float] = {Fact.PARAMETERS: 7.25e9, Fact.ITEMS: 30_000}
"""Of the paper's runs: Mistral-7B-v0.3 as the reader (Llama-3.1-8B is the larger), and the examples of a training."""

METRICS = (
    Metric(
        "robust",
        "share",
        "higher",
        "Share of pairs whose answer is as right, or as wrong, after the change of form as before.",
        floor=0.0,
        ceiling=1.0,
        title="Robust answers",
        things="answers",
    ),
    Metric(
        "net_flip",
        "",
        "higher",
        "Wins less losses: +1 where wrong became right, -1 where right became wrong.",
        title="Answers won less lost",
        bounds=(-1.0, 1.0),
    ),
    Metric(
        "lost",
        "share",
        "lower",
        "Share of pairs whose right answer became wrong.",
        floor=1.0,
        ceiling=0.0,
        title="Answers lost",
        things="answers",
    ),
    Metric(
        "won",
        "share",
        "higher",
        "Share of pairs whose wrong answer became right.",
        floor=0.0,
        ceiling=1.0,
        title="Answers won",
        things="answers",
    ),
    Metric(
        "correct",
        "share",
        "higher",
        "Share of documents from which the answer is right, in the form that the slice names.",
        floor=0.0,
        ceiling=1.0,
        title="Right answers",
        things="answers",
    ),
    Metric(
        "form_gap",
        "",
        "higher",
        "Kolmogorov-Smirnov distance of a feature between two groups of documents, from histograms.",
        aggregate=kolmogorov_smirnov,
        title="Distance of two groups of documents",
        bounds=(0.0, 1.0),
    ),
    Metric(
        "attention_change",
        "",
        "higher",
        "How much the attention to the answer's words changed, as a weight.",
        title="Change of attention to the answer",
        bounds=(0.0, 1.0),
    ),
)

HONESTY = (
    "The reader is real and reads real sentences: 320 questions on 80 short passages about 40 topics, written for this "
    "workbench. The default reader, SmolLM2-135M, answers a third to a half of them rightly from the document, and few "
    "without it: what is right often enough can be lost, so that flips are measurable, but Known questions are few and "
    "most claims about them stay open. With such a reader robustness is high where it is wrong both times, and one "
    "more space at the end of a document turns some answers too: forms must be compared with this noise floor. No "
    "judge of entailment ships with the workbench: what a model rewrites is checked for its end, loops, numbers and "
    "the answer alone unless you name a judge. The study leaves out, for time, DPO, which can be added to a finished "
    "run, and five of the ten rows made by rule. It decides whether more than 8 of 100 answers turn. To decide about a "
    "training that repairs 8 of 100 takes about 80 held-out topics, and as many a difference of 4 points between "
    "classes of changes; the data here has 40 topics, half of them held out: bring questions of your own for these."
)

FIDELITY = (
    Fidelity("Taxonomy", "reproduced", "Five classes and all fifteen rows of the tables."),
    Fidelity(
        "Rule-based rows",
        "reproduced",
        "Reversed and random sentences, four formats, four meta tags. Text is escaped as the format asks; the paper's "
        "raw templates are an option. The title is shown in the plain document too, so that no format adds words.",
    ),
    Fidelity(
        "Rows written by a model",
        "approximated",
        "Prompts are ours. Any generator can write them; without one they are left out, and self_generated is written "
        "by the reader, however small. Rewritings that are unfinished, loop or lose a number are dropped by reason; "
        "classes are compared on documents that have forms of both.",
    ),
    Fidelity(
        "Base of the metadata rows",
        "reconstructed",
        "The paper does not say what they are compared with. Its low lose rates (2 to 4 %, against 9 % for HTML alone) "
        "fit a comparison with the same page without the tag; the plain document is an option.",
    ),
    Fidelity(
        "Correctness, RR, WR, LR",
        "reproduced",
        "As printed; answers match by whole words, as substrings on demand. Gold answer and text are brought to "
        "plain words first: escapes of HTML, JSON, YAML and Markdown undone, marks of print and case alike, numbers "
        "with sign and point. Accuracy stands beside every rate; answers that the limit of tokens cut are counted.",
    ),
    Fidelity(
        "Noise floor",
        "reconstructed",
        "Not in the paper: every document is read again in another batch, and with one more space at its end. Readers "
        "of this machine compute in float32 by default, so that an answer does not depend on what is read beside it; "
        "the paper's number format is an option.",
    ),
    Fidelity(
        "Length of documents",
        "approximated",
        "The paper has chunks of 100 words. Longer documents are cut to whole sentences around the answer, counted and "
        "listed.",
    ),
    Fidelity(
        "Causal content",
        "approximated",
        "The answer string is checked always. Entailment both ways is checked by a judge that you name; by default "
        "nobody judges it, and the page says so. Rule-based rows skip it, because they change no sentence.",
    ),
    Fidelity(
        "Known, Unknown, Golden, Noise",
        "reproduced",
        "By the reader's answer without a document and by the answer string. Tuned readers keep the base's subsets.",
    ),
    Fidelity(
        "Retrieval",
        "approximated",
        "BM25 over the data set's own passages stands for Contriever over Wikipedia; one Noise document a question.",
    ),
    Fidelity(
        "Prompt",
        "reconstructed",
        "The instruction is ours and asks for five words. The question stands before the document, so that forms "
        "share it, and again behind it; the paper's order is a setting and an arm. No word for no answer is asked for "
        "by default, since small models then use it nearly always.",
    ),
    Fidelity(
        "Preliminary test",
        "approximated",
        "Oracle score, first and last document, random control and Kolmogorov-Smirnov distances as printed; no p "
        "values, for questions share documents: topics are the sample of the claim. Few candidate documents for each "
        "question, and dependency depth only where spaCy is installed.",
    ),
    Fidelity(
        "SIG benchmark",
        "reconstructed",
        "Pairs that every reader of the run flips are saved as JSONL; the paper draws 200 a row from two readers.",
    ),
    Fidelity(
        "SFT and DPO",
        "approximated",
        "Examples built from flips as described, trained with LoRA instead of all weights, on tens of pairs instead of "
        "more than 15,000. Rates and beta are unknown; the right answer is the gold one.",
    ),
    Fidelity(
        "Transfer",
        "reconstructed",
        "The paper transfers to other data; here one class of changes is never trained on. The adapter can read other "
        "data in a run of its own.",
    ),
    Fidelity(
        "Attention to the answer",
        "reconstructed",
        "Known from notes alone: mean weight of the last token on a token of the answer, over heads and layers.",
    ),
    Fidelity("Scaling and reasoning models", "not tested", "Name other readers as arms of your own to compare sizes."),
)
