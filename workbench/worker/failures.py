"""What went wrong in a method, as a sentence and a remedy; only the unknown keeps its traceback."""

import errno
import traceback
from dataclasses import dataclass

from workbench.contract.errors import WorkbenchError
from workbench.storage.masking import masked


@dataclass(frozen=True)
class Failure:
    """The fields of a `Failed` event, secrets masked."""

    code: str
    message: str
    hint: str = ""
    traceback: str = ""


_DISK_FULL = Failure("resource", "The disk is full.", "Delete old runs or files, then press Resume.")
_BY_NUMBER = {
    errno.ENOSPC: _DISK_FULL,
    errno.EDQUOT: Failure("resource", "The disk quota is used up.", "Delete old runs or files, then press Resume."),
    errno.EFBIG: Failure(
        "resource", "A file became too large.", "Raise the file size limit (`ulimit -f`), press Resume."
    ),
    errno.EACCES: Failure(
        "history", "A file or folder may not be used.", "Correct its permissions, then press Resume."
    ),
    errno.EROFS: Failure(
        "history", "The disk is read-only.", "Set BENCHWRIGHT_HOME to a folder that you may write to."
    ),
    errno.EMFILE: Failure("resource", "Too many files are open.", "Raise the limit (`ulimit -n`), then press Resume."),
}
_MEMORY = Failure(
    "resource",
    "Memory ran out.",
    "Choose a smaller model, batch or data set; the pre-flight proposes settings that fit this machine.",
)


def failure_of(error: BaseException) -> Failure:
    """Return what to tell the reader about an exception that ended a run."""
    if isinstance(error, WorkbenchError):
        return Failure(error.code, masked(str(error)), masked(error.hint))
    known = _known(error)
    if known is not None:
        detail = masked(_first_line(error))
        return Failure(known.code, f"{known.message} ({detail})" if detail else known.message, known.hint)
    return Failure(
        "error",
        masked(f"{type(error).__name__}: {_first_line(error)}"),
        "This is not a known failure. The traceback says where it happened; the log may say more.",
        masked("".join(traceback.format_exception(error))[-20_000:]),
    )


def _known(error: BaseException) -> Failure | None:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError" or _speaks_of_memory(error):
        return _MEMORY
    if isinstance(error, ModuleNotFoundError):
        package = (error.name or "a package").split(".")[0]
        return Failure("package", f"The package {package!r} is not installed.", f"Install it: pip install {package}")
    if isinstance(error, FloatingPointError):
        return Failure(
            "diverged", "A value became infinite or not a number.", "Lower the learning rate, or compute in float32."
        )
    if isinstance(error, OSError) and error.errno in _BY_NUMBER:
        return _BY_NUMBER[error.errno]
    if "offline mode" in str(error).lower() or type(error).__name__ in ("ConnectError", "ConnectionError"):
        return Failure(
            "offline",
            "The network was needed and could not be reached.",
            "Run `benchwright fetch`, or choose local files.",
        )
    return None


def _speaks_of_memory(error: BaseException) -> bool:
    text = str(error)
    return isinstance(error, RuntimeError) and ("can't allocate memory" in text or "not enough memory" in text)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:500] if lines else ""
