"""Where a run was made: versions, hardware, threads; no name of the machine or its user."""

import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "benchwright", "torch", "transformers", "peft", "trl", "accelerate", "datasets", "tokenizers", "safetensors",
    "numpy", "scipy", "scikit-learn", "pandas", "pyarrow", "pydantic", "sqlite-utils", "gradio", "plotly", "vllm",
    "ray",
)  # fmt: skip


def environment_info() -> dict[str, Any]:
    """Facts about this machine and process, ready for JSON; imports none of the packages it names."""
    import psutil

    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "threads": os.environ.get("OMP_NUM_THREADS", ""),
        "hash_seed": os.environ.get("PYTHONHASHSEED", ""),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "packages": dict(_versions()),
    }


def _versions() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
