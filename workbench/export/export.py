"""A run taken elsewhere: its tables as CSV files, or everything that repeats and proves it in one ZIP."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.bench.results import to_json
from workbench.contract.errors import HistoryError
from workbench.contract.schema import Outcome
from workbench.export.csv_text import csv_lines, csv_of
from workbench.specs.run_forms import spec_as_yaml
from workbench.storage.extensions import LOOKS_FILE

if TYPE_CHECKING:
    from workbench.bench.results import Result
    from workbench.bench.session import Session
    from workbench.contract.engine import Engine
    from workbench.contract.runs import RunId

VERDICT_COLUMNS = (
    "claim", "family", "verdict", "counted", "scale", "answer", "sentence", "estimate", "unit", "log", "low", "high",
    "level", "deciding_low", "deciding_high", "deciding_level", "p", "p_corrected", "look", "seeds", "items",
    "clusters", "reason",
)  # fmt: skip

_README = """{title} ({engine}), run {run}, {state}.

spec.yaml         repeats the run: benchwright run --spec spec.yaml
result.json       settings, outcomes, verdicts and tables as JSON
tables/           the same tables as CSV, and the verdicts
environment.json  versions and hardware of the machine that ran it
looks.json        how the run was extended, and what was decided by then (where it was)
artifacts/        files that the method saved
report.html       every view and verdict, readable offline
CITATION.bib      the paper whose method this is
SHA256SUMS        sha256sum --check SHA256SUMS
"""


def write_csv(session: "Session", run: "RunId", folder: Path) -> list[Path]:
    """Write every table of the run, and its verdicts, as CSV into `folder`; the files written.

    Raises:
        RunNotFound: no run has that id.
        HistoryError: the folder cannot be written.
    """
    result = session.result(run)
    engine, written = session.engines[result.engine], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, lines in _tables(session, engine, result).items():
            path = folder / f"{name}.csv"
            with path.open("w", encoding="utf-8", newline="") as out:
                out.writelines(lines)
            written.append(path)
    except OSError as error:
        raise HistoryError(f"{folder} cannot be written: {error.strerror}.", "Choose another folder.") from error
    return written


def write_zip(session: "Session", run: "RunId", target: Path) -> list[Path]:
    """Write spec, result, tables, environment, artifacts, report, citation and checksums as one ZIP.

    Raises:
        RunNotFound: no run has that id.
        HistoryError: the file cannot be written.
    """
    result = session.result(run)
    sums: list[str] = []
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in _documents(session, result):
                packed.writestr(name, content)
                sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
            for line in session.history.artifacts(run):
                packed.write(session.bench.folder(run).artifact(line.name), f"artifacts/{line.name}")
                sums.append(f"{line.sha256}  artifacts/{line.name}\n")
            packed.writestr("SHA256SUMS", "".join(sums))
    except OSError as error:
        raise HistoryError(f"{target} cannot be written: {error.strerror}.", "Choose another file.") from error
    return [target]


def write_html(session: "Session", run: "RunId", target: Path) -> list[Path]:
    """Write the run's views and verdicts as one page that needs nothing else.

    Raises:
        RunNotFound: no run has that id.
        HistoryError: the file cannot be written.
    """
    page = _report(session, session.result(run))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page, encoding="utf-8")
    except OSError as error:
        raise HistoryError(f"{target} cannot be written: {error.strerror}.", "Choose another file.") from error
    return [target]


def _tables(session: "Session", engine: "Engine", result: "Result") -> Mapping[str, Iterator[str]]:
    """CSV of each table, of as many rows as the result has of it: of a live run there are more by now."""
    frames = {**result.tables, Outcome.table(): result.outcomes}
    tables = {
        name: csv_lines(session.history, result.run, name, list(kind.model_fields), most=len(frames[name]))
        for name, kind in engine.row_types().items()
    }
    rows = [[getattr(verdict, column) for column in VERDICT_COLUMNS] for verdict in result.judged]
    return {**tables, "verdicts": iter([csv_of([VERDICT_COLUMNS, *rows])])}


def _documents(session: "Session", result: "Result") -> Iterator[tuple[str, bytes]]:
    engine, folder = session.engines[result.engine], session.bench.folder(result.run)
    readme = _README.format(title=engine.title, engine=engine.name, run=result.run, state=result.state)
    yield "README.txt", readme.encode()
    yield "spec.yaml", spec_as_yaml(result.spec).encode()
    yield "result.json", to_json(result.document()).encode()
    yield "CITATION.bib", engine.paper.bibtex.encode()
    for kept in (folder.path / "environment.json", folder.path / LOOKS_FILE):
        if kept.is_file():
            yield kept.name, kept.read_bytes()
    for name, lines in _tables(session, engine, result).items():
        text = io.StringIO()
        text.writelines(lines)
        yield f"tables/{name}.csv", text.getvalue().encode()
    yield "report.html", _report(session, result).encode()


def _report(session: "Session", result: "Result") -> str:
    from workbench.export.offline_report import report_of

    return report_of(session.history, session.engines[result.engine], result)
