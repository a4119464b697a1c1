"""Check fit: what a run would take on this machine, a proposal that fits, and which claims it could decide."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from workbench.contract.engine import Engine
from workbench.contract.schema import ClaimOutlook, Estimate, EstimatePart
from workbench.contract.settings import settings_of
from workbench.formatting import duration, size
from workbench.messages import say, say_many
from workbench.ui.elements.elements import Html, join, notice, table, tag
from workbench.ui.elements.event_options import AT_ONCE
from workbench.ui.elements.page_context import PageContext

if TYPE_CHECKING:
    from workbench.history import RunRecord

Updates = dict[Any, Any]


class PreflightPanel:
    """The estimate of the set-up as it stands; `SetupPanel` has it taken away when a setting changes.

    Attributes:
        run_box: the pre-flight being watched, "" for none.
        proposal: settings that "Make it fit" would take over.
        forget: out of sight; the page's script presses it when a setting changes while an estimate is shown.
    """

    def __init__(self, desk: PageContext, engine: Engine) -> None:
        """Build inside an open Blocks context."""
        self._desk, self._engine = desk, engine
        self.run_box = gr.State("")
        self.proposal = gr.State({})
        self.body = gr.HTML("", elem_classes=["bw-preflight"])
        self.fit = gr.Button(say("Make it fit"), size="sm", visible=False)
        self.forget = gr.Button(say("Take the estimate away"), visible="hidden", elem_classes=["bw-forget"])
        self.outputs = [self.run_box, self.proposal, self.body, self.fit]
        self.forget.click(self.forgotten, None, self.outputs, **AT_ONCE)

    def forgotten(self) -> Updates:
        """Return updates that show no estimate and follow no probe."""
        return {self.run_box: "", self.proposal: {}, self.body: Html(""), self.fit: gr.update(visible=False)}

    def begun(self, run: str) -> Updates:
        """Updates for a probe that was just started."""
        return {
            self.run_box: run,
            self.body: notice(say("Measuring on this machine …")),
            self.fit: gr.update(visible=False),
        }

    def refresh(self, run: str) -> tuple[Updates, bool]:
        """(updates, whether the probe still goes on)."""
        if not run:
            return {}, False
        record = self._desk.history.record(run)
        if record.live:
            return {self.body: notice(_progress_words(record))}, True
        found = self._desk.history.table(run, Estimate)
        if found.empty:
            body = notice(record.error or say("The probe ended without an estimate."), record.hint, "warn")
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
        return outlooks_html({claim.name: say(claim.sentence) for claim in self._engine.claims}, rows)

    def _labels(self) -> dict[str, str]:
        return {setting.name: say(setting.label) for setting in settings_of(self._engine.config)}


def estimate_html(estimate: Estimate, parts: list[dict[str, Any]], labels: dict[str, str]) -> Html:
    """Time, memory and disk; what was measured; what is proposed."""
    told = [
        (say("Time"), say("about {time}", time=duration(estimate.seconds))),
        (say("Memory"), size(estimate.memory_bytes)),
        (say("Disk, downloads included"), size(estimate.disk_bytes)),
    ]
    facts = tag("dl", *[tag("div", tag("dt", name), tag("dd", value)) for name, value in told], class_="bw-facts")
    rows = [(part["phase"], duration(part["seconds"]), part["basis"]) for part in parts]
    basis = tag(
        "details",
        tag("summary", say("What was measured")),
        table((say("Phase"), say("Time"), say("From")), rows, say("Parts of the estimate")),
    )
    wanted = ", ".join(
        say("{setting} → {value}", setting=labels.get(name, name), value=value)
        for name, value in estimate.proposal.items()
    )
    advice = notice(estimate.proposal_reason or say("To fit this machine:"), wanted, "warn") if wanted else ""
    reason = estimate.proposal_reason
    fits = notice(reason or say("This fits this machine."), tone="warn" if reason else "good") if not wanted else ""
    return tag(
        "section",
        tag("h4", say("On this machine")),
        facts,
        advice,
        fits,
        basis if rows else "",
        class_="bw-estimate-card",
    )


def outlooks_html(sentences: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> Html:
    """Claims that the run could never decide, each with why, and how likely it decides the others.

    Args:
        sentences: of the claims, by name.
        rows: `ClaimOutlook` rows.
    """
    never = [
        tag("li", say("“{claim}” {reason}", claim=sentences[row["claim"]], reason=row["reason"]))
        for row in rows
        if not row["decidable"]
    ]
    likely = [(sentences[row["claim"]], row["reason"]) for row in rows if row["decidable"] and row["reason"]]
    parts: list[object] = []
    if never:
        lead = say_many("This run could never decide {n} claim:", "This run could never decide {n} claims:", len(never))
        parts += [tag("p", lead), tag("ul", *never)]
    elif rows:
        parts.append(tag("p", say("This run could decide all claims.")))
    if likely:
        told = table((say("Claim"), say("How likely")), likely, say("How likely the run decides its claims"))
        parts.append(tag("details", tag("summary", say("How likely the others are decided")), told))
    return tag("section", *parts, class_="bw-estimate-card") if parts else Html("")


def _progress_words(record: "RunRecord") -> str:
    if record.state == "queued":
        return say("The probe waits for a free worker …")
    if not record.phase:
        return say("Measuring on this machine …")
    gaps = {"phase": record.phase, "done": record.done, "total": record.total, "unit": record.unit}
    if not record.total:
        return say("Measuring: {phase} …", phase=record.phase)
    return say("Measuring: {phase} {done} of {total} {unit} …", **gaps)
