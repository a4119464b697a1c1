"""What is reproduced of the paper, what is not, and why."""

from workbench.contract import Fidelity

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
        "by the reader, however small.",
    ),
    Fidelity(
        "Base of the metadata rows",
        "reconstructed",
        "The paper does not say what they are compared with. Its low lose rates (2 to 4 %, against 9 % for HTML alone) "
        "fit a comparison with the same page without the tag; the plain document is an option.",
    ),
    Fidelity(
        "Correctness, RR, WR, LR", "reproduced", "As printed; answers match by whole words, as substrings on demand."
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
        "By the reader's answer without a document and by the answer string. Mended readers keep the base's subsets.",
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
