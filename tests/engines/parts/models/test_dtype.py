import pytest
import torch

from engines.parts.models.dtype import TRULY_FASTER, bf16_speedup, chosen_dtype, dtype_note, measure_bf16_speedup
from engines.parts.registry.json_store import KeptFacts


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path))
    return tmp_path


def test_what_is_asked_is_chosen():
    assert chosen_dtype("float32", torch.device("cpu")) == torch.float32
    assert chosen_dtype("bfloat16", torch.device("cpu")) == torch.bfloat16


def test_the_measure_is_steady_and_leaves_the_threads_as_they_were():
    threads = torch.get_num_threads()
    ratios = [measure_bf16_speedup() for _ in range(5)]
    assert min(ratios) > 0.01 and max(ratios) < 2 * min(ratios)
    assert torch.get_num_threads() == threads


def test_the_measure_is_taken_once_and_kept(own_home):
    first = bf16_speedup()
    assert bf16_speedup() == first
    [(key, value)] = KeptFacts(own_home / "models" / "dtype.json")._all().items()
    assert value == first
    assert torch.__version__ in key


@pytest.mark.parametrize(
    ("speedup", "dtype"),
    [(TRULY_FASTER - 0.01, torch.float32), (TRULY_FASTER, torch.bfloat16), (8.0, torch.bfloat16)],
)
def test_auto_takes_bf16_where_it_is_truly_faster(own_home, speedup, dtype):
    bf16_speedup()
    facts = KeptFacts(own_home / "models" / "dtype.json")
    for key in facts._all():
        facts.put(key, speedup)
    assert chosen_dtype("auto", torch.device("cpu")) == dtype


@pytest.mark.skipif(torch.cuda.is_available(), reason="the price is measured on the processor")
def test_the_note_names_the_format_and_its_measured_price():
    assert f"{1 / bf16_speedup():.2f} times" in dtype_note("float32")
    assert "rounding decides" in dtype_note("bfloat16")
