"""Small source archives in a folder that pip finds without an index; their own build code says loudly if it is run."""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from engines.parts.registry.packages import RegistryPackage

SETUP = """import pathlib
pathlib.Path({ran!r}).touch()
from setuptools import setup
setup(name={name!r}, version="1.0")
"""


def make_sdist(folder: Path, name: str, members: Mapping[str, bytes], sha256: str | None = None) -> RegistryPackage:
    """Write NAME-1.0.tar.gz with those members; its setup.py, if run, makes the file `ran` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{name}-1.0.tar.gz"
    said = {
        "PKG-INFO": f"Metadata-Version: 1.0\nName: {name}\nVersion: 1.0\n".encode(),
        "setup.py": SETUP.format(name=name, ran=str(folder / "ran")).encode(),
    }
    with tarfile.open(archive, "w:gz") as tar:
        for member, content in (said | dict(members)).items():
            entry = tarfile.TarInfo(f"{name}-1.0/{member}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    return RegistryPackage(name, "1.0", sha256 or found, archive.stat().st_size, "MIT", "sdist")
