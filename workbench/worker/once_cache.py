"""Values of `RunLog.once` on disk: JSON for models, parquet for frames, safetensors for named arrays, never a pickle.

Design decisions:
- A value is written beside a checksum, the checksum last; a value without its checksum was never kept.
- What was kept is read back before it is used the first time, so that a resumed run continues from exactly the value
  that an unbroken run had.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from workbench.contract.errors import DataError
from workbench.contract.runs import write_atomically

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_PLAIN = re.compile(r"[^A-Za-z0-9]+")


class OnceCache:
    """The kept values of one run, by scope path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, scope: str, kind: type[Any], value: Any) -> None:
        """Write `value` durably.

        Raises:
            DataError: the value is not of `kind`, or `kind` cannot be kept.
            OSError: the disk is full.
        """
        if not isinstance(value, kind):
            raise DataError(f"{scope} gave a {type(value).__name__}, a {kind.__name__} was promised.")
        path = self._path(scope, kind)
        path.parent.mkdir(exist_ok=True)
        scratch = path.with_name(f".{path.name}.tmp")
        _write(scratch, value, scope)
        sync(scratch)
        scratch.replace(path)
        write_atomically(path.with_name(path.name + ".sha256"), checksum(path))

    def kept(self, scope: str, kind: type[Any]) -> Any | None:
        """Return the value kept under `scope`, None where there is none or it is damaged."""
        path = self._path(scope, kind)
        try:
            if path.with_name(path.name + ".sha256").read_text() != checksum(path):
                return None
        except FileNotFoundError:
            return None
        return _read(path, kind)

    def _path(self, scope: str, kind: type[Any]) -> Path:
        ending = _ending(kind, scope)
        name = _PLAIN.sub("-", scope.rsplit("once:", 1)[-1].rsplit("cell:", 1)[-1]).strip("-")[:48]
        return self._folder / f"{name}-{hashlib.sha256(scope.encode()).hexdigest()[:12]}.{ending}"


def _ending(kind: type[Any], scope: str) -> str:
    import pandas as pd

    if issubclass(kind, BaseModel):
        return "json"
    if issubclass(kind, pd.DataFrame):
        return "parquet"
    if issubclass(kind, dict):
        return "safetensors"
    raise DataError(
        f"{scope} promises a {kind.__name__}, which cannot be kept.",
        "Let it be a pydantic model, a pandas DataFrame, or a dict of numpy arrays.",
    )


def _write(path: Path, value: Any, scope: str) -> None:
    if isinstance(value, BaseModel):
        path.write_bytes(_json_of(value))
    elif isinstance(value, dict):
        _write_arrays(path, value, scope)
    else:
        _write_frame(path, value)


def _json_of(value: BaseModel) -> bytes:
    # The standard library writes NaN and infinity as such; the model's own configuration may make them null.
    return json.dumps(value.model_dump(mode="python"), default=_plain).encode()


def _plain(value: Any) -> Any:
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value)


def _write_arrays(path: Path, arrays: Mapping[str, "np.ndarray"], scope: str) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    wrong = [
        name for name, array in arrays.items() if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf"
    ]
    if wrong:
        raise DataError(
            f"{scope} gave {', '.join(map(repr, wrong))}; every value must be a numeric array.",
            "Keep numbers in the dict of arrays and texts in a model or a frame.",
        )
    # safetensors writes the memory as it lies, so that a transposed view would be kept wrong; and it forgets the order.
    contiguous = {name: np.array(array, order="C") for name, array in arrays.items()}
    save_file(contiguous, path, metadata={"order": json.dumps(list(arrays))})


def _write_frame(path: Path, frame: "pd.DataFrame") -> None:
    frame.to_parquet(path)


def _read(path: Path, kind: type[Any]) -> Any:
    import pandas as pd

    if issubclass(kind, BaseModel):
        return kind.model_validate_json(path.read_bytes())
    if issubclass(kind, pd.DataFrame):
        return pd.read_parquet(path)
    return _read_arrays(path)


def _read_arrays(path: Path) -> dict[str, "np.ndarray"]:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        return {name: file.get_tensor(name) for name in json.loads(file.metadata()["order"])}


def checksum(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Wait until the disk has the file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
