"""The head of a shown run: a slim bar with its state, phase and time left; then progress, facts, why it failed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbench.formatting import STATES, count, duration
from workbench.ui.elements.elements import Html, join, notice, tag
from workbench.ui.elements.markup import run_name
from workbench.ui.elements.run_snapshot import RunSnapshot

if TYPE_CHECKING:
    from workbench.history import RunRecord

CELL, ONCE = "cell:", "once:"
ORIGINS = {"imported": "imported; run elsewhere", "example": "example; run elsewhere"}


def bar_html(sight: RunSnapshot) -> Html:
    """State, title, and what it does now, in one line that stays in view."""
    record = sight.record
    title = tag("h3", run_name(record, sight.engine), tabindex="-1")
    return tag("div", _badge(record), title, _byline(sight), _now(sight), class_="bw-run-top")


def header_html(sight: RunSnapshot) -> Html:
    """Progress, facts and times of the run, and why it ended early."""
    record = sight.record
    return tag(
        "section",
        _progress(sight),
        tag("dl", *[tag("div", tag("dt", name), tag("dd", value)) for name, value in _facts(sight)], class_="bw-facts"),
        _ending(record),
        class_=f"bw-run bw-is-{STATES[record.state].tone}" + (" bw-is-preview" if sight.preview else ""),
        aria_label="The run shown",
    )


def announcement(sight: RunSnapshot) -> str:
    """What a screen reader is told when it changes: state and phase, no running clock."""
    record = sight.record
    said = STATES[record.state].word
    if record.state == "running" and record.phase:
        return f"{said}: {_phase(sight)}."
    return f"{said}. {record.error}".strip() if record.error else f"{said}."


def absent_html(message: str, hint: str = "") -> Html:
    """What stands in place of a run that cannot be shown."""
    return notice(message, hint or "Open another run from the History tab, or start one here.", "warn")


def empty_html(promise: str) -> Html:
    """What stands there before any run is opened."""
    return tag(
        "section",
        tag("h3", "No run shown"),
        tag("p", "Press Run: pictures appear here while it works, and the verdict when it is done. ", promise),
        class_="bw-run bw-is-empty",
    )


def _badge(record: "RunRecord") -> Html:
    words = STATES[record.state]
    mark = tag("span", words.mark, aria_hidden="true", class_="bw-mark")
    return tag("span", mark, " ", words.word, class_=f"bw-state bw-{words.tone}")


def _byline(sight: RunSnapshot) -> Html:
    record = sight.record
    if sight.preview:
        return tag("span", "This is an example, run elsewhere. Press Run for one of your own.", class_="bw-chip")
    said = [ORIGINS.get(record.origin, ""), "" if sight.mine else "read-only: someone else's run"]
    return join([tag("span", words, class_="bw-chip") for words in said if words], " ")


def _now(sight: RunSnapshot) -> Html:
    record = sight.record
    if not record.live:
        return Html("")
    left = f", about {duration(sight.seconds_left)} left" if sight.seconds_left is not None else ""
    done = f", {_counted(record)}" if record.state == "running" and record.total else ""
    words = _phase(sight) if record.state == "running" and record.phase else _waiting(sight)
    return tag("span", words, done, left, class_="bw-now")


def _progress(sight: RunSnapshot) -> Html:
    record = sight.record
    if record.state != "running" or not record.total:
        return Html("")
    share = min(1.0, record.done / record.total)
    return tag(
        "div",
        tag("div", "", class_="bw-bar", style=f"width:{100 * share:.1f}%"),
        class_="bw-track", role="progressbar", aria_label=_phase(sight), aria_valuemin=0, aria_valuemax=100,
        aria_valuenow=round(100 * share), aria_valuetext=_counted(record),
    )  # fmt: skip


def _counted(record: "RunRecord") -> str:
    return f"{record.done:,} of {record.total:,} {record.unit}"


def _waiting(sight: RunSnapshot) -> str:
    if sight.record.state == "queued" and sight.position is not None:
        return f"{count(sight.position - 1, 'run')} ahead in the queue." if sight.position > 1 else "Next in the queue."
    told = {"starting": "A worker is starting.", "stopping": "The worker was asked to stop; it saves what it has."}
    return told.get(sight.record.state, "Working.")


def _facts(sight: RunSnapshot) -> list[tuple[str, str]]:
    record = sight.record
    facts = [("Arms", str(len(record.spec.arms))), ("Seeds", ", ".join(map(str, record.spec.seeds[:8])))]
    if record.live and record.started:
        facts.append(("Elapsed", duration(sight.now - record.started)))
    elif record.seconds is not None:
        facts.append(("Took", duration(record.seconds)))
    if sight.seconds_left is not None:
        facts.append(("Left in this phase", f"about {duration(sight.seconds_left)}"))
    facts.append(("Rows", f"{sum(record.tables.values()):,}"))
    if record.attempt > 1:
        facts.append(("Attempt", str(record.attempt)))
    return [*facts, ("Run", record.run)]


def _ending(record: "RunRecord") -> Html:
    if record.state == "interrupted":
        return notice(
            "The worker ended without a word, or the machine was restarted.", "What it saved is below.", "warn"
        )
    if record.state == "stopped":
        return notice("Stopped before the end: everything below is partial.", tone="warn")
    if record.state != "failed":
        return Html("")
    trace = (
        tag("details", tag("summary", "Technical details"), tag("pre", record.traceback)) if record.traceback else ""
    )
    return join([notice(record.error or "The run failed.", record.hint, "bad"), trace])


def phase_words(path: str, titles: Mapping[str, str]) -> str:
    """A scope path as a reader takes it: "cell:shifted/0/Count" is "Mean-shifted, seed 0 › Count"."""
    parts, said = [part.removeprefix(ONCE) for part in path.split("/") if part], []
    while parts:
        part = parts.pop(0)
        if part.startswith(CELL):
            arm = part.removeprefix(CELL)
            part = titles.get(arm, arm) + (f", seed {parts.pop(0)}" if parts and parts[0].isdecimal() else "")
        said.append(part)
    return " › ".join(said)


def _phase(sight: RunSnapshot) -> str:
    return phase_words(sight.record.phase, {arm.name: arm.title for arm in sight.engine.arms})
