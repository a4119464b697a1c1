"""What a worker inherits: a short list of variables, its threads, where packages lie; no secret it does not need."""

import os
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path

_NAMES = frozenset({
    "PATH", "HOME", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "USER", "LOGNAME", "SHELL", "VIRTUAL_ENV", "LD_LIBRARY_PATH",
    "XDG_DATA_HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_OFFLINE", "HF_HUB_CACHE", "HF_ENDPOINT", "HF_TOKEN",
    "TRANSFORMERS_OFFLINE", "TORCH_HOME", "OPENAI_API_KEY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
})  # fmt: skip
_BEGINNINGS = ("LC_", "BENCHWRIGHT_", "CUDA_", "NVIDIA_", "VLLM_", "PIP_")
_KEPT_BACK = frozenset({"BENCHWRIGHT_PASSWORD", "BENCHWRIGHT_USERS", "BENCHWRIGHT_SECRET"})
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy")


def worker_environment(
    threads: int, packages: Iterable[str], given: Mapping[str, str] | None = None, alone: bool = True
) -> dict[str, str]:
    """Return the environment of a worker.

    Args:
        threads: for OpenMP, BLAS and tokenizers.
        packages: what `python -m` must find, wherever the worker starts.
        given: the environment to choose from; this process's own by default.
        alone: no other run works beside it.
    """
    given = os.environ if given is None else given
    chosen = {name: value for name, value in given.items() if _passes(name)}
    chosen |= dict.fromkeys(_THREADS, str(threads))
    paths = [*_roots(packages), *filter(None, given.get("PYTHONPATH", "").split(os.pathsep))]
    # One order of sets in every attempt, so that a resumed run repeats what the first one did.
    fixed = {"PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "1", "TOKENIZERS_PARALLELISM": "false"}
    chosen |= _waiting(given, alone)
    quiet = {"HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
    return chosen | fixed | quiet | {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


def _waiting(given: Mapping[str, str], alone: bool) -> dict[str, str]:
    """How threads wait for each other.

    Threads that spin without end made a forward pass four times slower whenever anything else wanted the cores; threads
    that sleep at once made a run alone up to a half slower, by the time it takes to wake them. Some 30 microseconds of
    spinning lose little either way, but half of the speed between two runs that share the cores.
    """
    said = {name: given[name] for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT") if name in given}
    return said or {"OMP_WAIT_POLICY": "PASSIVE"} | ({"GOMP_SPINCOUNT": "3000"} if alone else {})


def _passes(name: str) -> bool:
    return name not in _KEPT_BACK and (name in _NAMES or name.startswith(_BEGINNINGS) or name.lower() in _PROXIES)


def _roots(packages: Iterable[str]) -> list[str]:
    """Folders from which these packages are imported."""
    roots = []
    for package in packages:
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            roots.append(str(Path(place).resolve().parents[package.count(".")]))
    return roots
