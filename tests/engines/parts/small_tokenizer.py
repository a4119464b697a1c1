"""A byte-level tokenizer in memory with a chat template, and a small model that goes with it."""

from typing import Any

TEXTS = ("the river rises in the mountains and meets the sea ", "what is the answer? the answer is 42. ", "Ünïcode 😀 ")
TEMPLATE = (
    "{% for turn in messages %}<|turn|>{{ turn.role }}\n{{ turn.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)
SPECIAL = ("<|pad|>", "<|begin|>", "<|stop|>", "<|turn|>", "<|end|>")
WORDS = 320


def small_tokenizer() -> Any:
    """320 tokens: 256 bytes, five special ones, and merges."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=WORDS, special_tokens=list(SPECIAL), initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(TEXTS * 3, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<|pad|>", bos_token="<|begin|>", eos_token="<|stop|>"
    )
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|turn|>", "<|end|>"]})
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def small_chat_model(name: str = "llama") -> Any:
    """A LoadedModel of random weights, large enough to say different things, with the tokenizer above."""
    import torch

    from tests.engines.parts.small_models import architectures, small_model

    config = architectures()[name]
    config.vocab_size = WORDS
    model = small_model(config, small_tokenizer())
    with torch.no_grad():
        for weight in model.model.parameters():
            weight.mul_(6)
    return model
