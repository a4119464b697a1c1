import pytest
import torch

from engines.parts.models.bundled_models import BUNDLED_MODELS
from engines.parts.models.models import load_causal, load_own, missing_bytes, resolve_model
from tests.engines.parts.fetched import require_fetched
from tests.engines.parts.tiny_model import change_json, make_tiny_model
from workbench.contract.errors import ModelError
from workbench.storage.home import place

DEFAULT = "smollm2-135m-instruct"


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def tiny(own_home):
    return make_tiny_model(place("models") / "tiny")


def test_a_local_folder_resolves_and_loads(tiny):
    source = resolve_model(str(tiny))
    assert (source.name, source.path) == ("tiny", tiny)
    loaded = load_causal(str(tiny), dtype="float32")
    assert (loaded.layers, loaded.hidden, loaded.context, loaded.dtype) == (2, 16, 64, "float32")
    assert loaded.parameters == 5232
    assert loaded.fingerprint == source.fingerprint


def test_models_stay_in_memory_side_by_side(tiny):
    first = load_causal(str(tiny), dtype="float32")
    assert load_causal(str(tiny), dtype="float32") is first
    eager = load_causal(str(tiny), dtype="float32", eager=True)
    assert eager is not first
    assert load_causal(str(tiny), dtype="float32") is first
    assert load_causal(str(tiny), dtype="float32", eager=True) is eager


def test_a_small_budget_keeps_the_model_used_last(tiny, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_MODEL_MEMORY", "0.000022")  # 22 kB; the tiny model counts with 20,928 bytes
    change_json(tiny / "config.json", rms_norm_eps=2e-3)
    first = load_causal(str(tiny), dtype="float32")
    assert load_causal(str(tiny), dtype="float32") is first
    load_causal(str(tiny), dtype="float32", eager=True)
    assert load_causal(str(tiny), dtype="float32") is not first


def test_a_copy_of_ones_own_is_nobody_elses(tiny):
    source = resolve_model(str(tiny))
    own = load_own(source, "float32")
    shared = load_causal(str(tiny), dtype="float32")
    assert own.model is not shared.model and own.fingerprint == shared.fingerprint


def test_a_changed_folder_is_loaded_anew(tiny):
    first = load_causal(str(tiny), dtype="float32")
    change_json(tiny / "config.json", rms_norm_eps=1e-3)
    second = load_causal(str(tiny), dtype="float32")
    assert second is not first
    assert second.model.config.rms_norm_eps == 1e-3


def test_a_model_that_a_run_saved_is_found(own_home):
    make_tiny_model(place("runs") / "r1" / "artifacts" / "student")
    assert resolve_model("run:r1/student").name == "student"


@pytest.mark.parametrize(
    "ref",
    ["../../x", "https://host/x", "-c", "--help", ";id", "$(id)", "a/b/c", "a//b", "..", "a/..", "\0", "", "x" * 400],
)
def test_what_is_no_reference_is_refused_in_words(own_home, ref):
    with pytest.raises(ModelError) as caught:
        resolve_model(ref)
    assert caught.value.hint


def test_a_misspelt_name_gets_the_right_one(own_home):
    with pytest.raises(ModelError) as caught:
        resolve_model("smollm2-135m-instrukt")
    assert caught.value.hint == "Did you mean smollm2-135m-instruct?"


def test_missing_bytes_count_only_what_is_not_there(own_home):
    assert missing_bytes(DEFAULT) == BUNDLED_MODELS[DEFAULT].disk_bytes > 269_060_552
    assert missing_bytes("some/model") == 0
    BUNDLED_MODELS[DEFAULT].folder().mkdir()
    (BUNDLED_MODELS[DEFAULT].folder() / "config.json").write_text("{}")
    assert missing_bytes(DEFAULT) == 0


class TestDefaultModel:
    @pytest.fixture(autouse=True)
    def fetched(self):
        require_fetched(DEFAULT)

    def test_it_is_what_its_card_says(self):
        loaded = load_causal(DEFAULT)
        assert (loaded.layers, loaded.hidden, loaded.context) == (30, 576, 8192)
        assert loaded.parameters == 134_515_008
        assert loaded.source.licence == "Apache-2.0"
        assert loaded.tokenizer.pad_token_id == loaded.tokenizer.eos_token_id == 2

    def test_it_continues_english(self):
        loaded = load_causal(DEFAULT)
        ids = loaded.tokenizer("The capital of France is", return_tensors="pt").to(loaded.device)
        with torch.inference_mode():
            best = loaded.model(**ids).logits[0, -1].argmax().item()
        assert loaded.tokenizer.decode(best).strip() == "Paris"

    def test_it_splits_digits_as_the_original_does(self):
        tokenizer = load_causal(DEFAULT).tokenizer
        assert tokenizer.tokenize("12,345") == ["1", "2", ",", "3", "4", "5"]
        assert tokenizer.tokenize("a  5\n\n1") == ["a", "ĠĠ", "5", "ĊĊ", "1"]
        assert tokenizer.decode(tokenizer("x  5\n\n1.")["input_ids"]) == "x  5\n\n1."

    def test_its_chat_template_speaks_chatml(self):
        said = [{"role": "user", "content": "Hi"}]
        text = load_causal(DEFAULT).tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
        assert text.endswith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")
