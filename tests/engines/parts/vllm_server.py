"""A vLLM server for tests, started by the recipe of the README from an environment of its own."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.live import free_port

PYTHON = os.environ.get("BENCHWRIGHT_VLLM_PYTHON", "")
"""Interpreter of an environment with vLLM, "" where there is none."""
SERVED = "smollm2"
CONTEXT = 1024
SECONDS_TO_START = 900
RECIPE = {
    "VLLM_CPU_KVCACHE_SPACE": "2",
    "VLLM_CPU_OMP_THREADS_BIND": "auto",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "VLLM_HOST_IP": "127.0.0.1",
    "GLOO_SOCKET_IFNAME": "lo",
}


@contextmanager
def vllm_server(folder: Path, output: Path, dtype: str = "bfloat16", key: str = "") -> Iterator[str]:
    """Serve a model while the block lasts; gives the address of the protocol."""
    port = free_port()
    command = [
        PYTHON, "-m", "vllm.entrypoints.openai.api_server", "--model", str(folder), "--served-model-name", SERVED,
        "--host", "127.0.0.1", "--port", str(port), "--dtype", dtype, "--max-model-len", str(CONTEXT),
        "--max-num-seqs", "32",
    ]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "OMP_NUM_THREADS")}
    secret = {"VLLM_API_KEY": key} if key else {}
    with output.open("wb") as out:
        process = subprocess.Popen(
            command, env=environment | RECIPE | secret, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait(process, port, output)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, output: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx2.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(1)
    pytest.fail(f"vLLM did not start:\n{output.read_text(errors='replace')[-3000:]}")
