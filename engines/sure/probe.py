"""What a run would take: a few documents read in every form, two steps of each training, and how often that is done."""

from dataclasses import dataclass, field, replace

import psutil

from engines.parts.completions import Sampling
from engines.parts.generation import Generator, Use, open_generator
from engines.parts.models import missing_bytes
from engines.parts.training import training_estimate
from engines.sure.config import SureConfig
from engines.sure.finetuning import FlippedPair, dpo_pairs, settings_of, sft_examples
from engines.sure.forms import require_makers, rule_based_forms
from engines.sure.instances import PairSet, instance_frame, instances_of
from engines.sure.perturbations import PERTURBATIONS, Document
from engines.sure.questions import open_questions
from engines.sure.readers import answers_to, reading_key, runs_here
from engines.sure.rows import Instance, golds
from engines.sure.written_forms import document_tokens, room_for, writing_prompt
from workbench.contract import Asked, Probe

PROBED = 2
"""Documents that are read in every form."""
WRITTEN = 24
"""Tokens of a rewriting in the probe."""
PLAIN_ATTENTION = 3.0
"""Reading with plain attention, as a multiple of an answer."""
BUILD, READ, TUNE = "Change the form of documents", "Read every form", "Tune the reader on its flips"
RANK, LOOK = "Rank documents by the reader's likelihood of the answer", "Look at the attention to the answer"
"""Phases of a run."""


def probe(config: SureConfig, probe: Probe) -> None:
    """Measure how long it takes to read, to write forms and to train.

    Raises:
        WorkbenchError: as the run itself would, for a model or data that cannot be used.
    """
    require_makers(config)
    with probe.part(BUILD):
        # Answers that were kept from an earlier run would take no time.
        reader = open_generator(config.reader, probe.log, config.dtype, cached=False)
        instances = instances_of(open_questions(config), config)
        tokens = document_tokens([Document(one.title, one.document) for one in instances], reader)
        sizes = Sizes(instances, config.noise_questions, dict(zip(instances, tokens, strict=True)))
    pair_set = first_pairs(sizes.instances, config)
    count = len(pair_set.instances) + len(pair_set.forms)
    with probe.part(READ, sizes.answers, done=count, unit="answers") as piece:
        answers_to(pair_set, reader, config, Use("Probe"))
    alike = "as long as an answer each"
    probe.seconds(RANK, piece.each, sizes.ranked, alike)
    probe.seconds(LOOK, PLAIN_ATTENTION * piece.each, sizes.looked_at, f"three times {alike}")
    _probe_writing(sizes, reader, probe)
    _probe_training(pair_set, probe)
    probe.seconds(TUNE, piece.each, sizes.judged, alike)
    probe.disk(missing_bytes(config.reader) if runs_here(config.reader) else 0)


