"""The forms of all documents of a run: by rule, by a writer, by the reader itself; and what was dropped."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from engines.parts.generator import Generator
from engines.parts.models import resolve_model
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
from engines.sure.readers import Readers, too_long
from engines.sure.rows import FormText, Instance
from engines.sure.writing import written_forms, written_rows
from workbench.engine import RunLog
from workbench.errors import ConfigError


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


def made_forms(
    asked: QuestionSet, instances: Sequence[Instance], config: SureConfig, readers: Readers, log: RunLog
) -> pd.DataFrame:
    """Rows of `FormText` of every form of every instance, those that were dropped included."""
    if asked.pairs:
        return ready_made_forms(asked, instances, config)
    frames = [rule_based_forms(instances, config)]
    for row, writer in _writers(config, readers, log):
        frames.append(form_frame(list(_rows_of(row, instances, writer, config))))
    forms = pd.concat(frames, ignore_index=True)
    forms = _judged(forms, config, readers)
    order = {name: place for place, name in enumerate(PERTURBATIONS)}
    return forms.sort_values("perturbation", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def _writers(config: SureConfig, readers: Readers, log: RunLog) -> Iterator[tuple[str, Generator]]:
    asked = written_rows(config.perturbations, "writer")
    if asked and not config.writer:
        log.note(f"Left out, because no writer is set: {', '.join(asked)}.")
    for row in asked if config.writer else ():
        yield row, readers(str(config.writer), config)
    for row in written_rows(config.perturbations, "reader"):
        log.note(f"{PERTURBATIONS[row].title.capitalize()}: source by the reader itself.")
        yield row, readers(config.reader, config)


def _rows_of(row: str, instances: Sequence[Instance], writer: Generator, config: SureConfig) -> Iterator[FormText]:
    for instance, form in zip(instances, written_forms(row, instances, writer, config), strict=True):
        yield from form_rows(instance, [form], config)


def _judged(forms: pd.DataFrame, config: SureConfig, readers: Readers) -> pd.DataFrame:
    """The forms with those marked that the judge does not find entailed both ways."""
    seen = forms["kept"] & forms["perturbation"].isin(judged_rows(config))
    if not seen.any():
        return forms
    pairs = list(zip(forms.loc[seen, "before"], forms.loc[seen, "text"], strict=True))
    refused = forms.index[seen][~entailed_both_ways(_judge(config, readers), pairs)]
    forms.loc[refused, ["kept", "reason"]] = [False, "not_entailed"]
    return forms


def judged_rows(config: SureConfig) -> list[str]:
    """Rows whose forms a judge of entailment sees: those that a model wrote, but for orders of the same sentences."""
    if config.judge == "off":
        return []
    return [row.name for row in PERTURBATIONS.values() if row.made != "rule" and row.kind != "logic"]


def _judge(config: SureConfig, readers: Readers) -> Judge:
    if config.judge == "classifier":
        return ClassifierJudge(resolve_model(str(config.judge_model)))
    return GeneratorJudge(readers(str(config.judge_model), config), config)


def fitting(probe: Probe, arms: Sequence[SureConfig], readers: Readers) -> pd.DataFrame:
    """The forms with those marked that do not fit into the context of some reader of the run."""
    forms = probe.forms.copy()
    for config in arms:
        open_to = replace(probe, forms=forms[forms["kept"]])
        long = too_long(open_to, readers(config.reader, config), config)
        forms.loc[long.index[long], ["kept", "reason"]] = [False, "too_long"]
    return forms


def build_probe(
    asked: QuestionSet, config: SureConfig, arms: Sequence[SureConfig], readers: Readers, log: RunLog
) -> Probe:
    """Make instances and forms, check them, report them, and give those that were kept."""
    for note in asked.notes:
        log.note(note)
    log.record("data", asked.source)
    log.record("data_credit", asked.credit)
    instances = instances_of(asked, config)

    def made() -> pd.DataFrame:
        forms = made_forms(asked, instances, config, readers, log)
        return fitting(Probe(config, instance_frame(instances), forms), arms, readers)

    forms = log.once("forms", pd.DataFrame, made)
    emit_forms(instances, forms, config, log)
    return Probe(config, instance_frame(instances), forms[forms["kept"]].reset_index(drop=True))


def emit_forms(instances: Sequence[Instance], forms: pd.DataFrame, config: SureConfig, log: RunLog) -> None:
    """Emit instances, forms and their counts, and say what was dropped."""
    log.table(Instance, instance_frame(instances))
    log.table(FormText, forms)
    for count in form_counts(forms, judged_rows(config)):
        log.row(count)
    dropped = len(forms) - int(forms["kept"].sum())
    log.note(
        f"{len(forms) - dropped:,} of {len(forms):,} pairs are kept. "
        + ("Entailment was not checked." if config.judge == "off" else "Rewritten forms were judged for entailment.")
    )
