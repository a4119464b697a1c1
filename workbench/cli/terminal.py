"""What a terminal shows: the progress of a run, its verdicts, and tables of plain text.

Stays ours: rich cuts the columns of a table to 80 characters where its output is a pipe, and ids of runs with them.
"""

import re
import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from workbench.bench.verdict_groups import FAMILIES, WORDS, are_judged, basis, by_family, words_of
from workbench.contract.circumstances import LOOKS
from workbench.formatting import count, duration
from workbench.number_format import readable

if TYPE_CHECKING:
    from workbench.bench.estimate_check import EstimateCheck
    from workbench.bench.results import Result
    from workbench.contract.engine import Engine
    from workbench.contract.runs import State
    from workbench.history.records import RunRecord
    from workbench.statistics import Verdict

BAR_CELLS = 24
PLAIN_SECONDS = 5.0


class ProgressLine:
    """Shows a run's progress: one line that redraws itself, or on no terminal a plain line now and then."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._redraws = stream.isatty()
        self._shown = ""
        self._last: tuple[str, str] = ("", "")
        self._said_at = 0.0

    def __call__(self, record: "RunRecord", left: float | None) -> None:
        """Show the record, and about how many seconds the run has left."""
        text = progress_text(record, left, self._redraws)
        if self._redraws:
            width = shutil.get_terminal_size().columns - 1
            self._write(f"\r{text[:width]:<{min(width, len(self._shown))}}")
        elif self._due(record):
            self._write(text + "\n")
        self._shown = text

    def close(self) -> None:
        """Leave the line, so that what follows starts on its own."""
        if self._redraws and self._shown:
            self._write("\n")

    def _due(self, record: "RunRecord") -> bool:
        now = record.progress_at or 0.0
        at = (record.state, phase_words(record.phase))
        due = at != self._last or now >= self._said_at + PLAIN_SECONDS
        if due:
            self._last, self._said_at = at, now
        return due

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class FetchLines:
    """Shows how far downloads and conversions are: a line each, redrawn on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._redraws = stream.isatty()
        self._shown = ("", -1)

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` (bytes, tensors) of `what` are there."""
        percent = min(100, 100 * done // total) if total else 0
        step = percent if self._redraws else percent // 50
        if (what, step) == self._shown:
            return
        if what != self._shown[0] and self._redraws and self._shown[0]:
            self._stream.write("\n")
        self._shown = (what, step)
        self._stream.write(f"\r{what} {percent} %" if self._redraws else f"{what} {percent} %\n")
        self._stream.flush()


def progress_text(record: "RunRecord", left: float | None, drawn: bool = True) -> str:
    """State, phase, progress and time left, on one line."""
    parts = [phase_words(record.phase) or record.state]
    if record.live and record.total and record.phase:
        share = min(1.0, record.done / record.total)
        filled = round(share * BAR_CELLS)
        bar = f"[{'#' * filled}{'.' * (BAR_CELLS - filled)}] " if drawn else ""
        parts.append(f"{bar}{share:4.0%} {record.done:,}/{record.total:,} {record.unit}".rstrip())
    if left is not None:
        parts.append(f"about {duration(left)} left")
    return "  ".join(part for part in parts if part)


def phase_words(path: str) -> str:
    """Return the open phases, outermost first.

    Without the scopes of kept values: "Retrieve > plain, seed 0 > Count".
    """
    cells = re.sub(r"(^|/)cell:([^/]+)/(\d+)", r"\1\2, seed \3", path)
    parts = [re.sub(r"#\d+$", "", part) for part in cells.split("/")]  # a phase that is opened again has a number
    return " > ".join(part for part in parts if part and not part.startswith(("once:", "cell:")))


def verdict_text(verdict: "Verdict") -> str:
    """Return a claim's answer and what stands behind it, over a few lines."""
    scale = f" [{verdict.scale}]" if verdict.scale else ""
    lines = [f"{WORDS[verdict.verdict].letter} {words_of(verdict).upper()}{scale}: {verdict.answer}"]
    lines += [f"    Claim: {verdict.sentence}", f"    {verdict.reason}"]
    lines += [f"    {_tested(verdict)}"] if verdict.p is not None else []
    if verdict.paper:
        lines.append(f"    Paper: {verdict.paper['value']} ({verdict.paper['source']})")
    if verdict.note:
        lines.append(f"    Note: {verdict.note}")
    if verdict.cautions:
        lines += ["    How this could be wrong:", *(f"      - {text}" for text in verdict.cautions)]
    return "\n".join(textwrap.fill(line, 110, subsequent_indent="    ") for line in lines)


def _tested(verdict: "Verdict") -> str:
    alone, corrected = readable(verdict.p, 2), readable(verdict.p_corrected, 2)
    return f"p {alone} alone, {corrected} corrected within its family; look {verdict.look} of {LOOKS}."


def verdicts_text(verdicts: "Sequence[Verdict]", state: "State") -> str:
    """Return all verdicts of a run by family, and from what they were made; a run that failed has none."""
    parts = [basis(state)]
    for family, members in by_family(verdicts):
        parts += ["", FAMILIES[family], *(verdict_text(verdict) for verdict in members)]
    return "\n".join(parts)


def estimate_text(check: "EstimateCheck") -> str:
    """Return what a run took beside its estimate, one quantity a line."""
    lines = [f"    {what}: about {estimated} estimated, {took} taken" for what, estimated, took in check.lines]
    return "\n".join(["Estimate and truth:", *lines, *([f"    {check.caution}"] if check.caution else [])])


def outlook_text(never: "Mapping[str, str]") -> str:
    """Claims that a run could never decide, each with why; "" for none.

    Args:
        never: as `never_decided` gives them.
    """
    lines = [f"This run could never decide {count(len(never), 'claim')}:"] if never else []
    lines += [textwrap.fill(f"  “{claim}” {why}", 110, subsequent_indent="    ") for claim, why in never.items()]
    return "".join(f"{line}\n" for line in lines)


def result_text(result: "Result") -> str:
    """Return a run in a few lines: state, time, rows by table, verdicts."""
    took = f" in {duration(result.seconds)}" if result.seconds is not None else ""
    head = [f"{result.run}  {result.engine}  {result.state}{took}"]
    if result.title:
        head.append(result.title)
    if result.error:
        head.append(f"{result.error.message} {result.error.hint}".rstrip())
    counts = {"Outcome": len(result.outcomes), **{name: len(frame) for name, frame in result.tables.items()}}
    head.append("Rows: " + ", ".join(f"{name} {amount:,}" for name, amount in counts.items() if amount))
    if result.estimate:
        head.append(estimate_text(result.estimate))
    head += [f"Note: {note}" for note in result.notes]
    told = [verdicts_text(result.judged, result.state)] if result.judged or not are_judged(result.state) else []
    return "\n".join([*head, *told])


def engine_text(engine: "Engine") -> str:
    """Return a method's card: question, idea, presets, arms, claims and fidelity."""
    parts = [f"{engine.title} ({engine.name})", engine.question, "", textwrap.fill(engine.idea, 110), ""]
    parts += ["Presets", *(f"  {name}: {preset.promise}" for name, preset in engine.presets.items()), "", "Arms"]
    parts += [f"  {arm.name}{'' if arm.on else ' (off)'}: {arm.help}" for arm in engine.arms]
    for family, claims in by_family(engine.claims):
        parts += ["", f"Claims: {FAMILIES[family]}", *(f"  {claim.name}: {claim.sentence}" for claim in claims)]
    parts += ["", "Fidelity"]
    parts += [f"  {line.part}: {line.status}. {line.reason}" for line in engine.fidelity]
    paper = engine.paper
    parts += ["", f"Paper: {paper.authors} ({paper.year}). {paper.title}. {paper.venue}. {paper.url}"]
    return "\n".join([*parts, f"Settings: benchwright run {engine.name} --help"])


def table_text(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Columns of plain text under their heads."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
