"""Causal models and encoders: found, checked, loaded, with adapters."""

from engines.parts.models.dtype import DtypeName, dtype_note, one_thread
from engines.parts.models.models import LoadedModel, ModelSource, load_causal, load_own, missing_bytes, resolve_model

__all__ = [
    "DtypeName",
    "LoadedModel",
    "ModelSource",
    "dtype_note",
    "load_causal",
    "load_own",
    "missing_bytes",
    "one_thread",
    "resolve_model",
]
