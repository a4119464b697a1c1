"""What the paper says, what becomes of it here, what is measured, and which claims that settles."""

from math import inf

from workbench.contract import Equation, Fidelity, Metric, Paper

PAPER = Paper(
    title="TreeReview: A Dynamic Tree of Questions Framework for Deep and Efficient LLM-based Scientific Peer Review",
    authors="Yuan Chang, Ziyue Li, Hengyuan Zhang, Yuanbo Kong, Yanru Wu, Hayden Kwok-Hay So, Zhijiang Guo, Liya Zhu, "
    "Ngai Wong",
    venue="EMNLP",
    year=2025,
    url="https://arxiv.org/abs/2506.07642",
    pages="15662--15693",
)

EQUATIONS = (
    Equation(
        r"\{q_{i1}, \dots, q_{in}\} = M_q(q_i, P_{\mathrm{meta}}, l), \qquad n \le W_{\max}(l+1), \quad l < D_{\max}",
        "Questions: a question at depth l is divided, knowing only title, abstract and table of contents of the paper. "
        "W_max are the widths, D_max the depth; an empty list makes the question a leaf.",
    ),
    Equation(
        r"a_i = M_a(q_i, C_{\mathrm{top}\,k}(q_i)) \;\text{at a leaf}, \qquad "
        r"a_i \text{ or } \{q_{\mathrm{new}}\} = M_a(q_i, \{(q_{ij}, a_{ij})\}) \;\text{above}",
        "Answers: a leaf reads its k most relevant chunks; an inner question is answered from the answers below it, or "
        "asks for more, within a budget. The root reads the paper and the answers of depth 1.",
    ),
    Equation(
        r"s(c, q) = -\frac{1}{T} \sum_{t=1}^{T} \log p(x_t \mid c, x_{<t})",
        "Relevance of chunk c: the mean negative log-likelihood of the T tokens of the question and a fixed sentence "
        "right after the chunk; lower is more relevant (tables here show it with the opposite sign).",
    ),
)

FIDELITY = (
    Fidelity(
        "Tree of questions",
        "reproduced",
        "Depth, widths, follow-up allowance and what each call sees, as in the released code. Nodes of one level are "
        "asked at once, which gives the same tree, because none of them sees another.",
    ),
    Fidelity(
        "Follow-ups",
        "approximated",
        "Cut to their budget (the release only asks for that), none at the root; an empty list means that the node "
        "answers, where the release asks for ever; new questions that repeat a sibling are left out.",
    ),
    Fidelity(
        "Chunks and their ranking",
        "reproduced",
        "Whole paragraphs under section path and number; question-aware perplexity with a restrictive sentence of the "
        "same meaning. Tokens are those of the chosen model, not of GPT-4o. Keys and values of a chunk are computed "
        "once for all questions, which changes no score.",
    ),
    Fidelity(
        "Prompts",
        "reconstructed",
        "Our own wording from a description of what each prompt asks; the release has no licence. JSON is constrained "
        "where the model allows it, validated, repaired once, then read leniently; the rate is shown.",
    ),
    Fidelity(
        "Root",
        "approximated",
        "Reads the full paper where it fits the context, else a digest of its sections; the run says which.",
    ),
    Fidelity(
        "Models",
        "approximated",
        "The paper's are large hosted models. The default here is small enough for two processor cores: it shows the "
        "mechanics, and its reviews are not worth reading.",
    ),
    Fidelity(
        "Quality of reviews and comments",
        "not tested",
        "Reported, on 80 papers: overall 8.18, specificity +12.27 %, comprehensiveness +11.22 %, technical depth "
        "+6.45 % against the best baseline; comments +5.7 % Jaccard over MARG; people preferred the reviews in 66.25 % "
        "to 90.00 % of judgements; without the tree the rating error rises from 1.17 to 1.88. Benchmark and baselines "
        "are not here; with human comments of your own (the authors' JSON files are read) recall, precision, Jaccard "
        "and the error of the rating are measured, beside how often one reviewer meets another's comments.",
    ),
    Fidelity(
        "Distinct, evidence, specificity, overlap",
        "reconstructed",
        "Ours: counts that anybody can check by hand, instead of a judge's marks. A judge can be asked besides.",
    ),
    Fidelity(
        "Comparison with reading everything",
        "reconstructed",
        "Ours: the same questions, each with the full paper, and the review that comes of these answers where they are "
        "written. What the ranking model reads counts; the paper's saving of 80 % does not say whether it does there.",
    ),
    Fidelity(
        "Reading of papers",
        "approximated",
        "Markdown, LaTeX, PDF and text are read by rules of ours and pylatexenc, where the release takes Nougat's "
        "Markdown. The abstract is part of the text; every word left out is listed with the reason.",
    ),
    Fidelity(
        "Forms",
        "reconstructed",
        "Fields of JSON that was cut are used; JSON itself, and the question or the instructions copied back, count as "
        "no answer; what is no question is not asked. All are counted.",
    ),
)

