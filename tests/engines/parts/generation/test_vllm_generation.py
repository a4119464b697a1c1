"""vLLM in process: refused with a remedy where it is not installed, tried by its own interpreter where it is."""

import importlib.util
import json
import os
import subprocess

import pytest

from engines.parts.generation.generator import open_generator
from engines.parts.models.models import resolve_model
from tests.engines.parts.fetched import require_fetched
from tests.engines.parts.vllm_server import PYTHON, RECIPE
from tests.source import ROOT
from workbench.contract.errors import ModelError

MODEL = "smollm2-135m-instruct"
PROGRAM = """
import json
from engines.parts.completions.generation import Request, Sampling, schema_text
from engines.parts.completions.prompts import chat
from engines.parts.generation.vllm_generation import open_vllm
from workbench.contract.errors import DataError

backend = open_vllm("smollm2-135m-instruct", "bfloat16")
question = chat("What is the capital of France? Answer in one sentence.")
warm = Sampling(max_tokens=16, temperature=1.0, seed=3)
heard = []
asked = [Request(question), Request("The capital of France is")]
told = Sampling(max_tokens=12, logprobs=True, alternatives=3)
greedy = dict(backend.complete(asked, told, lambda index, text: heard.append(index)))
samples = [dict(backend.complete([Request("Once upon", n)], warm))[0].text for n in (0, 1, 0)]
shape = {"type": "object", "properties": {"size": {"enum": ["small", "large"]}}, "required": ["size"]}
shaped = dict(backend.complete([Request(question)], Sampling(max_tokens=40, schema=schema_text(shape))))[0].text
closed = backend.complete([Request("a"), Request("b")], Sampling(max_tokens=400))
next(closed)
closed.close()
try:
    list(backend.complete([Request("fine"), Request("word " * 9000)], Sampling()))
except DataError as error:
    row = error.row
print(json.dumps({
    "texts": [greedy[0].text, greedy[1].text], "counts": backend.count([question, "The capital of France is"]),
    "read": [greedy[0].prompt_tokens, greedy[1].prompt_tokens], "written": greedy[1].tokens, "heard": len(heard),
    "logprobs": [c.logprob for c in greedy[0].choices], "words": [c.text for c in greedy[0].choices],
    "likely": greedy[0].choices[0].alternatives, "samples": samples, "shaped": shaped, "row": row,
    "name": backend.name, "dtype": backend.dtype, "context": backend.context, "unfinished":
    backend._engine.has_unfinished_requests(), "fingerprint": backend.fingerprint,
}))
"""


@pytest.mark.skipif(importlib.util.find_spec("vllm") is not None, reason="vLLM is installed here")
def test_where_vllm_is_missing_the_error_says_how_to_get_it():
    require_fetched(MODEL)
    with pytest.raises(ModelError, match="vLLM cannot be imported") as refused:
        open_generator(f"vllm:{MODEL}")
    assert "benchwright[vllm]" in refused.value.hint and "openai:MODEL@" in refused.value.hint


def test_a_folder_is_checked_before_vllm_sees_it(tmp_path):
    with pytest.raises(ModelError, match="outside the folders"):
        open_generator(f"vllm:{tmp_path}")


@pytest.mark.vllm
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not PYTHON, reason="BENCHWRIGHT_VLLM_PYTHON names no interpreter")
def test_it_answers_in_process():
    from engines.parts.generation.local_generation import open_local

    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    environment |= RECIPE | {"PYTHONPATH": str(ROOT), "VLLM_CPU_KVCACHE_SPACE": "1"}
    done = subprocess.run(
        [PYTHON, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1500, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    local = open_local(MODEL, "bfloat16")
    assert all("Paris" in text for text in told["texts"])
    assert told["read"] == told["counts"] == local.count([chat_question(), "The capital of France is"])
    assert told["written"] == 12 and told["heard"] >= 12 and told["row"] == 2
    assert len(told["likely"]) == 3 and told["likely"][0][1] == pytest.approx(told["logprobs"][0])
    assert told["samples"][0] == told["samples"][2] != told["samples"][1]
    assert json.loads(told["shaped"])["size"] in ("small", "large")
    assert not told["unfinished"]
    assert (told["dtype"], told["fingerprint"]) == ("bfloat16", f"vllm:{resolve_model(MODEL).fingerprint}")


def chat_question():
    from engines.parts.completions.prompts import chat

    return chat("What is the capital of France? Answer in one sentence.")
