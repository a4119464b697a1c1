"""Surroundings: what a reader needs to repeat a run, nothing that names the machine or its user."""

import json
import os
import sys

from workbench.worker.environment_info import PACKAGES, environment_info


def test_surroundings_name_neither_machine_nor_user() -> None:
    told = json.dumps(environment_info())
    assert os.uname().nodename not in told


def test_surroundings_give_versions_without_importing_anything_heavy() -> None:
    told = environment_info()
    assert told["python"] == ".".join(map(str, sys.version_info[:3]))
    assert told["memory_bytes"] > 1 << 28
    assert {"pydantic", "numpy", "pandas"} <= set(told["packages"]) <= set(PACKAGES)
    assert told["cores"] >= 1
