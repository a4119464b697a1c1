"""The head of a shown run: a slim bar with its state, phase and time left; then why it failed, progress and facts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.formatting import STATES, duration
from workbench.messages import noted, say, say_many
from workbench.ui.elements.elements import Html, join, notice, tag
from workbench.ui.elements.markup import run_name
from workbench.ui.elements.run_snapshot import RunSnapshot

if TYPE_CHECKING:
    from workbench.history import RunRecord

CELL, ONCE = "cell:", "once:"
SEEDS_NAMED = 8
"""Seeds of a run that the head names one by one."""
ORIGINS = {"imported": noted("imported; run elsewhere"), "example": noted("example; run elsewhere")}
WAITING = {
    "starting": noted("A worker is starting."),
    "stopping": noted("The worker was asked to stop; it saves what it has."),
}


def bar_html(sight: RunSnapshot) -> Html:
    """State, title, and what it does now, in one line that stays in view."""
    record = sight.record
    title = tag("h2", run_name(record, sight.engine), tabindex="-1")
    return tag("div", _badge(record), title, _byline(sight), _now(sight), class_="bw-run-top", data_run=record.run)


def header_html(sight: RunSnapshot) -> Html:
    """Return why the run ended early, its progress, facts and times."""
    record = sight.record
    return tag(
        "section",
        _ending(record),
        _progress(sight),
        tag("dl", *[tag("div", tag("dt", name), tag("dd", value)) for name, value in _facts(sight)], class_="bw-facts"),
        class_=f"bw-run bw-is-{STATES[record.state].tone}" + (" bw-is-preview" if sight.preview else ""),
        aria_label=say("The run shown"),
    )


def announcement(sight: RunSnapshot) -> str:
    """Return what a screen reader is told when it changes: state and phase, no running clock."""
    record = sight.record
    said = say(STATES[record.state].word)
    if record.state == "running" and record.phase:
        return say("{state}: {phase}.", state=said, phase=_phase(sight))
    return say("{state}. {error}", state=said, error=record.error).strip()


def absent_html(message: str, hint: str = "") -> Html:
    """Return what stands in place of a run that cannot be shown."""
    return notice(message, hint or say("Open another run from the History tab, or start one here."), "warn")


def loading_html() -> Html:
    """Return what stands there until a run that was asked for is shown."""
    return tag("p", say("Loading run …"), class_="bw-run bw-is-loading", role="status")


def empty_html(promise: str) -> Html:
    """Return what stands there before any run is opened."""
    return tag(
        "section",
        tag("h2", say("No run shown")),
        tag("p", say("Press Run: pictures appear here while it works, and the verdict when it is done."), " ", promise),
        class_="bw-run bw-is-empty",
    )


def _badge(record: "RunRecord") -> Html:
    words = STATES[record.state]
    mark = tag("span", words.mark, aria_hidden="true", class_="bw-mark")
    return tag("span", mark, " ", say(words.word), class_=f"bw-state bw-{words.tone}")


def _byline(sight: RunSnapshot) -> Html:
    record = sight.record
    if sight.preview:
        return tag("span", say("This is an example, run elsewhere. Press Run for one of your own."), class_="bw-chip")
    said = [say(ORIGINS.get(record.origin, "")), "" if sight.mine else say("read-only: someone else's run")]
    return join([tag("span", words, class_="bw-chip") for words in said if words], " ")


def _now(sight: RunSnapshot) -> Html:
    record = sight.record
    if not record.live:
        return Html("")
    words = [_phase(sight) if record.state == "running" and record.phase else _waiting(sight)]
    if record.state == "running" and record.total:
        words.append(_counted(record))
    if sight.seconds_left is not None:
        words.append(say("about {left} left", left=duration(sight.seconds_left)))
    return tag("span", ", ".join(words), class_="bw-now")


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
    done, total = f"{record.done:,}", f"{record.total:,}"
    return say("{done} of {total} {unit}", done=done, total=total, unit=record.unit)


def _waiting(sight: RunSnapshot) -> str:
    ahead = (sight.position or 1) - 1
    if sight.record.state == "queued" and ahead:
        return say_many("{n} run ahead in the queue.", "{n} runs ahead in the queue.", ahead)
    if sight.record.state == "queued" and sight.position:
        return say("Next in the queue.")
    return say(WAITING.get(sight.record.state, noted("Working.")))


def _facts(sight: RunSnapshot) -> list[tuple[str, str]]:
    record = sight.record
    facts = [(say("Arms"), str(len(record.spec.arms))), (say("Seeds"), seeds_words(record.spec.seeds))]
    if record.live and record.started:
        facts.append((say("Elapsed"), duration(sight.now - record.started)))
    elif record.seconds is not None:
        facts.append((say("Took"), duration(record.seconds)))
    facts.append((say("Rows"), f"{sum(record.tables.values()):,}"))
    if record.attempt > 1:
        facts.append((say("Attempt"), str(record.attempt)))
    return [*facts, (say("Run"), record.run)]


def seeds_words(seeds: Sequence[int]) -> str:
    """Seeds as a reader takes them: "0, 3, 7", "0 to 19", or the first of many and how many more there are."""
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[0] + len(seeds))):
        return say("{first} to {last}", first=seeds[0], last=seeds[-1])
    named = ", ".join(map(str, seeds[:SEEDS_NAMED]))
    more = len(seeds) - SEEDS_NAMED
    return named if more <= 0 else say_many("{named} and {n} more", "{named} and {n} more", more, named=named)


def _ending(record: "RunRecord") -> Html:
    if record.state == "interrupted":
        why = say("The worker ended without a word, or the machine was restarted.")
        return notice(why, say("What it saved is below."), "warn")
    if record.state == "stopped":
        return notice(say("Stopped before the end: everything below is partial."), tone="warn")
    if record.state != "failed":
        return Html("")
    trace = Html("")
    if record.traceback:
        trace = tag("details", tag("summary", say("Technical details")), tag("pre", record.traceback))
    return join([notice(record.error or say("The run failed."), record.hint, "bad"), trace])


def phase_words(path: str, titles: Mapping[str, str]) -> str:
    """Return a scope path as a reader takes it: "cell:shifted/0/Count" is "Mean-shifted, seed 0 › Count"."""
    parts, said = [part.removeprefix(ONCE) for part in path.split("/") if part], []
    while parts:
        part = parts.pop(0)
        if part.startswith(CELL):
            arm = part.removeprefix(CELL)
            part = titles.get(arm, arm)
            if parts and parts[0].isdecimal():
                part = say("{arm}, seed {seed}", arm=part, seed=parts.pop(0))
        said.append(part)
    return " › ".join(said)


def _phase(sight: RunSnapshot) -> str:
    return phase_words(sight.record.phase, {arm.name: arm.title for arm in sight.engine.arms})
