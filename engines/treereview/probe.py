"""What a review would take here: the most it can ask by its limits, at the speed that the model reads and writes."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engines.parts.completions import Sampling
from engines.parts.models import missing_bytes
from engines.treereview.config import TreeReviewConfig
from engines.treereview.question_tree import Limits
from engines.treereview.resources import ReviewResources, open_resources
from workbench.contract import Asked, Probe

PROBE_TOKENS = 48
PROBE_WORDS = 300
ROW_BYTES = 2_000
"""Of history and files for each question and step."""
OFTEN_WRITTEN = 0.6
"""Part of the tokens that answers may have which they were seen to have in trials."""
BESIDE_BYTES = 500_000_000
"""Of the models that rank and compare, which are opened later."""
GROW, COMPARE, RANK = "Grow the trees", "Count the exhaustive way", "Compare the rankings"
Review = Asked[TreeReviewConfig]


def probe(config: TreeReviewConfig, probe: Probe) -> None:
    """Measure reading and writing, and say how many tokens of both a run may take.

    Raises:
        WorkbenchError: as the run itself would, for papers or models that cannot be used.
    """
    from engines.parts.generation import Use

    with probe.part("Read the papers"):
        resources = open_resources(config, probe.log)
        generator, papers = resources.generator(config), tuple(resources.papers.values())
    sizes = ReviewSizes(resources, generator.count([paper.text for paper in papers]), generator.context)
    # Words of this moment: answers that are in the cache would tell nothing.
    words = " ".join(f"word{int(time.time() * 1000) % 100_000}" for _ in range(PROBE_WORDS))
    prompts = [f"{number} {words[:200]}" for number in range(min(config.batch_nodes, 8))]
    with probe.part(GROW, sizes.read, done=generator.count([words])[0], unit="tokens read, at most") as reading:
        generator.generate([words], Sampling(max_tokens=1), Use("Probe"))
    with probe.part(GROW, sizes.written, unit="tokens written, probably") as writing:
        answers = generator.generate(prompts, Sampling(max_tokens=PROBE_TOKENS), Use("Probe"))
        writing.done = max(1, sum(answer.tokens for found in answers for answer in found))
    probe.seconds(COMPARE, reading.each, sizes.read_whole, "as fast as the model reads")
    probe.seconds(COMPARE, writing.each, sizes.written_whole, "as fast as the model writes")
    probe.seconds(RANK, reading.each, sizes.ranked, "as fast as the model that answers reads")
    probe.memory(BESIDE_BYTES)
    probe.disk(sum(missing_bytes(ref) for ref in {config.model, config.ranker, "all-minilm-l6-v2"}))
    probe.disk(lambda asked: ROW_BYTES * sum(most_nodes(arm.limits)[1] for arm in grown(asked)) * len(asked.seeds))


@dataclass(frozen=True)
class ReviewSizes:
    """Tokens of a run over papers that were read for it or for a larger one.

    Attributes:
        tokens: of each paper.
        context: of the model that answers; None where a server does not tell.
    """

    resources: ReviewResources
    tokens: Sequence[int]
    context: int | None

    def trees(self, asked: Review) -> int:
        """Return the trees of one arm."""
        return len(asked.seeds) * min(len(self.tokens), asked.config.papers)

    def read(self, asked: Review) -> float:
        """Return the tokens that growing all trees reads at most, follow-ups apart."""
        return self.trees(asked) * sum(self._tree(arm, asked)[0] for arm in grown(asked))

    def written(self, asked: Review) -> float:
        """Return the tokens that growing all trees probably writes."""
        return OFTEN_WRITTEN * self.trees(asked) * sum(self._tree(arm, asked)[1] for arm in grown(asked))

    def _tree(self, arm: TreeReviewConfig, asked: Review) -> tuple[int, int]:
        return read_and_written(arm, max(self.tokens[: asked.config.papers]), self.context)

    def read_whole(self, asked: Review) -> float:
        """Return the tokens that reviews from whole papers read: each paper once, as prompts share their beginning."""
        rest = (read_and_written(arm, tokens, self.context)[0] for arm, tokens in self._whole(asked))
        return len(asked.seeds) * (sum(tokens for _, tokens in self._whole(asked)) + sum(rest))

    def written_whole(self, asked: Review) -> float:
        """Return the tokens that answers from whole papers probably write."""
        written = sum(read_and_written(arm, tokens, self.context)[1] for arm, tokens in self._whole(asked))
        return OFTEN_WRITTEN * len(asked.seeds) * written

    def _whole(self, asked: Review) -> Iterator[tuple[TreeReviewConfig, int]]:
        """Arms that write answers from whole papers, each with the tokens of every paper that fits the context."""
        for arm in asked.arms.values():
            most = min(asked.config.papers, arm.exhaustive_papers)
            room = (self.context or float("inf")) - arm.answer_tokens
            if arm.reading == "whole paper" and arm.exhaustive_answers:
                yield from ((arm, tokens) for tokens in self.tokens[:most] if tokens <= room)

    def ranked(self, asked: Review) -> float:
        """Return the tokens that the trial of rankings reads: each chunk once, each sentence after each chunk."""
        tokens = 0
        for name in list(self.resources.papers)[: asked.config.papers]:
            chunks = self.resources.chunks(name, asked.config)
            tokens += sum(chunk.tokens for chunk in chunks) + 45 * asked.config.held_out * len(chunks)
        return tokens


def grown(asked: Review) -> list[TreeReviewConfig]:
    """Return the settings of the arms that grow trees: those from passages, where there are any."""
    return [arm for arm in asked.arms.values() if arm.reading == "passages"] or list(asked.arms.values())


def most_nodes(limits: Limits) -> tuple[int, int, int]:
    """Return (nodes that may be divided, leaves, inner nodes below the root) of the widest tree without follow-ups."""
    level, divided, inner = 1, 0, 0
    for depth in range(1, limits.depth + 1):
        if not limits.width(depth):
            break
        divided += level
        inner += level if depth > 1 else 0
        level *= limits.width(depth)
    leaves = level if divided else 0
    over = 1 + inner + leaves - limits.most_nodes
    return divided, max(0, leaves - max(0, over)), inner


def read_and_written(config: TreeReviewConfig, longest: int, context: int | None) -> tuple[int, int]:
    """Return the tokens that one tree over a paper of `longest` tokens may read and write, follow-ups apart."""
    divided, leaves, inner = most_nodes(config.limits)
    root = min(longest, config.root_tokens or longest, context or longest)
    passages = min(config.top_k * config.chunk_tokens, longest)
    read = divided * 600 + leaves * (passages + 150) + inner * (4 * config.answer_tokens + 200) + 2 * (root + 1500)
    return read, divided * config.question_tokens + (leaves + inner) * config.answer_tokens + 2 * config.review_tokens
