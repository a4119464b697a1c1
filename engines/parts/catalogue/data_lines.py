"""The list of data sets: what is bundled, and what was uploaded, with as many rows as somebody has counted."""

from pathlib import Path

from engines.parts.corpora.message_catalogues import ROWS
from engines.parts.corpora.shipped_data import SHIPPED_DATA
from engines.parts.datasets.datasets import BUNDLED_DATA
from engines.parts.registry.json_store import KeptFacts
from workbench.contract.catalogue import DataLine
from workbench.storage.home import place

MOST_UPLOADS = 500


def data_lines() -> list[DataLine]:
    """Data sets of ours, then uploads, the newest first. Nothing is read but names, sizes and what is known of them."""
    return [*_bundled(), *_shipped(), *_uploads()]


def keep_count(path: Path, rows: int, record: str = "") -> None:
    """Remember how many rows a file has and what they hold, for as long as the file stays as it is."""
    _facts().put(_key(path), {"rows": rows, "record": record})


def _bundled() -> list[DataLine]:
    return [
        DataLine(
            name,
            name,
            data.record,
            ready=data.is_fetched(),
            rows=_known(data.folder() / ROWS)[0],
            disk_bytes=(data.folder() / ROWS).stat().st_size if data.is_fetched() else None,
            credit=data.credit,
        )
        for name, data in BUNDLED_DATA.items()
    ]


def _shipped() -> list[DataLine]:
    return [
        DataLine(
            data.name,
            data.name,
            data.record,
            rows=_known(data.path)[0],
            disk_bytes=data.path.stat().st_size,
            credit=data.credit,
        )
        for data in SHIPPED_DATA.values()
    ]


def _uploads() -> list[DataLine]:
    files = [path for path in place("uploads").iterdir() if path.is_file() and not path.name.startswith(".")]
    newest = sorted(files, key=lambda path: path.stat().st_mtime_ns, reverse=True)[:MOST_UPLOADS]
    return [_upload(path) for path in newest]


def _upload(path: Path) -> DataLine:
    rows, record = _known(path)
    return DataLine(f"upload:{path.name}", path.name, record, rows=rows, disk_bytes=path.stat().st_size)


def _known(path: Path) -> tuple[int | None, str]:
    if not path.is_file():
        return None, ""
    kept = _facts().get(_key(path))
    if not isinstance(kept, dict) or type(kept.get("rows")) is not int:
        return None, ""
    return kept["rows"], str(kept.get("record") or "")


def _facts() -> KeptFacts:
    return KeptFacts(place("data") / "counts.json")


def _key(path: Path) -> str:
    state = path.stat()
    return f"{path.resolve()} {state.st_size} {state.st_mtime_ns}"
