"""Fifty viewers of five live runs, against the smallest page Gradio can make that is watched as often.

Each viewer opens a run by its link, as a browser does, and looks once a second; the runs report progress five times a
second and a row every second. Both servers are processes of their own and serve one after the other, in one run.

    python -m tests.benchmarks.bench_viewers [seconds]
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.benchmarks.viewers import Viewer
from tests.live import LiveServer, free_port, live_server, wait_for
from tests.rooms.counting import COUNTING
from tests.workbench.history.speech import Speech
from workbench.contract.fields import read_spec
from workbench.history import History

VIEWERS, RUNS, SECONDS = 50, 5, 30
PROGRESS_A_SECOND = 5
EVERY = 1.0
PEER = """
import sys, time, gradio as gr, uvicorn, fastapi
app = fastapi.FastAPI()
app.get("/healthz")(lambda: {"status": "ok"})
with gr.Blocks(analytics_enabled=False) as demo:
    said = gr.HTML()
    gr.Timer(1).tick(lambda: str(time.time()), None, said, queue=False)
app = gr.mount_gradio_app(app, demo, path="/", ssr_mode=False)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[-1]), log_level="error")
"""


@dataclass(frozen=True)
class Watched:
    """What viewers saw of a server.

    Attributes:
        seconds: from each look to its answer.
        busy: share of one core that the server took.
        grown: bytes of resident memory that it took more at the end than after the first looks.
    """

    seconds: list[float]
    busy: float
    grown: int

    @property
    def p95(self) -> float:
        """Seconds within which 19 of 20 looks were answered."""
        return statistics.quantiles(self.seconds, n=20)[-1]


class LiveRun:
    """A run of the counting toy that a worker seems to work on: it reports until it is closed."""

    def __init__(self, history: History) -> None:
        spec = read_spec(COUNTING)
        self.run = history.open_run(spec)
        self._folder = history.folder(self.run)
        self._folder.make(spec)
        self._folder.name_worker(1, 1.0)
        self._folder.beat()
        self._speech = Speech(self._folder).start()
        history.set_state(self.run, "running", expect=["queued"])

    async def speak(self) -> None:
        """Report progress, and a row of every table now and then, for ever."""
        for done in range(1_000_000):
            self._folder.beat()
            self._speech.say("progress", "count", done=done, total=1_000_000, unit="items")
            if done % PROGRESS_A_SECOND == 0:
                self._speech.row(value=float(done), item=str(done))
                step = {"arm": "plain", "seed": 0, "round": 0, "number": done, "score": 0.5, "seconds": 0.1}
                self._speech.row(table="Step", **step)
            await asyncio.sleep(1 / PROGRESS_A_SECOND)


async def watch(server: LiveServer, viewers: list[Viewer], event: dict[int, dict[str, Any]], seconds: float) -> Watched:
    """Let every viewer look once a second, each in its own rhythm; a look that waits for its answer is not repeated."""
    process, taken = psutil.Process(server.process.pid), list[float]()
    until = time.perf_counter() + seconds

    async def look(viewer: Viewer, start: float) -> None:
        await asyncio.sleep(start)
        while (begun := time.perf_counter()) < until:
            await viewer.fire(event[id(viewer)])
            taken.append(time.perf_counter() - begun)
            await asyncio.sleep(max(0.0, EVERY - (time.perf_counter() - begun)))

    settle = asyncio.create_task(asyncio.sleep(seconds / 3))
    cpu, wall = process.cpu_times(), time.perf_counter()
    looking = [asyncio.create_task(look(each, at * EVERY / len(viewers))) for at, each in enumerate(viewers)]
    await settle
    before = process.memory_info().rss
    await asyncio.gather(*looking)
    used = process.cpu_times()
    busy = (used.user + used.system - cpu.user - cpu.system) / (time.perf_counter() - wall)
    return Watched(taken, busy, process.memory_info().rss - before)


async def watch_ours(server: LiveServer, seconds: float, viewers: int = VIEWERS) -> Watched:
    """Fifty viewers of five live runs."""
    history = server.history()
    runs = [LiveRun(history) for _ in range(RUNS)]
    speaking = [asyncio.create_task(run.speak()) for run in runs]
    limits = httpx.Limits(max_connections=viewers, max_keepalive_connections=viewers)
    async with httpx.AsyncClient(base_url=server.url, timeout=120, limits=limits) as client:
        pages = [Viewer(client, runs[at % RUNS].run) for at in range(viewers)]
        for page in pages:
            await page.open()
        looks = {id(page): widest(page) for page in pages}
        watched = await watch(server, pages, looks, seconds)
    for each in speaking:
        each.cancel()
    history.close()
    return watched


async def watch_peer(server: LiveServer, seconds: float, viewers: int = VIEWERS) -> Watched:
    """As many pages of the peer."""
    async with httpx.AsyncClient(base_url=server.url, timeout=120) as client:
        pages = [Viewer(client, "") for _ in range(viewers)]
        looks = {}
        for page in pages:
            config = (await client.get("/config")).json()
            page.learn(config)
            looks[id(page)] = widest(page)
        return await watch(server, pages, looks, seconds)


def widest(viewer: Viewer) -> dict[str, Any]:
    """The look at a run: of the ticks of timers, that which may change most."""
    ticks = [event for event in viewer.events if any(target[1] == "tick" for target in event["targets"])]
    return max(ticks, key=lambda event: len(event["outputs"]))


@contextmanager
def peer_server(home: Path) -> Iterator[LiveServer]:
    """The smallest page that is looked at once a second."""
    with live_server(home, command=("-c", PEER), port=free_port()) as server:
        wait_for(server)
        yield server


def bench_viewers(seconds: float = SECONDS) -> tuple[Watched, Watched]:
    """Print and give what viewers saw of us and of the peer."""
    with tempfile.TemporaryDirectory() as folder:
        with live_server(Path(folder) / "ours") as server:
            ours = asyncio.run(watch_ours(server, seconds))
        with peer_server(Path(folder) / "peer") as server:
            peer = asyncio.run(watch_peer(server, seconds))
    for name, seen in (("ours", ours), ("peer", peer)):
        median = statistics.median(seen.seconds)
        print(
            f"{name}: {len(seen.seconds)} looks, median {median * 1e3:.0f} ms, p95 {seen.p95 * 1e3:.0f} ms, "
            f"{seen.busy:.2f} cores, {seen.busy * seconds / len(seen.seconds) * 1e3:.1f} ms CPU a look, "
            f"{seen.grown / 2**20:+.1f} MiB"
        )
    print(f"processor time a look, ours to peer: {per_look(ours) / per_look(peer):.1f}x")
    return ours, peer


def per_look(seen: Watched) -> float:
    """Share of a core for one look."""
    return seen.busy / len(seen.seconds)


@pytest.mark.benchmark
def test_fifty_viewers_of_five_live_runs_are_answered_within_two_seconds():
    ours, peer = bench_viewers()
    assert ours.p95 < 2
    assert per_look(ours) / per_look(peer) < 15
    assert ours.grown < 100 * 2**20


if __name__ == "__main__":
    bench_viewers(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
