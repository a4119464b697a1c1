"""The server against the smallest server Gradio can make: start, idle memory, a no-op event beside a busy run, history.

Both sides are processes of their own, interleaved in one run; the peer is `gr.Blocks` with one echo, served by uvicorn
in the same way. Start is CPU time from exec to the first page served (steady on a busy machine); wall time is printed
beside it.

    python -m tests.benchmarks.bench_server
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import httpx
import psutil
import pytest

from tests.benchmarks.bench_history import fill
from tests.desks import IDLE, add_run, open_desk
from tests.live import free_port
from tests.source import ROOT
from workbench.contract.runs import RunFolder
from workbench.ui.runs.history_tab import A_PAGE, HistoryHandlers
from workbench.ui.runs.run_columns import USUAL

REPEATS = 5
EVENTS = 60
OURS = ["app.py"]
SMALLEST = [
    "-c",
    """
import sys, gradio as gr, uvicorn, fastapi
with gr.Blocks(analytics_enabled=False) as demo:
    said, button, heard = gr.Textbox(), gr.Button("Echo"), gr.Textbox()
    button.click(lambda text: text, said, heard)
app = gr.mount_gradio_app(fastapi.FastAPI(), demo, path="/", ssr_mode=False)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[-1]), log_level="error")
""",
]


@dataclass(frozen=True)
class Served:
    """A server that has served its first page."""

    url: str
    process: psutil.Process
    cpu_seconds: float
    wall_seconds: float


@contextmanager
def serving(command: list[str]) -> Iterator[Served]:
    """Start a server and wait for its first page."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        surroundings = {**os.environ, "BENCHWRIGHT_HOME": home, "BENCHWRIGHT_SPARE": "0"}
        began = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, *command, "--port", str(port)],
            cwd=ROOT, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url)
            process = psutil.Process(child.pid)
            used = process.cpu_times()
            yield Served(url, process, used.user + used.system, time.perf_counter() - began)
        finally:
            child.terminate()
            child.wait(30)


def _wait(url: str) -> None:
    for _ in range(2_000):
        try:
            if httpx.get(url, timeout=30).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise TimeoutError(url)


def import_seconds(module: str) -> float:
    """CPU seconds of importing `module` in a fresh process."""
    code = f"import time; import {module}; print(time.process_time())"
    return float(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True).stdout)


def ratio(title: str, ours: list[float], theirs: list[float], unit: str) -> float:
    """Print both medians with their spread; gives the ratio of medians."""
    mine, peer = statistics.median(ours), statistics.median(theirs)
    spread = f"ours {min(ours):.3g}-{max(ours):.3g}, peer {min(theirs):.3g}-{max(theirs):.3g}"
    print(f"{title}: {mine:.3g} {unit} against {peer:.3g} {unit}: {mine / peer:.2f}x ({spread})")
    return mine / peer


def bench_import() -> float:
    """`import app` against `import gradio`."""
    pairs = [(import_seconds("app"), import_seconds("gradio")) for _ in range(REPEATS)]
    return ratio("import", [p[0] for p in pairs], [p[1] for p in pairs], "CPU s")


def bench_start_and_memory() -> dict[str, float]:
    """Start to first page, and resident memory two seconds later."""
    found: dict[str, list[Served]] = {"ours": [], "peer": []}
    memory: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(REPEATS):
        for name, command in (("ours", OURS), ("peer", SMALLEST)):
            with serving(command) as served:
                time.sleep(2)
                found[name].append(served)
                memory[name].append(served.process.memory_info().rss / 2**20)
    start = {name: [served.cpu_seconds for served in each] for name, each in found.items()}
    wall = {name: [served.wall_seconds for served in each] for name, each in found.items()}
    ratio("start to first page, wall", wall["ours"], wall["peer"], "s")
    return {
        "start": ratio("start to first page", start["ours"], start["peer"], "CPU s"),
        "memory": ratio("idle memory", memory["ours"], memory["peer"], "MiB"),
    }


def event_seconds(url: str, button: str, data: list) -> Callable[[], float]:
    """A function that presses the button named `button` through queue and stream, and gives the seconds it took."""
    client = httpx.Client(base_url=url, timeout=60)
    config = client.get("/config").json()
    pressed = next(c["id"] for c in config["components"] if c["props"].get("value") == button)
    event = next(d["id"] for d in config["dependencies"] if [pressed, "click"] in d["targets"])
    session = os.urandom(8).hex()

    def press() -> float:
        began = time.perf_counter()
        body = {"data": data, "fn_index": event, "session_hash": session, "trigger_id": pressed}
        client.post("/gradio_api/queue/join", json=body).raise_for_status()
        with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:") and json.loads(line[5:])["msg"] == "process_completed":
                    return time.perf_counter() - began
        raise RuntimeError("the stream ended before the event did")

    return press


@contextmanager
def every_core_busy() -> Iterator[None]:
    """As many niced processes as there are cores, each as busy as a worker can be."""
    burning = "import os; os.nice(10)\nwhile True: pass"
    with ExitStack() as stack:
        for _ in range(os.cpu_count() or 1):
            child = subprocess.Popen([sys.executable, "-c", burning])
            stack.callback(child.wait)
            stack.callback(child.kill)
        yield


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def bench_event_beside_a_run() -> float:
    """A no-op event of ours while every core is busy, against an echo on an idle machine."""
    with serving(OURS) as ours, serving(SMALLEST) as peer:
        press, echo = event_seconds(ours.url, "Close", []), event_seconds(peer.url, "Echo", ["hello"])
        for warm_up in (press, echo):
            warm_up()
        mine, theirs = [], []
        for _ in range(REPEATS):
            theirs.append(p95([echo() for _ in range(EVENTS)]) * 1e3)
            with every_core_busy():
                mine.append(p95([press() for _ in range(EVENTS)]) * 1e3)
    return ratio("no-op event, p95, ours beside a run, echo idle", mine, theirs, "ms")


def bench_history_page(runs: int = 100_000) -> float:
    """Milliseconds to list and render the History tab with that many runs."""
    with tempfile.TemporaryDirectory() as folder, open_desk(Path(folder), settings=IDLE) as desk:
        fill(desk.history, RunFolder(desk.history.runs_root, add_run(desk)), runs)
        handlers, here = HistoryHandlers(desk), SimpleNamespace(cookies={})
        taken = []
        for _ in range(30):
            began = time.perf_counter()
            handlers.refresh(here, "", "", "", "", [], list(USUAL), A_PAGE, "")
            taken.append((time.perf_counter() - began) * 1e3)
    print(f"History tab, {runs:,} runs: {statistics.median(taken):.1f} ms ({min(taken):.1f}-{max(taken):.1f})")
    return statistics.median(taken)


@pytest.mark.benchmark
def test_importing_the_app_costs_little_more_than_gradio():
    assert bench_import() <= 1.2


@pytest.mark.benchmark
def test_the_server_starts_and_rests_like_the_smallest_one():
    found = bench_start_and_memory()
    assert found["start"] <= 1.2
    assert found["memory"] <= 1.3


@pytest.mark.benchmark
def test_the_page_stays_quick_beside_a_run():
    assert bench_event_beside_a_run() <= 2


@pytest.mark.benchmark
def test_the_history_tab_is_quick_with_a_hundred_thousand_runs():
    assert bench_history_page() <= 60


if __name__ == "__main__":
    bench_import()
    bench_start_and_memory()
    bench_event_beside_a_run()
    bench_history_page()
