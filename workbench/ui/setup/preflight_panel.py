"""Check fit: what a run would take on this machine, from a short probe, and a proposal that fits."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from workbench.contract.engine import Engine
from workbench.contract.schema import Estimate, EstimatePart
from workbench.contract.settings import settings_of
from workbench.formatting import duration, size
from workbench.ui.elements.elements import Html, notice, table, tag
from workbench.ui.elements.page_context import Desk

if TYPE_CHECKING:
    from workbench.history import RunRecord

Updates = dict[Any, Any]


class PreflightPanel:
    """The estimate of the set-up as it stands.

    Attributes:
        run_box: the pre-flight being watched, "" for none.
        proposal: settings that "Make it fit" would take over.
    """

    def __init__(self, desk: Desk, engine: Engine) -> None:
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
            self.body: estimate_html(estimate, parts.to_dict("records"), self._labels()),
            self.proposal: estimate.proposal,
            self.fit: gr.update(visible=bool(estimate.proposal)),
        }
        return updates, False

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
    fits = notice(estimate.proposal_reason or "This fits this machine.", tone="good") if not wanted else ""
    return tag(
        "section", tag("h4", "On this machine"), facts, advice, fits, basis if rows else "", class_="bw-estimate-card"
    )


def _progress_words(record: "RunRecord") -> str:
    if record.state == "queued":
        return "The probe waits for a free worker …"
    done = f" {record.done} of {record.total} {record.unit}" if record.total else ""
    return f"Measuring: {record.phase}{done} …" if record.phase else "Measuring on this machine …"
