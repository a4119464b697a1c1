"""Forms of documents: what each row of the taxonomy makes of them, and whether what matters was kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import pandas as pd

from engines.parts.answers import GoldAnswers
from engines.parts.models import resolve_model
from engines.sure.cautions import about_forms
from engines.sure.config import SureConfig
from engines.sure.instances import QUESTIONS, PairSet, blocks_of, digest, instance_frame, instances_of, joined
from engines.sure.perturbations import (
    PERTURBATIONS,
    REREAD,
    Document,
    as_html,
    as_json,
    as_markdown,
    as_yaml,
    kind_of,
    metadata,
    random_order,
    reversed_order,
)
from engines.sure.questions import QuestionSet
from engines.sure.readers import Readers, reading_key, too_long
from engines.sure.rows import FormCount, FormText, Instance, golds
from engines.sure.written_forms import (
    ClassifierJudge,
    GeneratorJudge,
    Judge,
    entailed_both_ways,
    judged_rows,
    rewritings,
    writer_notes,
    writers,
)
from workbench.contract import ConfigError, RunLog

FAULTS = ("unfinished", "looping", "numbers_lost")
"""Of rewritings."""
REASONS = (*FAULTS, "unchanged", "answer_lost", "answer_gained", "not_entailed", "too_long")


@dataclass(frozen=True)
class Form:
    """A document before and after one change of form.

    Attributes:
        fault: of a rewriting, one of `FAULTS`; "" without one.
    """

    perturbation: str
    before: str
    text: str
    fault: str = ""

    @property
    def kind(self) -> str:
        """Class of the change."""
        return kind_of(self.perturbation)


def form_rows(instance: Instance, forms: Sequence[Form], config: SureConfig) -> Iterator[FormText]:
    """Check the forms of one instance, and say the reason for which each was dropped."""
    answers = GoldAnswers(golds(instance), config.match)
    for form in forms:
        reason = dropped_because(form, instance.golden, answers)
        yield FormText(
            instance=instance.instance,
            perturbation=form.perturbation,
            kind=form.kind,
            before=form.before,
            text=form.text,
            kept=not reason,
            reason=reason,
        )


def form_frame(rows: Sequence[FormText]) -> pd.DataFrame:
    """Make a frame of `FormText` rows, with its columns even where there are none."""
    return pd.DataFrame([row.model_dump() for row in rows], columns=list(FormText.model_fields))


def rule_based_forms(instances: Sequence[Instance], config: SureConfig) -> pd.DataFrame:
    """Make rows of `FormText` of every rule-based form of every instance."""
    made = [(one, rule_forms(Document(one.title, one.document), config)) for one in instances]
    return form_frame([text for one, forms in made for text in form_rows(one, forms, config)])


def ready_made_forms(asked: QuestionSet, instances: Sequence[Instance], config: SureConfig) -> pd.DataFrame:
    """Make rows of `FormText` of the pairs of these instances, where they name a perturbation that is asked for."""
    by_name = {instance.instance: instance for instance in instances}
    rows = []
    for pair in asked.pairs:
        wanted = pair.perturbation in config.perturbations or kind_of(pair.perturbation) == "other"
        if wanted and pair.instance in by_name:
            form = Form(pair.perturbation, pair.before, pair.text)
            rows += form_rows(by_name[pair.instance], [form], config)
    return form_frame(rows)


def rule_forms(document: Document, config: SureConfig) -> list[Form]:
    """Make the rule-based forms that the settings ask for, in the order of the taxonomy."""
    asked = [row for row in PERTURBATIONS.values() if row.name in config.perturbations and row.made == "rule"]
    plain, page = document.plain(), as_html(document, config.escape)
    bases = {"metadata": page if config.metadata_base == "html" else plain}
    makers = _makers(document, config)
    return [Form(row.name, bases.get(row.kind, plain), makers[row.name]()) for row in asked]


def _makers(document: Document, config: SureConfig) -> Mapping[str, Callable[[], str]]:
    def with_meta(row: str) -> str:
        return as_html(document, config.escape, metadata(row, document, config.cutoff))

    rows = [row.name for row in PERTURBATIONS.values() if row.kind == "metadata"]
    plain = document.plain()
    return {
        "reverse": lambda: Document(document.title, reversed_order(document.text)).plain(),
        "random": lambda: Document(document.title, random_order(document.text, config.shuffle_seed)).plain(),
        "json": partial(as_json, document, config.escape),
        "html": partial(as_html, document, config.escape),
        "yaml": partial(as_yaml, document, config.escape),
        "markdown": partial(as_markdown, document, config.escape),
        REREAD: document.plain,
        "trailing_space": lambda: f"{plain} ",
        **{row: partial(with_meta, row) for row in rows},
    }


def dropped_because(form: Form, golden: bool, answers: GoldAnswers) -> str:
    """Say why a form is no fair pair of its document: one of `REASONS`, or "" where it is one.

    Golden documents must still hold an answer, Noise must not have gained one. A form that is letter for letter what it
    was before is no change; only the control is meant to be.
    """
    if form.fault:
        return form.fault
    if form.text == form.before and form.kind != "control":
        return "unchanged"
    holds = answers.within(form.text)
    if golden and not holds:
        return "answer_lost"
    return "answer_gained" if holds and not golden else ""


def form_counts(forms: pd.DataFrame, judged: Sequence[str]) -> list[FormCount]:
    """Count the forms that each row of the taxonomy made, and why some were dropped.

    Args:
        forms: rows of `FormText`.
        judged: perturbations whose forms a judge of entailment saw.
    """
    found = []
    for name, part in forms.groupby("perturbation", sort=False):
        lost = {reason: int((part["reason"] == reason).sum()) for reason in REASONS}
        found.append(
            FormCount(
                perturbation=str(name),
                kind=str(part["kind"].iloc[0]),
                made=len(part),
                kept=int(part["kept"].sum()),
                judged=name in judged,
                **lost,
            )
        )
    return found


class FormMaker:
    """Makes forms by rule and by whichever models the settings name, each of them opened once.

    Args:
        config: the run's settings.
        readers: opens the models.
    """

    def __init__(self, config: SureConfig, readers: Readers) -> None:
        self._config = config
        self._readers = readers

    def forms(self, asked: QuestionSet, instances: Sequence[Instance]) -> pd.DataFrame:
        """Make rows of `FormText` of every form of some instances, those that were dropped included."""
        if asked.pairs:
            return ready_made_forms(asked, instances, self._config)
        frames = [rule_based_forms(instances, self._config)]
        frames += [self._written(row, ref, instances) for row, ref in writers(self._config).items()]
        return self._judged(joined(frames, list(FormText.model_fields)))

    def _written(self, row: str, ref: str, instances: Sequence[Instance]) -> pd.DataFrame:
        written = rewritings(row, instances, self._readers(ref, self._config), self._config)
        before = [Document(one.title, one.document).plain() for one in instances]
        made = [[Form(row, plain, one.text, one.fault)] for plain, one in zip(before, written, strict=True)]
        pairs = zip(instances, made, strict=True)
        return form_frame([text for one, forms in pairs for text in form_rows(one, forms, self._config)])

    def _judged(self, forms: pd.DataFrame) -> pd.DataFrame:
        """Mark the forms that the judge does not find entailed both ways."""
        seen = forms["kept"].astype(bool) & forms["perturbation"].isin(judged_rows(self._config))
        if not seen.any():
            return forms
        pairs = list(zip(forms.loc[seen, "before"], forms.loc[seen, "text"], strict=True))
        refused = forms.index[seen][~entailed_both_ways(self._judge, pairs)]
        forms.loc[refused, ["kept", "reason"]] = [False, "not_entailed"]
        return forms

    @cached_property
    def _judge(self) -> Judge:
        model = str(self._config.judge_model)
        if self._config.judge == "classifier":
            return ClassifierJudge(resolve_model(model))
        return GeneratorJudge(self._readers(model, self._config), self._config)


def require_makers(config: SureConfig) -> None:
    """Refuse settings that name rows nobody can write, or a judge without a model.

    Raises:
        ConfigError: an unknown row, or a judge without its model.
    """
    problems = {}
    unknown = [name for name in config.perturbations if name not in PERTURBATIONS]
    if unknown or not config.perturbations:
        named = f"{', '.join(unknown)[:80]!r} is no row of the taxonomy" if unknown else "no row was chosen"
        problems["perturbations"] = f"{named}; choose from {', '.join(PERTURBATIONS)}."
    if config.judge != "off" and not config.judge_model:
        problems["judge_model"] = f"The judge is a {config.judge} but has no model; name one, or set the judge to off."
    if problems:
        raise ConfigError(problems)


def build_pairs(asked: QuestionSet, config: SureConfig, readers: Readers, log: RunLog[SureConfig]) -> PairSet:
    """Make instances and forms, check them, report them, and give those that were kept."""
    for note in (*asked.notes, *writer_notes(config)):
        log.note(note)
    log.record("data", asked.source)
    log.record("data_credit", asked.credit)
    instances = instances_of(asked, config)
    of_question: dict[str, list[Instance]] = {}
    for instance in instances:
        of_question.setdefault(instance.question, []).append(instance)
    maker, frames = FormMaker(config, readers), []
    for number, questions in enumerate(blocks_of(list(of_question.values()))):
        block = [instance for of_one in questions for instance in of_one]
        make = partial(maker.forms, asked, block)
        made = log.once(f"forms, block {number}", pd.DataFrame, make, key=digest(block))
        frames.append(fitting(number, PairSet(config, instance_frame(block), made), readers, log))
        log.progress(len(frames), -(-len(of_question) // QUESTIONS), "blocks of questions")
    forms = joined(frames, list(FormText.model_fields))
    emit_forms(instances, forms, config, log)
    return PairSet(config, instance_frame(instances), forms[forms["kept"]].reset_index(drop=True))


def fitting(number: int, block: PairSet, readers: Readers, log: RunLog[SureConfig]) -> pd.DataFrame:
    """Mark the forms of a block that do not fit into the context of some reader of the run.

    Args:
        number: of the block.
    """
    forms = block.forms.copy()
    kept = replace(block, forms=forms[forms["kept"]])
    for config in {reading_key(config): config for config in log.arms.values()}.values():
        long = log.once(
            f"room, {digest(reading_key(config))}, block {number}",
            pd.DataFrame,
            lambda config=config: _room(kept, config, readers),
            key=kept.key,
        )
        too_long = long["too_long"].to_numpy(bool)
        forms.loc[kept.forms.index[too_long], ["kept", "reason"]] = [False, "too_long"]
    return forms


def _room(pair_set: PairSet, config: SureConfig, readers: Readers) -> pd.DataFrame:
    return pd.DataFrame({"too_long": too_long(pair_set, readers(config.reader, config), config).to_numpy(bool)})


def emit_forms(instances: Sequence[Instance], forms: pd.DataFrame, config: SureConfig, log: RunLog) -> None:
    """Emit instances, forms and their counts, and say what was dropped."""
    log.table(Instance, instance_frame(instances))
    log.table(FormText, forms)
    for count in form_counts(forms, judged_rows(config)):
        log.row(count)
    for caution in about_forms(forms, config):
        log.row(caution)
    dropped = len(forms) - int(forms["kept"].sum())
    log.note(
        f"{len(forms) - dropped:,} of {len(forms):,} pairs are kept. "
        + ("Entailment was not checked." if config.judge == "off" else "Rewritten forms were judged for entailment.")
    )
