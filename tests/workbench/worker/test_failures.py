"""Failures: each known error has a code, a sentence and a remedy; only the unknown keeps its traceback."""

import errno
from importlib import import_module

import pytest

from workbench.contract.errors import DataError, ModelError, WorkbenchError
from workbench.worker.failures import failure_of


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelError("No model.", "Fetch it."), "model"),
        (DataError("No rows."), "data"),
        (OSError(errno.EACCES, "Permission denied", "/x"), "history"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "resource"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), "resource"),
        (MemoryError(), "resource"),
        (FloatingPointError("loss is nan"), "diverged"),
        (ConnectionError("refused"), "offline"),
        (ValueError("x"), "error"),
    ],
)
def test_failures_have_codes(error: Exception, code: str) -> None:
    assert failure_of(error).code == code


def test_a_workbench_error_keeps_its_words() -> None:
    failure = failure_of(ModelError("No weights in x.", "Fetch them."))
    assert (failure.message, failure.hint, failure.traceback) == ("No weights in x.", "Fetch them.", "")
    assert failure_of(WorkbenchError("x")).hint == ""


def test_only_the_unknown_has_a_traceback() -> None:
    try:
        {}["password=abcdefgh1234"]
    except KeyError as error:
        failure = failure_of(error)
    assert "KeyError" in failure.message
    assert "test_failures.py" in failure.traceback
    assert "abcdefgh1234" not in failure.message + failure.traceback
    assert failure_of(OSError(errno.ENOSPC, "No space left")).traceback == ""


def test_a_missing_package_is_named() -> None:
    with pytest.raises(ModuleNotFoundError) as missing:
        import_module("surely_not.installed")
    assert failure_of(missing.value).hint == "Install it: pip install surely_not"
