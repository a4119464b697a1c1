"""Small wheels in a folder that pip finds without an index, so that fetching is tested through the real pip."""

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from engines.parts.registry.packages import RegistryPackage


def make_wheel(folder: Path, name: str, members: Mapping[str, bytes], sha256: str | None = None) -> RegistryPackage:
    """Write NAME-1.0 with those members; the package is pinned to its true hash unless another is given."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    said = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
        for member, text in said.items():
            archive.writestr(f"{name}-1.0.dist-info/{member}", text)
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return RegistryPackage(name, "1.0", sha256 or found, wheel.stat().st_size, "MIT")
