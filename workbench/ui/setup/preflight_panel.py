"""Check fit: what a run would take on this machine, a proposal that fits, and which claims it could decide."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from workbench.contract.engine import Engine
from workbench.contract.schema import ClaimOutlook, Estimate, EstimatePart
from workbench.contract.settings import settings_of
from workbench.formatting import count, duration, size
from workbench.ui.elements.elements import Html, join, notice, table, tag
from workbench.ui.elements.page_context import PageContext

if TYPE_CHECKING:
    from workbench.history import RunRecord

Updates = dict[Any, Any]


class PreflightPanel:
    """The estimate of the set-up as it stands.

    Attributes:
        run_box: the pre-flight being watched, "" for none.
        proposal: settings that "Make it fit" would take over.
    """

    def __init__(self, desk: PageContext, engine: Engine) -> None:
        """Build inside an open Blocks context."""
        self._desk, self._engine = desk, engine
        self.run_box = gr.State("")
        self.proposal = gr.State({})
        self.body = gr.HTML("", elem_classes=["bw-preflight"])
        self.fit = gr.Button("Make it fit", size="sm", visible=False)
        self.outputs = [self.run_box, self.proposal, self.body, self.fit]

    def begun(self, run: str) -> Updates:
        """Updates for a probe that was just started."""
        return {self.run_box: run, self.body: notice("Measuring on this machine …"), self.fit: gr.update(visible=False)}

    def refresh(self, run: str) -> tuple[Updates, bool]:
        """(updates, whether the probe still goes on)."""
        if not run:
            return {}, False
        record = self._desk.history.record(run)
        if record.live:
            return {self.body: notice(_progress_words(record))}, True
        found = self._desk.history.table(run, Estimate)
        if found.empty:
            body = notice(record.error or "The probe ended without an estimate.", record.hint, "warn")
            return {self.run_box: "", self.body: body}, False
        estimate = Estimate.model_validate(found.iloc[-1].to_dict())
        parts = self._desk.history.table(run, EstimatePart)
        updates = {
            self.run_box: "",
            self.body: join([estimate_html(estimate, parts.to_dict("records"), self._labels()), self._outlooks(run)]),
            self.proposal: estimate.proposal,
            self.fit: gr.update(visible=bool(estimate.proposal)),
        }
        return updates, False

    def _outlooks(self, run: str) -> Html:
        rows = self._desk.history.table(run, ClaimOutlook).to_dict("records")
        return outlooks_html({claim.name: claim.sentence for claim in self._engine.claims}, rows)

    def _labels(self) -> dict[str, str]:
        return {setting.name: setting.label for setting in settings_of(self._engine.config)}


def estimate_html(estimate: Estimate, parts: list[dict[str, Any]], labels: dict[str, str]) -> Html:
    """Time, memory and disk; what was measured; what is proposed."""
    told = [
        ("Time", f"about {duration(estimate.seconds)}"),
        ("Memory", size(estimate.memory_bytes)),
        ("Disk", size(estimate.disk_bytes)),
    ]
    facts = tag("dl", *[tag("div", tag("dt", name), tag("dd", value)) for name, value in told], class_="bw-facts")
    rows = [(part["phase"], duration(part["seconds"]), part["basis"]) for part in parts]
    basis = tag(
        "details", tag("summary", "What was measured"), table(("Phase", "Time", "From"), rows, "Parts of the estimate")
    )
    wanted = ", ".join(f"{labels.get(name, name)} → {value}" for name, value in estimate.proposal.items())
    advice = notice(estimate.proposal_reason or "To fit this machine:", wanted, "warn") if wanted else ""
    reason = estimate.proposal_reason
    fits = notice(reason or "This fits this machine.", tone="warn" if reason else "good") if not wanted else ""
    return tag(
        "section", tag("h4", "On this machine"), facts, advice, fits, basis if rows else "", class_="bw-estimate-card"
    )


def outlooks_html(sentences: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> Html:
    """Claims that the run could never decide, each with why, and how likely it decides the others.

    Args:
        sentences: of the claims, by name.
        rows: `ClaimOutlook` rows.
    """
    never = [tag("li", f"“{sentences[row['claim']]}” {row['reason']}") for row in rows if not row["decidable"]]
    likely = [(sentences[row["claim"]], row["reason"]) for row in rows if row["decidable"] and row["reason"]]
    parts: list[object] = []
    if never:
        parts += [tag("p", f"This run could never decide {count(len(never), 'claim')}:"), tag("ul", *never)]
    elif rows:
        parts.append(tag("p", "This run could decide all claims."))
    if likely:
        told = table(("Claim", "How likely"), likely, "How likely the run decides its claims")
        parts.append(tag("details", tag("summary", "How likely the others are decided"), told))
    return tag("section", *parts, class_="bw-estimate-card") if parts else Html("")


def _progress_words(record: "RunRecord") -> str:
    if record.state == "queued":
        return "The probe waits for a free worker …"
    done = f" {record.done} of {record.total} {record.unit}" if record.total else ""
    return f"Measuring: {record.phase}{done} …" if record.phase else "Measuring on this machine …"