HONESTY = (
    "The paper, the passages, the token counts and the rankings are real. The default model, SmolLM2-135M, writes "
    "fluently and judges badly: with it the tree shows how the method works, and no sentence of the review should be "
    "believed. Choose a model of several billion parameters, or a server, for reviews. What is said over papers needs "
    "papers. One report ships, and no package registry holds others that may be handed on: the preset study decides "
    "its headlines only over 14 papers that you name (vignettes of R packages are papers that anyone may read). A "
    "review by a model is no substitute for a reviewer; ask before you upload what is not yours."
)


NOTES = "two third-party notes"
COUNT = (0.0, inf)

METRICS = (
    Metric(
        "tokens", "tokens", "lower",
        "Tokens that the model that asks and answers reads and writes for one review, whoever computed them.",
        title="Tokens of the model that answers", bounds=COUNT,
    ),
    Metric(
        "tokens_all_models", "tokens", "lower",
        "Tokens of one review: those of the model that asks and answers, and those that the ranking model reads.",
        title="Tokens of a review, all models", bounds=COUNT,
    ),
    Metric(
        "tokens_all_models_in_run", "tokens", "lower", "The same for all reviews of this run together.",
        title="Tokens of all reviews, all models", bounds=COUNT, counted=True,
    ),
    Metric(
        "tokens_in_run", "tokens", "lower", "Tokens of the model that asks and answers, all reviews together.",
        title="Tokens of all reviews, model that answers", bounds=COUNT, counted=True,
    ),
    Metric(
        "nodes", "questions", None, "Questions of one tree, the root included.", title="Questions asked", bounds=COUNT
    ),
    Metric(
        "distinct_comments", "comments", "higher", "Comments that repeat no earlier one of the same review.",
        floor=0.0, title="Distinct comments", bounds=COUNT,
    ),
    Metric(
        "hit_at_k", "share", "higher",
        "A sentence taken out of the paper: whether one of the k chunks ranked first holds text of its section.",
        floor=0.0, ceiling=1.0, title="Sections found", things="sentences",
    ),
    Metric(
        "evidence_found", "share", "higher", "Comments whose quoted evidence stands in the paper, word for word.",
        title="Evidence found in the paper", things="comments",
    ),
    Metric(
        "specificity", "anchors", "higher", "Numbers, tables, names and headings of the paper that a comment names.",
        title="Anchors of a comment", bounds=COUNT,
    ),
    Metric(
        "gold_met", "share", "higher", "Human comments that some comment of the review resembles.",
        title="Human comments met", things="human comments",
    ),
    Metric(
        "gold_precision", "share", "higher", "Comments of the review that some human comment resembles.",
        title="Comments that people made too", things="comments",
    ),
    Metric(
        "gold_jaccard", "share", "higher",
        "Pairs of a comment and a human comment that say the same, each in one pair, among all comments of both.",
        title="Overlap with human comments",
    ),
    Metric(
        "rating_error", "points", "lower", "Distance of the review's rating from the mean of the human ratings.",
        title="Error of the rating", bounds=(0.0, 9.0),
    ),
    Metric(
        "human_agreement", "share", "higher",
        "Human comments that this review, another human reviewer, or people who wrote of another paper resemble: the "
        "last two say what is much and what is little.",
        title="Human comments met, by whom", things="human comments",
    ),
    Metric(
        "fallback_rate", "share", "lower", "Answers that did not keep the asked JSON form at once.",
        title="Answers out of form", things="answers",
    ),
    Metric(
        "answered", "share", "higher",
        "Questions with an answer: neither empty, nor JSON, nor the question or the instructions copied back.",
        title="Questions answered", things="questions",
    ),
    *(
        Metric(
            f"judged_{name}", "points", "higher", "Mark of the judge model, 1 to 10.", floor=1.0, ceiling=10.0,
            title=f"Mark for {name.replace('_', ' ')}", bounds=(1.0, 10.0),
        )
        for name in ("specificity", "comprehensiveness", "technical_depth", "overall")
    ),
)  # fmt: skip
