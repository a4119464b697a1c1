"""Small measured facts kept in a JSON file beside the models: hashes of large files, which dtype is faster here."""

import json
import os
from pathlib import Path
from typing import Any

from filelock import FileLock


class KeptFacts:
    """Facts by key in one JSON file; several processes may read and add at once. A damaged file counts as empty."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, key: str) -> Any:
        """Return the fact of that key, None where there is none."""
        return self._all().get(key)

    def put(self, key: str, value: Any) -> None:
        """Add or replace a fact."""
        with FileLock(self.path.with_name(f".{self.path.name}.lock")):
            scratch = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
            scratch.write_text(json.dumps(self._all() | {key: value}, indent=1), "utf-8")
            scratch.replace(self.path)

    def _all(self) -> dict[str, Any]:
        try:
            body = json.loads(self.path.read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return body if isinstance(body, dict) else {}
