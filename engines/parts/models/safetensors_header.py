"""The header of a safetensors file, read and checked by ourselves before any library maps the file.

Layout: 8 bytes little-endian header length n, n bytes of JSON (name -> dtype, shape, data_offsets), then the tensors'
bytes without gaps. A header that lies about its length, its offsets or its shapes is refused.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from workbench.contract.errors import ModelError

LONGEST_HEADER = 100_000_000
ITEM_BYTES: Mapping[str, int] = {
    "F64": 8,
    "F32": 4,
    "F16": 2,
    "BF16": 2,
    "I64": 8,
    "I32": 4,
    "I16": 2,
    "I8": 1,
    "U8": 1,
    "BOOL": 1,
}
AGAIN = "Copy or download the file again; it is not as its writer left it."


@dataclass(frozen=True)
class TensorEntry:
    """One tensor as the header describes it: its shape and where its bytes lie after the header."""

    shape: tuple[int, ...]
    begin: int
    end: int


def read_header(path: Path) -> dict[str, TensorEntry]:
    """Tensors of a safetensors file by name.

    Raises:
        ModelError: truncated, not safetensors, or a header that contradicts itself or the file's size.
    """
    with path.open("rb") as file:
        return read_header_of(file, path.stat().st_size, path.name)[0]


def read_header_of(file: IO[bytes], size: int, name: str) -> tuple[dict[str, TensorEntry], dict[str, str]]:
    """Tensors by name and metadata of safetensors content of `size` bytes that lies in another file, such as a ZIP.

    Raises:
        ModelError: as `read_header`.
    """
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > min(size - 8, LONGEST_HEADER):
        raise ModelError(
            f"{name} has {size:,} bytes and a header that claims {length:,}: truncated or not safetensors.", AGAIN
        )
    body = _json_object(name, file.read(length))
    told = body.pop("__metadata__", None)
    entries = {tensor: _entry(name, tensor, value) for tensor, value in body.items()}
    _require_gapless(name, entries, size - 8 - length)
    metadata = told if isinstance(told, dict) else {}
    return entries, {str(key): str(value) for key, value in metadata.items()}


def _json_object(file: str, text: bytes) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"The header of {file} is not JSON.", AGAIN) from error
    if not isinstance(body, dict):
        raise ModelError(f"The header of {file} is not a JSON object.", AGAIN)
    return body


def _entry(file: str, name: str, value: Any) -> TensorEntry:
    match value:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [int(begin), int(end)]} if _is_shape(shape):
            pass
        case _:
            raise ModelError(f"The header of {file} describes tensor {name[:80]!r} wrongly.", AGAIN)
    if dtype not in ITEM_BYTES:
        raise ModelError(
            f"Tensor {name[:80]!r} of {file} has dtype {dtype[:20]}; readable are {', '.join(ITEM_BYTES)}.",
            "Use a version of the model with plain (unquantized) weights.",
        )
    if not 0 <= begin <= end or end - begin != math.prod(shape) * ITEM_BYTES[dtype]:
        raise ModelError(
            f"Tensor {name[:80]!r} of {file} claims shape {shape} of {dtype} in {end - begin:,} bytes.", AGAIN
        )
    return TensorEntry(tuple(shape), begin, end)


def _is_shape(shape: list[Any]) -> bool:
    return len(shape) <= 8 and all(type(side) is int and 0 <= side < 2**48 for side in shape)


def _require_gapless(file: str, entries: Mapping[str, TensorEntry], data_bytes: int) -> None:
    at = 0
    for entry in sorted(entries.values(), key=lambda entry: (entry.begin, entry.end)):
        if entry.begin != at:
            raise ModelError(f"The tensors of {file} overlap or leave gaps at byte {at:,}.", AGAIN)
        at = entry.end
    if at != data_bytes:
        raise ModelError(
            f"{file} holds {data_bytes:,} bytes of tensors, its header describes {at:,}: truncated or altered.",
            AGAIN,
        )
