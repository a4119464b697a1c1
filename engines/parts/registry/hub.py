"""Files of the Hugging Face hub, only those that can be read safely; works from its cache when offline."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from workbench.contract.errors import DataError, ModelError

HUB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
MODEL_FILES = ("*.safetensors", "*.json", "tokenizer.model", "*.txt", "*.jinja")
DATA_FILES = ("*.jsonl", "*.csv", "*.tsv", "*.parquet")


def is_hub_id(ref: str) -> bool:
    """Return whether a reference has the form owner/name."""
    return bool(HUB_ID.fullmatch(ref)) and ".." not in ref and "--" not in ref


def hub_snapshot(ref: str, kind: Literal["model", "dataset"], patterns: Sequence[str]) -> Path:
    """Return the snapshot folder of a hub repository with the files of those patterns, downloaded unless cached.

    Raises:
        ModelError: (of a model) the hub cannot be reached, has no such repository, or asks for a login.
        DataError: the same of a data set.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    refusal = ModelError if kind == "model" else DataError
    try:
        return Path(snapshot_download(ref, repo_type=kind, allow_patterns=list(patterns)))
    except LocalEntryNotFoundError as error:
        raise refusal(
            f"The {kind} {ref} is not in the hub's cache and the hub cannot be reached.",
            "Connect to the network, give a local path, or choose a bundled name.",
        ) from error
    except (HfHubHTTPError, HFValidationError) as error:
        raise refusal(f"The hub did not give {ref}: {str(error).splitlines()[0][:300]}", _remedy(error)) from error
    except OSError as error:
        raise refusal(
            f"The {kind} {ref} could not be fetched: {str(error)[:300]}",
            "Check the network and the disk, then try again.",
        ) from error


def _remedy(error: Exception) -> str:
    if type(error).__name__ == "GatedRepoError":
        return "Accept its terms on its page, then run `hf auth login` or set HF_TOKEN."
    if type(error).__name__ == "RepositoryNotFoundError":
        return "Check the spelling of owner/name; a private repository needs `hf auth login`."
    return "Try again later, or give a local path."