@dataclass(frozen=True)
class Sizes:
    """How many answers a run asks for, from the instances of the run as asked; fewer questions are its first ones."""

    instances: list[Instance]
    noise_questions: int
    tokens: dict[Instance, int] = field(default_factory=dict)

    def documents(self, asked: Asked[SureConfig]) -> list[Instance]:
        """Instances of the first questions; Noise that was searched for stays for the first ones of them alone."""
        names = list(dict.fromkeys(one.question for one in self.instances))
        kept, fewer = set(names[: asked.config.questions]), names[asked.config.noise_questions : self.noise_questions]
        searched = {one.question: one.instance for one in self.instances if not one.golden}
        dropped = {searched[name] for name in fewer if name in searched}
        return [one for one in self.instances if one.question in kept and one.instance not in dropped]

    def forms(self, asked: Asked[SureConfig]) -> int:
        """Texts that are read of one document."""
        config = asked.config
        rows = [PERTURBATIONS[name] for name in config.perturbations]
        rows = [row for row in rows if row.made != "writer" or config.writer]
        pages = any(row.kind == "metadata" for row in rows) and config.metadata_base == "html"
        return 1 + len(rows) + (pages and "html" not in config.perturbations)

    def answers(self, asked: Asked[SureConfig]) -> int:
        """Answers of all untuned readers."""
        return len(self.documents(asked)) * self.forms(asked) * len(set(map(reading_key, asked.arms.values())))

    def judged(self, asked: Asked[SureConfig]) -> int:
        """Answers of all tuned readers."""
        held_out = sum(one.golden and one.part == "held_out" for one in self.documents(asked))
        tuned = sum(arm.mend != "none" for arm in asked.arms.values())
        return min(held_out, asked.config.held_out_questions) * self.forms(asked) * tuned * len(asked.seeds)

    def ranked(self, asked: Asked[SureConfig]) -> int:
        """Documents of the preliminary test, of two a question."""
        config = asked.config
        questions = len({one.question for one in self.documents(asked)})
        return 2 * min(config.oracle_questions, questions) if runs_here(config.reader) else 0

    def looked_at(self, asked: Asked[SureConfig]) -> int:
        """Documents whose attention is looked at: both of each pair, of three outcomes."""
        return 6 * asked.config.attention_pairs if runs_here(asked.config.reader) else 0

    def written(self, asked: Asked[SureConfig]) -> float:
        """Beginnings of rewritings that all rewritings are as long as, at most."""
        rows = [PERTURBATIONS[name] for name in asked.config.perturbations]
        rows = [row for row in rows if row.made == "reader" or (row.made == "writer" and asked.config.writer)]
        return len(rows) * sum(room_for([self.tokens[one]]) for one in self.documents(asked)) / WRITTEN


def first_pairs(instances: list[Instance], config: SureConfig) -> PairSet:
    """Pair the first few documents that hold an answer with their rule-based forms."""
    first = [one for one in instances if one.golden][:PROBED] or instances[:PROBED]
    forms = rule_based_forms(first, config)
    return PairSet(config, instance_frame(first), forms[forms["kept"]])


def _probe_writing(sizes: Sizes, reader: Generator, probe: Probe) -> None:
    if not sizes.written(probe.asked):
        return
    documents = [Document(one.title, one.document) for one in sizes.instances[:4]]
    prompts = [writing_prompt("self_generated", document, probe.asked.config) for document in documents]
    with probe.part(BUILD, sizes.written, done=len(prompts), unit=f"beginnings of {WRITTEN} tokens"):
        reader.generate(prompts, Sampling(max_tokens=WRITTEN), Use("Probe"))


def _probe_training(pair_set: PairSet, probe: Probe) -> None:
    """Estimate each training from pairs of the size that it would see; what flips is not known before the run."""
    pairs, beyond = probable_flips(pair_set), {}
    for name, arm in probe.asked.arms.items():
        if arm.mend == "none" or not pairs:
            continue
        seen = [pairs[at % len(pairs)] for at in range(arm.mending_pairs)]
        if arm.mend == "dpo":
            cost = training_estimate(arm.reader, dpo_pairs(seen, arm), settings_of(arm, 0), "preference")
        else:
            cost = training_estimate(arm.reader, sft_examples(seen, arm), settings_of(arm, 0))
        beyond[name] = max(0, cost.memory_bytes - psutil.Process().memory_info().rss) / arm.batch

        def times(asked: Asked[SureConfig], name: str = name, pairs: int = arm.mending_pairs) -> float:
            return len(asked.seeds) * asked.arms[name].mending_pairs / pairs

        probe.training(TUNE, replace(cost, memory_bytes=0), times)
    if beyond:
        # What a training holds beyond the reader grows with its batch.
        probe.memory(lambda asked: max(each * asked.arms[name].batch for name, each in beyond.items()))


def probable_flips(pair_set: PairSet) -> list[FlippedPair]:
    """Make flipped pairs of every form; where there is none that a rule makes, of the plain documents."""
    instances = {row.instance: row for row in pair_set.instances.itertuples()}
    texts = [(form.instance, str(form.before), str(form.text)) for form in pair_set.forms.itertuples()]
    plain = {name: Document(str(one.title), str(one.document)).plain() for name, one in instances.items()}
    return [
        FlippedPair(str(instances[name].asked), golds(instances[name])[0], "a wrong answer", before, after)
        for name, before, after in texts or [(name, text, text) for name, text in plain.items()]
    ]
