"""A tiny chat model with random weights: a character a token, room for a few hundred of them."""

import json
from pathlib import Path

LETTERS = ("<unk>", "<s>", "</s>", *"abcdefghijklmnopqrstuvwxyz0123456789 .,?!=+-*/\n")
TEMPLATE = (
    "{% for turn in messages %}<s>{{ turn.role[0] }} {{ turn.content }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>a {% endif %}"
)


def make_tiny_student(folder: Path, context: int = 1024) -> Path:
    """Write it as a safetensors folder."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder.mkdir(parents=True)
    config = LlamaConfig(
        vocab_size=len(LETTERS), hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=context, bos_token_id=1, eos_token_id=2,
        tie_word_embeddings=False, architectures=["LlamaForCausalLM"],
    )  # fmt: skip
    torch.manual_seed(0)
    model = LlamaForCausalLM(config)
    with torch.no_grad():  # it always says something: neither the end of its turn nor white space is ever likeliest
        model.lm_head.weight[[LETTERS.index(silent) for silent in ("<unk>", "<s>", "</s>", " ", "\n")]] = 0
    model.save_pretrained(folder)
    write_tokenizer(folder)
    return folder


def write_tokenizer(folder: Path) -> None:
    """One token a character, and a chat template."""
    from tokenizers import Regex, Tokenizer
    from tokenizers.decoders import Fuse
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Split

    tokenizer = Tokenizer(WordLevel({letter: at for at, letter in enumerate(LETTERS)}, unk_token="<unk>"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.decoder = Fuse()
    tokenizer.add_special_tokens(["<s>", "</s>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    said = {
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
        "chat_template": TEMPLATE,
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(said))
