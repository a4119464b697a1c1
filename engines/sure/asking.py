"""The follow-up question: a document of one's own, read under every form by a reader of the run."""

import pandas as pd

from engines.parts.answers import GoldAnswers
from engines.parts.generation import Use, open_generator
from engines.sure.config import AskedDocument, SureConfig
from engines.sure.forms import form_frame, form_rows, rule_forms
from engines.sure.instances import PairSet, instance_frame
from engines.sure.perturbations import PLAIN, Document, kind_of, title_of
from engines.sure.questions import shortened
from engines.sure.readers import answers_to
from engines.sure.rows import AskedForm, Instance, MendedReader
from workbench.contract import Parent, RunLog

NAME = "asked"


def ask(question: AskedDocument, parent: Parent, log: RunLog) -> None:
    """Answer one question from one document in every rule-based form of the run.

    Raises:
        DataError: the run has no such reader.
    """
    config = SureConfig.model_validate(parent.spec.settings)
    with log.phase("Read every form"):
        ref = str(parent.chosen(MendedReader, question.arm, question.seed)["reader"].iloc[0])
        pair_set = own_pairs(question, config)
        reader = open_generator(ref, log, config.dtype)
        answers = answers_to(pair_set, reader, config, Use("Answer", question.arm, question.seed))
        for row in asked_rows(question, pair_set, answers):
            log.row(row)


def own_pairs(question: AskedDocument, config: SureConfig) -> PairSet:
    """Pair the document with its forms; what a form does to an answer is shown, so that none is dropped for it."""
    answers = [answer for answer in question.answers if answer.strip()]
    gold = GoldAnswers(answers, config.match)
    document = shortened(Document(question.title, question.document), config.document_words, gold)
    instance = Instance(
        instance=NAME,
        question=NAME,
        asked=question.question,
        answers=" | ".join(answers),
        title=document.title,
        document=document.text,
        golden=gold.within(document.plain()),
        cluster=NAME,
        part="mending",
        words=document.words,
    )
    forms = form_frame(list(form_rows(instance, rule_forms(document, config), config)))
    return PairSet(config, instance_frame([instance]), forms[forms["reason"] != "unchanged"])


def asked_rows(question: AskedDocument, pair_set: PairSet, answers: pd.DataFrame) -> list[AskedForm]:
    """Make one row for the document as it is and one for each form."""
    gold = GoldAnswers(question.answers, pair_set.config.match)
    forms = {row.perturbation: row for row in pair_set.forms.itertuples()}
    plain = Document(question.title, str(pair_set.instances["document"].iloc[0])).plain()
    rows = []
    for row in answers.itertuples():
        form = forms.get(row.perturbation)
        before_text, text = (str(form.before), str(form.text)) if form is not None else (plain, plain)
        rows.append(
            AskedForm(
                form="as it is" if row.perturbation == PLAIN else title_of(str(row.perturbation)),
                kind="original" if row.perturbation == PLAIN else kind_of(str(row.perturbation)),
                before_text=before_text,
                text=text,
                before=str(row.before),
                after=str(row.after),
                verdict=_verdict(str(row.before), str(row.after), gold),
                right=("yes" if gold.within(str(row.after)) else "no") if gold.usable else "",
            )
        )
    return rows


def _verdict(before: str, after: str, gold: GoldAnswers) -> str:
    if not gold.usable:
        return "same" if before == after else "changed"
    right, then = gold.within(before), gold.within(after)
    return "robust" if right == then else "lost" if right else "won"
