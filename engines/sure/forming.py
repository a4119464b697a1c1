"""The forms of all documents of a run: by rule, by a writer, by the reader itself; and what was dropped."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial

import pandas as pd

from engines.parts.models import resolve_model
from engines.sure.blocks import QUESTIONS, blocks_of, digest, joined
from engines.sure.cautions import about_forms
from engines.sure.config import SureConfig
from engines.sure.entailment import ClassifierJudge, GeneratorJudge, Judge, entailed_both_ways
from engines.sure.forms import form_counts
from engines.sure.instances import (
    form_frame,
    form_rows,
    instance_frame,
    instances_of,
    ready_made_forms,
    rule_based_forms,
)
from engines.sure.judging import Probe
from engines.sure.perturbations import PERTURBATIONS
from engines.sure.questions import QuestionSet
from engines.sure.readers import Readers, reading_key, too_long
from engines.sure.rows import FormText, Instance
from engines.sure.writing import written_forms, written_rows
from workbench.contract import ConfigError, RunLog


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
        made = written_forms(row, instances, self._readers(ref, self._config), self._config)
        pairs = zip(instances, made, strict=True)
        return form_frame([text for one, form in pairs for text in form_rows(one, [form], self._config)])

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


def writers(config: SureConfig) -> dict[str, str]:
    """Name the model that writes each row of the taxonomy that no rule makes; none for rows without a writer."""
    strong = written_rows(config.perturbations, "writer") if config.writer else []
    own = written_rows(config.perturbations, "reader")
    return dict.fromkeys(strong, str(config.writer)) | dict.fromkeys(own, config.reader)


def _writer_notes(config: SureConfig) -> Iterator[str]:
    asked = written_rows(config.perturbations, "writer")
    if asked and not config.writer:
        yield f"Left out, because no writer is set: {', '.join(asked)}."
    for row in written_rows(config.perturbations, "reader"):
        yield f"{PERTURBATIONS[row].title.capitalize()}: source by the reader itself."


def judged_rows(config: SureConfig) -> list[str]:
    """Rows whose forms a judge of entailment sees: those that a model wrote, but for orders of the same sentences."""
    if config.judge == "off":
        return []
    return [row.name for row in PERTURBATIONS.values() if row.made != "rule" and row.kind != "logic"]


def fitting(number: int, block: Probe, arms: Sequence[SureConfig], readers: Readers, log: RunLog) -> pd.DataFrame:
    """Mark the forms of a block that do not fit into the context of some reader of the run.

    Args:
        number: of the block.
    """
    forms = block.forms.copy()
    kept = replace(block, forms=forms[forms["kept"]])
    for config in {reading_key(config): config for config in arms}.values():
        long = log.once(
            f"room, {digest(reading_key(config))}, block {number}",
            pd.DataFrame,
            lambda config=config: _room(kept, config, readers),
            key=kept.key,
        )
        too_long = long["too_long"].to_numpy(bool)
        forms.loc[kept.forms.index[too_long], ["kept", "reason"]] = [False, "too_long"]
    return forms


def _room(probe: Probe, config: SureConfig, readers: Readers) -> pd.DataFrame:
    return pd.DataFrame({"too_long": too_long(probe, readers(config.reader, config), config).to_numpy(bool)})


def build_probe(
    asked: QuestionSet, config: SureConfig, arms: Sequence[SureConfig], readers: Readers, log: RunLog
) -> Probe:
    """Make instances and forms, check them, report them, and give those that were kept."""
    for note in (*asked.notes, *_writer_notes(config)):
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
        frames.append(fitting(number, Probe(config, instance_frame(block), made), arms, readers, log))
        log.progress(len(frames), -(-len(of_question) // QUESTIONS), "blocks of questions")
    forms = joined(frames, list(FormText.model_fields))
    emit_forms(instances, forms, config, log)
    return Probe(config, instance_frame(instances), forms[forms["kept"]].reset_index(drop=True))


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
