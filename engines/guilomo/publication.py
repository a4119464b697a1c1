"""The publication, its formulas, what is measured, and what of it is reproduced."""

from collections.abc import Mapping

from engines.guilomo.agreement import spearman_of_sums
from workbench.contract import Equation, Fact, Fidelity, Metric, Paper

PUBLISHED: Mapping[str, float] = {
    Fact.PARAMETERS: 6.74e9,  # LLaMA-2-7B
    Fact.STEPS: 3977,  # 20 epochs of ScienceQA's 12,726 examples in batches of 64
    Fact.ITEMS: 12_726,
}
"""Facts of the paper's own runs, by the released scripts."""

PAPER = Paper(
    title="GuiLoMo: Allocating Experts and Ranks for LoRA-MoE via Bilevel Optimization with GuidedSelection Vectors",
    authors="Xinrong Chen, Hengyuan Zhang, and others",
    venue="Findings of EMNLP",
    year=2025,
    url="https://aclanthology.org/2025.findings-emnlp.399",
    pages="7552--7567",
)

EQUATIONS = (
    Equation(
        r"y = W x + \sum_{j \in \mathrm{top}\,K} w_j(x)\, \frac{\alpha}{r_j} B_j A_j x",
        "W is frozen; expert j has rank r_j, the router gives it the weight w_j, and a token uses the top K experts.",
    ),
    Equation(
        r"n = \arg\max_i \sigma(g^E)_i,\quad M^E_i = 0.5\,[i \le n] - 10^4\,[i > n]",
        "The expert vector g of a layer: the place of its largest entry is the number n of experts that are kept; the "
        "mask is added to the router's logits.",
    ),
    Equation(
        r"q_j = \arg\max_i \sigma(g^R_j)_i,\quad M^R_i = [i \le q_j] + 10^{-4}\,[i > q_j]",
        "The rank vector of expert j: its largest entry stands for the rank q that is kept.",
    ),
    Equation(
        r"\min_g L_{val}(w^*(g), g)\quad \mathrm{s.t.}\quad w^*(g) = \arg\min_w L_{train}(w, g)",
        "The vectors g learn on validation batches through the weights w, which learn on training batches.",
    ),
    Equation(
        r"\nabla_g \approx \nabla_g L_{val}(w', g) - \eta\, \frac{\nabla_g L_{train}(w^+, g) - "
        r"\nabla_g L_{train}(w^-, g)}{2\epsilon}",
        "One step: w' is the weights' next step with rate eta; w+ and w- lie to either side of w along the validation "
        "gradient.",
    ),
)

METRICS = (
    Metric(
        "correct",
        "share",
        "higher",
        "Share of test problems answered rightly.",
        floor=0.0,
        ceiling=1.0,
        title="Right answers",
        things="problems",
    ),
    Metric(
        "budget_spent",
        "%",
        None,
        "Trainable parameters of an arm as a percentage of the searched allocation's, routers included.",
        title="Parameters, of the budget",
        bounds=(0.0, float("inf")),
        counted=True,
    ),
    Metric(
        "experts",
        "",
        None,
        "Experts of a layer, mean over the layers of the block that the slice names.",
        title="Experts of a layer",
        bounds=(2.0, 64.0),
    ),
    Metric(
        "recovered_numbers",
        "",
        "higher",
        "Spearman's correlation of planted and found numbers of experts over layers.",
        aggregate=spearman_of_sums,
        title="Recovery of numbers of experts",
        bounds=(-1.0, 1.0),
    ),
    Metric(
        "recovered_ranks",
        "",
        "higher",
        "Spearman's correlation of planted and found ranks over layers.",
        aggregate=spearman_of_sums,
        title="Recovery of ranks",
        bounds=(-1.0, 1.0),
    ),
    Metric(
        "entropy_ranks",
        "",
        "higher",
        "Spearman's correlation of planted ranks and the effective ranks of a fully trained student's updates: what "
        "looking at the updates tells without a search.",
        aggregate=spearman_of_sums,
        title="Recovery of ranks by entropy",
        bounds=(-1.0, 1.0),
    ),
    Metric(
        "divergence",
        "nats",
        "lower",
        "Kullback-Leibler divergence of the trained student from the planted teacher, per token.",
        title="Divergence from the teacher",
        bounds=(0.0, float("inf")),
    ),
)

