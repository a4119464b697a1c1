"""A real but tiny causal language model as a safetensors folder, made in half a second, for tests of loading."""

import json
from pathlib import Path

VOCABULARY = ("<unk>", "<s>", "</s>", *"abcdefghijklmnopqrstuvwxyz .,?!")


def make_tiny_model(folder: Path) -> Path:
    """Write a 2-layer Llama of width 16 with a character tokenizer and no padding token."""
    import torch
    from safetensors.torch import save_file
    from transformers import LlamaConfig, LlamaForCausalLM

    folder.mkdir(parents=True)
    config = LlamaConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=64,
        bos_token_id=1,
        eos_token_id=2,
        tie_word_embeddings=True,
        architectures=["LlamaForCausalLM"],
    )
    torch.manual_seed(0)
    weights = LlamaForCausalLM(config).state_dict()
    del weights["lm_head.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    config.save_pretrained(folder)
    write_tokenizer(folder)
    return folder


def write_tokenizer(folder: Path) -> None:
    """One token per character."""
    from tokenizers import Regex, Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split

    tokenizer = Tokenizer(WordLevel({token: at for at, token in enumerate(VOCABULARY)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Split(Regex("."), "isolated")
    tokenizer.add_special_tokens(["<s>", "</s>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    said = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(said))


def change_json(path: Path, **fields) -> None:
    """Set fields of a JSON file."""
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def change_header(path: Path, change) -> None:
    """Rewrite the header of a safetensors file by a function of its JSON; the tensors' bytes stay."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    body = json.loads(content[8 : 8 + length])
    header = json.dumps(change(body)).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + content[8 + length :])
