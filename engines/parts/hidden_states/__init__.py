"""Hidden states and logits of a causal model, in batches; importing them loads torch."""

from engines.parts.hidden_states.hidden_states import (
    LayerReader,
    SentenceMeans,
    TokenBatch,
    counted_tokens,
    token_batches,
    without_sinks,
)

__all__ = ["LayerReader", "SentenceMeans", "TokenBatch", "counted_tokens", "token_batches", "without_sinks"]