HONESTY = (
    "The model is real (SmolLM2-135M), and so are the word problems of SVAMP and the words, sentences and glosses of "
    "WordNet; the planted task is synthetic and runs on a tiny random model. When word problems were tried, the "
    "untrained model answered none of 80 rightly and a trained one 6 (2.5 standard errors), part of which is the form "
    "of the answer; on gloss choice no training showed. Searches here have tens of steps where the paper has epochs, "
    "and numbers of experts are not learned at any length: a found allocation may only repeat its start, and the page "
    "says so where it does. The study can tell whether GuiLoMo is within 3 points of five experts everywhere, and "
    "whether the search finds numbers of experts that were planted. It cannot tell whether GuiLoMo is within 3 points "
    "of plain LoRA, which answers other problems rightly (about 960 problems would do), nor whether searching both "
    "parts beats searching one by half a point (some seven thousand). Where no trained arm beats the untrained model "
    "by three standard errors, claims about them are not measurable."
)

FIDELITY = (
    Fidelity(
        "LoRA-MoE layer",
        "reproduced",
        "Experts behind a top-2 router on every linear layer, each with its own rank, each update scaled by alpha over "
        "that rank. The released code divides by the rank of the last expert for all; an adapter can be told to.",
    ),
    Fidelity(
        "Selection vectors and masks",
        "reproduced",
        "Sigmoid, argmax read as a count, masks on router logits and on rank components, at least two experts; started "
        "as softmax of normal numbers. As in the released code and its figure.",
    ),
    Fidelity(
        "Gradient through the argmax",
        "reproduced",
        "As released: of an expert vector only the entry at the argmax hears anything, so that others win only when it "
        "falls. Over a router's kept experts these gradients add up to zero, because a softmax does not heed what all "
        "logits share (measured: 1e-7 of their size): numbers of experts are not learned, at any budget. Each run "
        "measures it; first and last counts, and the agreement of seeds, are shown.",
    ),
    Fidelity(
        "Every entry heard",
        "not tested",
        "A variant of ours, as an arm: each entry hears how the loss changes with the expected masks, at a price per "
        "parameter. It is not in the paper.",
    ),
    Fidelity(
        "Bilevel search",
        "reproduced",
        "Second order by finite differences, as released; first order is a switch. The step ahead leaves the "
        "optimiser's moments alone (the released code changes them), both sides see the same dropout, and an expert "
        "without a token counts as gradient 0. Measured, the second order is 0.1 to 0.4 % of the gradient and costs "
        "five passes in place of three; under top-2 routing the finite difference is some 20 % off the exact product. "
        "Linear decay of the rate and a balance loss pooled by block, as released, are settings.",
    ),
    Fidelity(
        "Length of the search",
        "approximated",
        "Tens of steps instead of four epochs in batches of 64. With the released rate of 0.003 the vectors move by at "
        "most 0.003 a step; the presets raise it, and the page warns where a search only kept its start.",
    ),
    Fidelity(
        "Final training",
        "approximated",
        "A fresh adapter, A random and B zero, balance loss times the number of experts; one to a few passes instead "
        "of 20 epochs. The released code learns the prompt too, here the response alone is learned.",
    ),
    Fidelity(
        "Models and tasks",
        "approximated",
        "The default is a 135M model on gloss choice. ScienceQA, CommonsenseQA and the others do not ship; any data "
        "set of prompts and responses can be named.",
    ),
    Fidelity(
        "Equal parameters",
        "reconstructed",
        "How the paper matches its baselines is unknown. Here every arm gets the parameters of the found allocation, "
        "routers included, to within a rank; another search's allocation is scaled to it, and on the planted task all "
        "get the parameters of the truth.",
    ),
    Fidelity(
        "MoLA shapes",
        "approximated",
        "5555, 2468 and 8642 as numbers of experts, with the rank that the budget leaves.",
    ),
    Fidelity(
        "Plain LoRA and DoRA",
        "reconstructed",
        "On the same layers; the update is scaled as an expert of the found mean rank is.",
    ),
    Fidelity(
        "Perturbed allocations",
        "reconstructed",
        "More or fewer experts, or ranks dealt out anew, in chosen blocks, at the same budget; known from a plotting "
        "script alone.",
    ),
    Fidelity(
        "Planted truth",
        "reconstructed",
        "Ours: a tiny random model whose layers must learn a known number of low-rank changes of known rank, others "
        "under each seed. Few and many, low and high are half each, and every rank weighs alike, so that the truth is "
        "worth finding: an arm with the truth shows how much. Synthetic, and said so.",
    ),
    Fidelity("AlphaLoRA", "not tested", "Its allocation by heavy tails of the spectrum is not built."),
)
