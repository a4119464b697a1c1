"""What is reproduced of the paper, what is not, and why."""

from workbench.contract import Fidelity

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
        "falls. The result then rests much on the start: first and last counts, and the agreement of seeds, are shown.",
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
        "without a token counts as gradient 0.",
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
        "routers included, to within a rank.",
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
        "Ours: a tiny random model whose layers must learn a known number of low-rank changes of known rank. "
        "Synthetic, and said so.",
    ),
    Fidelity("AlphaLoRA", "not tested", "Its allocation by heavy tails of the spectrum is not built."),
)
