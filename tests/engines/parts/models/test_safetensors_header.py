import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from engines.parts.models.safetensors_header import TensorEntry, read_header
from tests.engines.parts.tiny_model import change_header
from workbench.contract.errors import ModelError


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "w.safetensors"
    save_file({"a": np.zeros((2, 3), np.float32), "b": np.ones(4, np.float16)}, path, {"format": "pt"})
    return path


def test_shapes_and_places_are_read(weights):
    assert read_header(weights) == {"a": TensorEntry((2, 3), 0, 24), "b": TensorEntry((4,), 24, 32)}


@pytest.mark.parametrize("kept", [0, 3, 8, 40, -1])
def test_a_truncated_file_is_refused(weights, kept):
    content = weights.read_bytes()
    weights.write_bytes(content[:kept])
    with pytest.raises(ModelError, match=r"truncated|not JSON"):
        read_header(weights)


def test_bytes_after_the_tensors_are_refused(weights):
    weights.write_bytes(weights.read_bytes() + b"more")
    with pytest.raises(ModelError, match="holds 36 bytes of tensors, its header describes 32"):
        read_header(weights)


@pytest.mark.parametrize("length", [2**63, 2**64 - 1, 100_000_001, 10**9])
def test_a_header_length_beyond_the_file_is_refused_without_reading_it(weights, length):
    weights.write_bytes(length.to_bytes(8, "little") + weights.read_bytes()[8:])
    with pytest.raises(ModelError, match="header that claims"):
        read_header(weights)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("shape", [2, 4], "claims shape"),
        ("shape", [-2, -3], "wrongly"),
        ("shape", [2.0, 3], "wrongly"),
        ("shape", [True, 6], "wrongly"),
        ("shape", [2**40, 2**40], "claims shape"),
        ("shape", [1] * 9, "wrongly"),
        ("shape", "23", "wrongly"),
        ("data_offsets", [0, 2**62], "claims shape"),
        ("data_offsets", [24, 0], "claims shape"),
        ("data_offsets", [-24, 0], "claims shape"),
        ("data_offsets", [8, 32], "overlap or leave gaps"),
        ("data_offsets", [0], "wrongly"),
        ("dtype", "F4", "has dtype F4"),
        ("dtype", 7, "wrongly"),
    ],
)
def test_a_lying_entry_is_refused(weights, field, value, reason):
    change_header(weights, lambda body: body | {"a": body["a"] | {field: value}})
    with pytest.raises(ModelError, match=reason):
        read_header(weights)


def test_two_tensors_over_the_same_bytes_are_refused(weights):
    change_header(weights, lambda body: body | {"c": body["a"]})
    with pytest.raises(ModelError, match="overlap"):
        read_header(weights)


@pytest.mark.parametrize("header", [b"[]", b"not json", b'{"a": 1}', b"[" * 50_000, b"\xff\xfe"])
def test_a_header_that_is_no_table_is_refused(tmp_path, header):
    path = tmp_path / "w.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(ModelError):
        read_header(path)


def test_an_empty_table_has_no_tensors(tmp_path):
    header = json.dumps({"__metadata__": {"format": "pt"}}).encode()
    (tmp_path / "w").write_bytes(len(header).to_bytes(8, "little") + header)
    assert read_header(tmp_path / "w") == {}
