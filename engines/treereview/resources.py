"""What a run works with: papers cut into chunks, and the models that ask, answer, rank and embed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from engines.parts.files import instructions_in
from engines.parts.retrieval import ByChance, ByMeaning, ByPerplexity, ByWords, Ranking
from engines.treereview.comment_measures import GoldComments, gold_comments
from engines.treereview.config import TreeReviewConfig
from engines.treereview.dialogue import PaperDialogue
from engines.treereview.excerpts import Chunk, pack
from engines.treereview.paper import Paper, paper_paths, read_papers, with_split_paragraphs
from engines.treereview.prompts import prompt_set, shipped_text
from engines.treereview.rows import DocumentFinding, PaperParagraph, PaperRead

if TYPE_CHECKING:
    from engines.parts.generation import Generator
    from engines.parts.retrieval import Encoder
    from engines.parts.scoring import Scorer
    from workbench.contract import RunLog


@dataclass
class ReviewResources:
    """Models and papers of a run, each opened when it is first needed.

    Attributes:
        named: papers that the settings name, of which `papers` are the first.
    """

    config: TreeReviewConfig
    log: "RunLog"
    papers: Mapping[str, Paper]
    named: int = 1
    _generators: dict[str, "Generator"] = field(default_factory=dict)
    _chunks: dict[tuple[str, str, int], list[Chunk]] = field(default_factory=dict)
    _rankings: dict[tuple[object, ...], Ranking] = field(default_factory=dict)

    def place(self, paper: str) -> str:
        """Return which of the papers one is: "paper 2 of 14"."""
        return f"paper {list(self.papers).index(paper) + 1} of {len(self.papers)}"

    def generator(self, config: TreeReviewConfig) -> "Generator":
        """Return the model that asks and answers."""
        from engines.parts.generation import open_generator

        if config.model not in self._generators:
            self._generators[config.model] = open_generator(config.model, self.log)
        return self._generators[config.model]

    def scorer(self, config: TreeReviewConfig) -> "Scorer":
        """Return the model that ranks."""
        from engines.parts.scoring import open_scorer

        return open_scorer(config.ranker)

    @cached_property
    def encoder(self) -> "Encoder":
        """Return the model that compares comments, and ranks by meaning."""
        from engines.parts.retrieval import open_encoder

        return open_encoder(report=lambda what, done, total: self.log.progress(done, total, what))

    @cached_property
    def gold(self) -> GoldComments:
        """Return human comments by paper."""
        return gold_comments(self.config.gold, list(self.papers), self.named == 1)

    def chunks(self, paper: str, config: TreeReviewConfig) -> list[Chunk]:
        """Return a paper's chunks, counted in tokens of the model that reads them."""
        key = (paper, config.model, config.chunk_tokens)
        if key not in self._chunks:
            generator = self.generator(config)
            self._chunks[key] = pack(
                self.papers[paper], lambda texts: generator.count(list(texts)), config.chunk_tokens
            )
        return self._chunks[key]

    def use_chunks(self, paper: str, config: TreeReviewConfig, chunks: list[Chunk]) -> None:
        """Take a paper's chunks as they were cut by an earlier run."""
        self._chunks[(paper, config.model, config.chunk_tokens)] = chunks

    def ranking(self, paper: str, config: TreeReviewConfig, seed: int) -> Ranking:
        """Return how an arm ranks a paper's chunks; what was computed for them is kept."""
        chance = seed if config.ranking == "random" else 0
        key = (paper, config.model, config.chunk_tokens, config.ranking, config.ranker, chance)
        if key not in self._rankings:
            texts = [chunk.text for chunk in self.chunks(paper, config)]
            # Prefixes of one paper at a time: those of all papers would not fit in memory.
            for other in [other for other in self._rankings if other[0] != paper]:
                del self._rankings[other]
            self._rankings[key] = self.ranking_of(texts, config, seed)
        return self._rankings[key]

    def ranking_of(self, texts: Sequence[str], config: TreeReviewConfig, seed: int) -> Ranking:
        """Return a ranking of these texts in the way that an arm ranks."""
        match config.ranking:
            case "perplexity":
                return ByPerplexity(
                    texts,
                    self.scorer(config),
                    config.ranker,
                    lambda done, total: self.log.progress(done, total, "chunks ranked"),
                )
            case "bm25":
                return ByWords(texts)
            case "dense":
                return ByMeaning(texts, self.encoder)
            case _:
                return ByChance(texts, seed)

    def dialogue(self, paper: str, config: TreeReviewConfig, arm: str, seed: int) -> PaperDialogue:
        """Return what asks the model of an arm about a paper."""
        from engines.parts.generation import Use

        return PaperDialogue(
            generator=self.generator(config),
            prompts=prompt_set(config.prompts),
            paper=self.papers[paper],
            chunks=self.chunks(paper, config),
            ranking=self.ranking(paper, config, seed),
            sizes=config.sizes,
            use=Use("", arm, seed),
            temperature=config.temperature,
            top_k=config.top_k,
            root_tokens=config.root_tokens,
        )


