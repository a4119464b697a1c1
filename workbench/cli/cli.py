"""The command line: `benchwright COMMAND`, list, describe, run, runs, show, export, import, stop, resume, extend, fetch
or app.

Every command works on the same data folder as the page. Exit codes: 0 done, 1 the run failed, 2 something was refused
(an unknown flag, a setting out of range), 3 the run was stopped, 4 the run was interrupted, 5 no such run or a damaged
history, 130 left by a second Ctrl-C while the run goes on.
"""

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.bench.results import to_json
from workbench.bench.session import WORKER, Session, open_history, open_session, settle
from workbench.bench.watch_run import follow
from workbench.cli.terminal import FetchLines, ProgressLine, outlook_text, result_text
from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError, HistoryError, WorkbenchError
from workbench.contract.registry import engine_named, engines, installed
from workbench.contract.runs import RunId, State, write_atomically
from workbench.specs.flags import FlagParser
from workbench.specs.run_arguments import add_more_arguments, read_more, read_run_arguments

if TYPE_CHECKING:
    from workbench.bench.results import Result

_ON_RUNS = {
    "show": "what a run answered",
    "export": "a run as CSV, HTML, ZIP or an example to ship",
    "stop": "ask a run to stop",
    "resume": "go on with a run that ended early",
    "extend": "go on with a finished run: more seeds, items, arms",
}
EXIT_CODES: Mapping[State, int] = {"finished": 0, "failed": 1, "stopped": 3, "interrupted": 4}
LEFT = 130


