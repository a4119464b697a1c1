import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.parts.hidden_states.hidden_states import (
    BATCH_PRICE,
    LayerReader,
    SentenceMeans,
    TokenBatch,
    counted_tokens,
    padded_batch,
    token_batches,
    without_sinks,
)
from engines.parts.models.models import load_causal
from tests.engines.parts.fetched import require_fetched
from workbench.contract.errors import ModelError

SENTENCES = [[5, 6, 7, 8, 9], [3], [4, 4, 4], [9, 8], [1, 2, 3, 4]]


def llama():
    from transformers import LlamaConfig, LlamaForCausalLM

    shape = {"hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 4, "num_key_value_heads": 2}
    return LlamaForCausalLM(LlamaConfig(vocab_size=40, num_hidden_layers=3, **shape))


def gpt2():
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(GPT2Config(vocab_size=40, n_embd=32, n_layer=3, n_head=4, n_positions=64))


def bert():
    from transformers import BertConfig, BertModel

    shape = {"hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 4}
    return BertModel(BertConfig(vocab_size=40, num_hidden_layers=3, **shape))


def gemma():
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    shape = {"hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 4, "num_key_value_heads": 2}
    return Gemma3ForCausalLM(Gemma3TextConfig(vocab_size=40, num_hidden_layers=3, head_dim=8, **shape))


def neox():
    from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

    shape = {"hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 4}
    return GPTNeoXForCausalLM(GPTNeoXConfig(vocab_size=40, num_hidden_layers=3, **shape))


def read(model, batches):
    """hidden_states of every sentence, one list of (T, D) per layer."""
    reader = LayerReader(model)
    found = [{} for _ in range(reader.layers)]

    def keep(batch):
        def visit(layer, states):
            for row, sentence in enumerate(batch.sentences):
                found[layer][int(sentence)] = states[row, batch.mask[row]].clone()

        return visit

    for batch in batches:
        reader.read(batch, keep(batch))
    return found


def differences(model, sentences):
    """Largest difference from transformers' own hidden states on the same batches, over all real tokens, by layer."""
    batches = token_batches(sentences, 12)
    found = read(model, batches)
    worst = [0.0] * len(found)
    for batch in batches:
        asked = {"input_ids": batch.ids, "attention_mask": batch.mask.long(), "output_hidden_states": True}
        with torch.inference_mode():
            states = model.base_model(**asked).hidden_states
        assert len(states) == len(found)
        for layer, expected in enumerate(states):
            for row, at in enumerate(batch.sentences):
                apart = (found[layer][int(at)] - expected[row, batch.mask[row]]).abs().max()
                worst[layer] = max(worst[layer], float(apart))
    return worst


@pytest.mark.parametrize("make", [llama, gpt2, bert, gemma, neox])
def test_hooks_give_the_hidden_states_of_transformers(make):
    torch.manual_seed(0)
    assert max(differences(make().eval(), SENTENCES)) <= 1e-5


@pytest.mark.parametrize("make", [llama, gpt2, bert, gemma, neox])
def test_padding_and_company_leave_a_sentence_as_it_is(make):
    torch.manual_seed(0)
    model = make().eval()
    together, alone = read(model, [padded_batch(SENTENCES, range(5))]), read(model, token_batches(SENTENCES, 1))
    for layer, sentences in enumerate(together):
        for at, states in sentences.items():
            torch.testing.assert_close(states, alone[layer][at], atol=1e-4, rtol=1e-4)


@pytest.mark.slow
def test_hooks_give_the_hidden_states_of_the_default_model():
    require_fetched("smollm2-135m-instruct")
    loaded = load_causal("smollm2-135m-instruct", dtype="float32")
    sentences = loaded.tokenizer(["Hello, world.", "Das ist ein Haus am See.", "One"])["input_ids"]
    assert max(differences(loaded.model, sentences)) <= 1e-5


def test_a_model_is_left_as_it_was_found_even_when_the_visitor_fails():
    model = llama().eval()

    def fail(layer, states):
        raise KeyError(layer)

    with pytest.raises(KeyError):
        LayerReader(model).read(padded_batch(SENTENCES, [0]), fail)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_an_encoder_decoder_is_refused():
    from transformers import T5Config, T5Model

    model = T5Model(T5Config(vocab_size=40, d_model=16, d_kv=8, d_ff=16, num_layers=2, num_heads=2))
    with pytest.raises(ModelError, match="an encoder and a decoder"):
        LayerReader(model)


def test_a_model_without_a_stack_of_blocks_is_refused():
    model = llama()
    model.config.num_hidden_layers = 7
    with pytest.raises(ModelError, match="No stack of 7 blocks"):
        LayerReader(model)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(1, 90))
@settings(max_examples=60)
def test_batches_hold_each_sentence_once_within_the_budget(lengths, budget):
    encoded = [[at % 9 + 1] * length for at, length in enumerate(lengths)]
    batches = token_batches(encoded, budget)
    assert sorted(int(at) for batch in batches for at in batch.sentences) == list(range(len(lengths)))
    assert all(batch.ids.numel() <= budget or len(batch.sentences) == 1 for batch in batches)
    widths = [batch.ids.shape[1] for batch in batches]
    assert widths == sorted(widths, reverse=True)
    for batch in batches:
        for row, at in enumerate(batch.sentences):
            assert batch.ids[row, batch.mask[row]].tolist() == encoded[at]


def test_batches_end_where_padding_would_cost_more_than_another_batch():
    long, short = [1] * (BATCH_PRICE + 20), [1] * 10
    assert [len(batch.sentences) for batch in token_batches([long, short, short], 10_000)] == [1, 2]
    assert [len(batch.sentences) for batch in token_batches([[1] * 12, short, short], 10_000)] == [3]


def test_counted_tokens_leave_the_first_out_unless_it_is_the_only_one():
    mask = torch.tensor([[1, 1, 1], [1, 0, 0]], dtype=torch.bool)
    assert counted_tokens(mask, keep_first=True).tolist() == mask.tolist()
    assert counted_tokens(mask, keep_first=False).tolist() == [[False, True, True], [True, False, False]]


def test_sinks_are_left_out_but_never_a_whole_sentence():
    states = torch.tensor([[[3.0, 4.0], [30.0, 40.0]], [[60.0, 80.0], [0.0, 99.0]]])
    counted = torch.ones((2, 2), dtype=torch.bool)
    assert without_sinks(states, counted, 20.0).tolist() == [[True, False], [True, True]]
    assert without_sinks(states, counted, float("inf")).all()


def test_sentence_means_by_hand():
    batch = TokenBatch(np.array([1, 0]), torch.zeros((2, 2), dtype=torch.long), torch.tensor([[1, 1], [1, 0]]).bool())
    means = SentenceMeans(2, 1, 2)
    means.add(0, torch.tensor([[[1.0, 2.0], [3.0, 6.0]], [[5.0, 7.0], [100.0, 100.0]]]), batch, batch.mask)
    assert means.means[:, 0].tolist() == [[5.0, 7.0], [2.0, 4.0]]