def open_resources(config: TreeReviewConfig, log: "RunLog[TreeReviewConfig]") -> ReviewResources:
    """Read the papers and check what can be checked before a model is asked.

    Raises:
        ConfigError: prompts are faulty.
        DataError: a paper or the human comments cannot be read.
    """
    for arm in log.arms.values():
        prompt_set(arm.prompts)
    refs = (config.paper, *(ref for ref in config.more_papers if ref.strip()))
    named = sum(len(paper_paths(ref)) for ref in refs)
    papers = read_papers(refs, lambda done, total: log.progress(done, total, "papers"), config.papers)
    resources = ReviewResources(config, log, {paper.name: paper for paper in papers}, named)
    generator = resources.generator(config)
    if generator.context:
        most = generator.context // 2
        fitted = [with_split_paragraphs(paper, lambda texts: generator.count(list(texts)), most) for paper in papers]
        resources.papers = {paper.name: paper for paper in fitted}
    if named > len(papers):
        log.note(f"{len(papers)} of {named:,} papers named are reviewed; `papers` says how many.")
    if config.gold:
        others = f"; {resources.gold.others:,} comments are about none of them" if resources.gold.others else ""
        log.note(f"Human comments on {len(resources.gold.by_paper)} of {len(papers)} papers are compared with{others}.")
    return resources


def describe_papers(resources: ReviewResources, log: "RunLog") -> None:
    """Emit the papers, their paragraphs, and what a reader must know about them; keep the prompts as a file."""
    config = resources.config
    log.record("papers", ", ".join(resources.papers))
    log.artifact("prompts.md").write_text(config.prompts or shipped_text("complete"), "utf-8")
    for name, paper in resources.papers.items():
        chunks = resources.chunks(name, config)
        log.row(
            PaperRead(
                paper=name, title=paper.title, abstract=paper.abstract, contents=paper.contents,
                tokens=resources.generator(config).count([paper.text])[0], paragraphs=len(paper.paragraphs),
                chunks=len(chunks), words=paper.words, words_read=paper.words_read,
                left_out="; ".join(f"{each.what} ({each.words:,})" for each in paper.left_out),
            )
        )  # fmt: skip
        for row in paragraph_rows(paper, chunks):
            log.row(row)
        for finding in findings(paper):
            log.row(finding)


def paragraph_rows(paper: Paper, chunks: Sequence[Chunk]) -> list[PaperParagraph]:
    """Return a paper's paragraphs as rows."""
    home = {number: chunk.number for chunk in chunks for number in chunk.paragraphs}
    return [
        PaperParagraph(
            paper=paper.name, paragraph=each.number, section=" > ".join(each.path), inside=each.inside,
            chunk=home[each.number], text=each.text,
        )
        for each in paper.paragraphs
    ]  # fmt: skip


def findings(paper: Paper) -> list[DocumentFinding]:
    """Return how a paper was read, and the instructions that stand in it."""
    outline = (
        f"{paper.words_read:,} of {paper.words:,} words in {len(paper.sections)} headings and {len(paper.paragraphs)} "
        f"paragraphs; {paper.unaccounted:,} are marks of the markup, or unaccounted for"
    )
    read = DocumentFinding(paper=paper.name, kind="read as", paragraph=None, finding=outline, text=paper.title)
    notes = [
        DocumentFinding(paper=paper.name, kind="read as", paragraph=None, finding=note, text="") for note in paper.notes
    ]
    left_out = [
        DocumentFinding(paper=paper.name, kind="left out", paragraph=None, finding=what, text=f"{words:,} words")
        for what, words in ((each.what, each.words) for each in paper.left_out)
    ]
    hidden = [
        DocumentFinding(paper=paper.name, kind="instructions found in the document", paragraph=found.paragraph,
                        finding=found.reason, text=found.text)
        for found in instructions_in([each.text for each in paper.paragraphs])
    ]  # fmt: skip
    return [read, *left_out, *notes, *hidden]