@dataclass(frozen=True)
class Tool:
    """The command line over some engines, and the module whose workers know them."""

    engines: Callable[[], Mapping[str, Engine]] = engines
    worker: Sequence[str] = field(default=WORKER)

    def main(self, arguments: Sequence[str]) -> int:
        """Carry one command out and give its exit code; what was refused is said on the error stream."""
        try:
            return self._dispatch(list(arguments))
        except WorkbenchError as error:
            print(f"benchwright: {error}", *([error.hint] if error.hint else []), sep="\n  ", file=sys.stderr)
            return 5 if isinstance(error, HistoryError) else 2 if isinstance(error, ConfigError) else 1
        except BrokenPipeError:
            # whoever read us has enough; nothing more may be flushed at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0

    def _dispatch(self, arguments: list[str]) -> int:
        if arguments[:1] == ["app"]:
            return self._app(arguments[1:])
        if arguments[:1] == ["run"]:
            return self._run(arguments[1:])
        found = self._parser().read(arguments)
        return getattr(self, f"_{found.command}")(found)

    def _parser(self) -> FlagParser:
        parser = FlagParser(prog="benchwright", description="Run a method next to its baselines and see what holds.")
        commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
        commands.add_parser("run", help="run a method: benchwright run ENGINE --help", add_help=False)
        commands.add_parser("app", help="open the workbench in a browser", add_help=False)
        commands.add_parser("list", help="the methods")
        commands.add_parser("describe", help="a method's card").add_argument("engine", metavar="ENGINE")
        runs = commands.add_parser("runs", help="the newest runs")
        runs.add_argument("--engine", default="", metavar="ENGINE", help="of this method alone")
        runs.add_argument("--limit", type=int, default=50, metavar="N", help="how many (default 50)")
        for name, what in _ON_RUNS.items():
            commands.add_parser(name, help=what).add_argument("run", metavar="RUN")
        for name in ("list", "describe", "runs", "show"):
            commands.choices[name].add_argument("--json", action="store_true", help="print JSON")
        add_more_arguments(commands.choices["extend"])
        export = commands.choices["export"]
        export.add_argument("--csv", type=Path, metavar="FOLDER", help="every table as CSV into this folder")
        export.add_argument("--html", type=Path, metavar="FILE", help="one page with every view, readable offline")
        export.add_argument("--zip", type=Path, metavar="FILE", help="spec, tables, environment, checksums, citation")
        export.add_argument("--example", type=Path, metavar="FOLDER", help="a small run folder below it, fit to ship")
        importing = commands.add_parser("import", help="take up a copied run folder")
        importing.add_argument("folder", type=Path, metavar="FOLDER")
        fetch = commands.add_parser("fetch", help="bring bundled models and data ahead of time")
        fetch.add_argument("names", nargs="*", metavar="NAME")
        return parser

    def _list(self, found: Namespace) -> int:
        from workbench.cli.cards import line_of
        from workbench.cli.terminal import table_text

        lines = [line_of(engine) for engine in self.engines().values()]
        columns = ("name", "tab", "title", "question")
        _answer(found, lines, lambda: table_text(columns, [[line[key] for key in columns] for line in lines]))
        return 0

    def _describe(self, found: Namespace) -> int:
        from workbench.cli.cards import card_of
        from workbench.cli.terminal import engine_text

        engine = engine_named(found.engine, self.engines())
        _answer(found, card_of(engine), lambda: engine_text(engine))
        return 0

    def _runs(self, found: Namespace) -> int:
        from workbench.bench.results import summary_of
        from workbench.cli.terminal import table_text
        from workbench.history.records import RunFilter

        with self._session() as session:
            wanted = RunFilter(engine=found.engine)
            settle(session, [record.run for record in session.history.listing(wanted, limit=found.limit).records])
            page = session.history.listing(wanted, limit=found.limit)
        lines = [summary_of(record) for record in page.records]
        columns = ("run", "engine", "state", "title")
        _answer(found, lines, lambda: table_text(columns, [[line[key] for key in columns] for line in lines]))
        return 0

    def _show(self, found: Namespace) -> int:
        from workbench.cli.terminal import result_text

        with self._session() as session:
            settle(session, [found.run])
            result = session.result(found.run)
        _answer(found, result.document(), lambda: result_text(result))
        return 0

    def _export(self, found: Namespace) -> int:
        from workbench.export import export
        from workbench.export.example_folder import write_example

        kinds = {"csv": export.write_csv, "html": export.write_html, "zip": export.write_zip, "example": write_example}
        wanted = {name: target for name in kinds if (target := getattr(found, name))}
        if not wanted:
            raise ConfigError(
                {"export": "Nothing was asked for."}, "Add --csv FOLDER, --html FILE, --zip FILE or --example FOLDER."
            )
        with self._session() as session:
            for name, target in wanted.items():
                for path in kinds[name](session, found.run, target):
                    print(path)
        return 0

    def _import(self, found: Namespace) -> int:
        with open_history() as history:
            print(history.import_folder(found.folder))
        return 0

    def _stop(self, found: Namespace) -> int:
        with self._session() as session:
            session.bench.stop(found.run)
            print(f"{found.run} {session.bench.wait(found.run, 30).state}")
        return 0

    def _resume(self, found: Namespace) -> int:
        with self._session() as session:
            session.bench.resume(found.run)
            return _watched(session, found.run)[0]

    def _extend(self, found: Namespace) -> int:
        with self._session() as session:
            if found.take_back:
                session.bench.take_back(found.run)
            else:
                session.bench.extend(found.run, read_more(found))
            code, result = _watched(session, found.run, found.quiet)
        if found.json:
            _save_json(found.json, result)
        return code

    def _fetch(self, found: Namespace) -> int:
        from importlib.metadata import entry_points

        for entry in entry_points(group="benchwright.fetch"):
            for path in entry.load()(found.names, FetchLines(sys.stderr)):
                print(path)
        return 0

    def _app(self, arguments: list[str]) -> int:
        from workbench.server import server

        return server.main(installed, arguments)

    def _run(self, arguments: list[str]) -> int:
        asked = read_run_arguments(arguments, self.engines())
        if not asked.quiet:
            from workbench.statistics.claim_outlook import never_decided

            engine = engine_named(asked.spec.engine, self.engines())
            print(outlook_text(never_decided(engine, asked.spec)), end="", file=sys.stderr)
        with self._session() as session:
            run = session.bench.start(asked.spec, title=asked.title)
            print(f"Run {run}", file=sys.stderr)
            code, result = _watched(session, run, asked.quiet)
        if asked.json:
            _save_json(asked.json, result)
        return code

    def _session(self) -> Any:
        return open_session(self.engines(), self.worker)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the console script `benchwright`."""
    return Tool().main(sys.argv[1:] if arguments is None else arguments)


def _watched(session: Session, run: RunId, quiet: bool = False) -> "tuple[int, Result]":
    """Follow a run to its end, say what came of it, and give the exit code."""
    line = None if quiet else ProgressLine(sys.stderr)
    try:
        record = follow(session, run, line)
        code = EXIT_CODES[record.state]
    except KeyboardInterrupt:
        code = LEFT
    if line:
        line.close()
    result = session.result(run)
    print(result_text(result), file=sys.stderr if code else sys.stdout)
    if code == LEFT:
        print(f"Left. benchwright show {run} shows it, benchwright stop {run} ends it.", file=sys.stderr)
    return code, result


def _answer(found: Namespace, value: Any, text: Callable[[], str]) -> None:
    """Print the value as JSON where asked for, else as text."""
    print(to_json(value) if found.json else text())


def _save_json(path: Path, result: "Result") -> None:
    text = to_json(result.document())
    if str(path) == "-":
        print(text)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
    except OSError as error:
        raise HistoryError(f"{path} cannot be written: {error.strerror}. The run is kept: {result.run}.") from error
