"""Hiding secrets in what is shown of logs, tracebacks and messages."""

import os
import re

_PATTERNS = (
    re.compile(r"\b(?:hf_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|AKIA[A-Z0-9]{16})"),
    re.compile(r"(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"),
    re.compile(r"(?i)(?<=\bbearer )[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(
        r"(?i)(?<![A-Za-z0-9])((?:[A-Za-z0-9]+[_-])*(?:api[_-]?key|token|password|passwd|secret|authorization)"
        r"[\"']?\s*[:=]\s*[\"']?)([^\s\"',;)}]{6,})"
    ),
)
_SECRET_NAME = re.compile(r"(?i)(key|token|secret|password|passwd|credential)s?($|_)")


def masked(text: str) -> str:
    """Return `text` with tokens, keys, passwords and the values of secret environment variables replaced by `***`."""
    for name, value in os.environ.items():
        if len(value) >= 8 and _SECRET_NAME.search(name):
            text = text.replace(value, "***")
    for pattern in _PATTERNS[:3]:
        text = pattern.sub("***", text)
    return _PATTERNS[3].sub(r"\1***", text)
