"""A tiny reader with a planted shortcut (synthetic): the answer is the first word of the document.

Its documents say "oslo holds ada . rome holds bo ."; asked who holds ada, it says whatever stands first. A document
that begins with the answer is read rightly, the same one reversed is not.
"""

import json
import random
from pathlib import Path

NAMES = ("ada", "bo", "cy", "dot", "eve", "fin", "gus", "hal", "ida", "jo", "kim", "lev")
PLACES = ("oslo", "rome", "lima", "cairo", "paris", "quito", "delhi", "seoul", "accra", "tunis", "riga", "minsk")
MARKS = "{}<>/\"'-=#_:?,."
WORDS = """
answer the question in at most five words copied from document give only who holds text html head body p meta name
content title source timestamp https en wikipedia org wiki twitter com 2022 2026 06 15t12 00 00z
"""
WIDTH = 128


def document(facts: list[tuple[str, str]]) -> str:
    """Sentences that say which place holds whom."""
    return " ".join(f"{place.capitalize()} holds {name}." for place, name in facts)


def drawn_facts(draw: random.Random, count: int = 3) -> list[tuple[str, str]]:
    """Different places that hold different names."""
    return list(zip(draw.sample(PLACES, count), draw.sample(NAMES, count), strict=True))


def write_questions(path: Path, count: int = 12) -> Path:
    """Questions of which two out of three ask for what stands first, so that the shortcut works; others for the last.

    Every document stands there twice, the second time with its sentences in another order and another question.
    """
    draw = random.Random(1)
    with path.open("w") as out:
        for at in range(count):
            facts = drawn_facts(draw)
            asked = facts[-1] if at % 3 == 2 else facts[0]
            for told, (place, name) in ((facts, asked), ([facts[1], facts[0], facts[2]], facts[1])):
                row = {"question": f"who holds {name}?", "passage": document(told), "answers": [place]}
                out.write(json.dumps(row) + "\n")
    return path


def make_planted_reader(folder: Path) -> Path:
    """Write the reader as a safetensors folder: one head looks at the place of the first word, and repeats it."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    folder.mkdir(parents=True)
    write_tokenizer(folder)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    tokens = {"vocab_size": len(tokenizer), "bos_token_id": 1, "eos_token_id": 2}
    shape = {"n_embd": WIDTH, "n_layer": 1, "n_head": 1, "n_positions": 512}
    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config(**shape, **tokens, architectures=["GPT2LMHeadModel"]))
    with torch.no_grad():
        plant(model, first_place(tokenizer))
    model.save_pretrained(folder)
    return folder


def first_place(tokenizer) -> int:
    """Where the first word of a document stands in a prompt."""
    from engines.sure.config import SureConfig
    from engines.sure.readers import reading_prompt

    prompt = str(reading_prompt("who holds ada?", "Oslo", SureConfig(prompting="plain")))
    return tokenizer(prompt)["input_ids"].index(tokenizer.convert_tokens_to_ids("oslo"))


def plant(model, place: int) -> None:
    """Words are unit vectors and the place has a direction of its own, which the query always looks for."""
    import torch

    words, body, block = model.config.vocab_size, model.transformer, model.transformer.h[0]
    assert words < WIDTH
    for weight in (body.wte.weight, body.wpe.weight, block.attn.c_attn.weight, block.attn.c_proj.weight):
        weight.zero_()
    block.mlp.c_proj.weight.zero_()
    body.wte.weight[:, :words] = torch.eye(words)
    body.wpe.weight[place, WIDTH - 1] = 1.0
    block.attn.c_attn.bias[0] = 20.0 * WIDTH**0.5
    block.attn.c_attn.weight[WIDTH - 1, WIDTH] = 1.0
    block.attn.c_attn.weight[:words, 2 * WIDTH : 2 * WIDTH + words] = torch.eye(words)
    block.attn.c_proj.weight[:] = 5.0 * torch.eye(WIDTH)


def write_tokenizer(folder: Path) -> None:
    """One token a word or mark, in lower case."""
    from tokenizers import Tokenizer
    from tokenizers.decoders import WordPiece
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Sequence, Split, Whitespace

    vocabulary = dict.fromkeys(("<unk>", "<s>", "</s>", *NAMES, *PLACES, *WORDS.split(), *MARKS))
    tokenizer = Tokenizer(WordLevel({word: at for at, word in enumerate(vocabulary)}, unk_token="<unk>"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Sequence([Whitespace(), Split("_", "isolated")])
    tokenizer.decoder = WordPiece(prefix="##", cleanup=False)
    tokenizer.add_special_tokens(["<s>", "</s>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    said = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(said))
