"""Many answers of one model at once: what their prompts share is computed once, and finished answers make room.

Design decisions:
- The prompts form a prefix tree. Each shared stretch is read once; the rest of the prompts is read in length-sorted
  batches behind it, and only the last position of each goes through the language-model head.
- A prompt that was read joins the answers that are being written, at most `ROWS` at a time; a step of many rows costs
  little more than one of a few, because most of it is the reading of the weights.
- An answer that ends leaves at once and the next prompt takes its place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psutil
import torch
from torch import Tensor

from engines.parts.decoding.growing_answer import GrowingAnswer, take_tokens
from engines.parts.hidden_states.hidden_states import TokenBatch, token_batches
from engines.parts.hidden_states.lm_head import LanguageModelHead
from engines.parts.models.models import LoadedModel
from engines.parts.prefixes.batch_kv_cache import AHEAD, RowCache
from engines.parts.prefixes.prefix_tree import PrefixNode, prefix_tree
from engines.parts.prefixes.shared_prefix import KeysValues, SharedPrefix

ROWS, ROWS_GPU = 32, 256
"""Most answers that are written at a time: on a CPU more rows cost as much as they bring."""
BATCH_TOKENS, BATCH_TOKENS_GPU = 768, 16_384
"""Padded tokens of a batch of prompts."""
READ_TOKENS = 16_384
"""Most keys that a batch behind a shared prefix reads, prefix included."""
SHARE = 0.25
"""Of the free memory, for the keys and values of the answers being written."""


@dataclass(frozen=True)
class _Read:
    """A prompt that was read and whose answer has begun: keys and values in two parts.

    Attributes:
        prefix: what it shares with others.
        own: a batch of which it is one row.
        length: tokens of its own.
    """

    answer: GrowingAnswer
    prefix: Sequence[KeysValues]
    own: Sequence[KeysValues]
    row: int
    length: int


class Decoder:
    """The parts of a model that decoding needs."""

    def __init__(self, model: LoadedModel) -> None:
        self.device = model.device
        self.body: Any = getattr(model.model, "base_model", model.model)
        self.head = LanguageModelHead(model.model)
        on_cpu = model.device.type == "cpu"
        self.rows = ROWS if on_cpu else ROWS_GPU
        self.batch_tokens = BATCH_TOKENS if on_cpu else BATCH_TOKENS_GPU

    def written(self, answers: Sequence[GrowingAnswer]) -> Iterator[Sequence[GrowingAnswer]]:
        """Write all answers; yields those that got a token, after each step. They are finished when it ends.

        Raises:
            ModelError: the model gives no finite numbers.
        """
        yield from _Writing(self, answers).run()

    def step(self, ids: list[int], rows: RowCache) -> Tensor:
        """Return the logits after one more token of each row, shape (B, V), float32."""
        states = self.body(
            input_ids=torch.tensor(ids, device=self.device)[:, None],
            position_ids=rows.positions(),
            attention_mask=rows.mask(),
            past_key_values=rows.cache,
            use_cache=True,
        ).last_hidden_state
        rows.advance()
        return self.head.logits(states[:, -1])

    def read(self, prefix: SharedPrefix, batch: TokenBatch) -> tuple[Tensor, list[KeysValues]]:
        """Return the logits after each prompt of a batch behind a prefix, shape (B, V), and its own keys and values."""
        states, own = prefix.continued(batch.ids)
        lengths = batch.mask.sum(1)
        return self.head.logits(states[torch.arange(len(lengths)), (lengths - 1).to(states.device)]), own


class _Writing:
    """One call: reads prompts on a walk over the tree whenever there is room for more answers."""

    def __init__(self, decoder: Decoder, answers: Sequence[GrowingAnswer]) -> None:
        self.decoder, self.answers = decoder, answers
        self.longest = max((len(answer.asked.ids) for answer in answers), default=0)
        self.live: list[GrowingAnswer] = []
        self.rows: RowCache | None = None

    def run(self) -> Iterator[Sequence[GrowingAnswer]]:
        # The last token of a prompt is read in any case, for what comes after it.
        tree = prefix_tree([answer.asked.ids[:-1] for answer in self.answers])
        reading = self._node(tree, SharedPrefix(self.decoder.body))
        waiting: list[_Read] = []
        while True:
            while len(waiting) < self._room() and (batch := next(reading, None)):
                yield [read.answer for read in batch]
                self.rows = self._opened(batch[0].own) if self.rows is None else self.rows
                waiting += [read for read in batch if not read.answer.finish]
            entering = self._room()
            self._enter(waiting[:entering])
            del waiting[:entering]
            if not self.live:
                return
            yield self._step()
            self._leave()

    def _room(self) -> int:
        return (self.decoder.rows if self.rows is None else self.rows.most) - len(self.live)

    def _node(self, node: PrefixNode, above: SharedPrefix) -> Iterator[list[_Read]]:
        prefix = above
        if node.end > node.start:
            first = self.answers[node.members()[0]]
            prefix = self._extended(above, first.asked.ids[node.start : node.end])
            first.computed += node.end - node.start
        rest = [self.answers[leaf].asked.ids[node.end :] for leaf in node.leaves]
        longest = max(map(len, rest), default=1)
        # Keys of the prefix are laid beside those of every row for the layer at hand.
        fitting = max(1, READ_TOKENS // (node.end + longest)) * longest if node.end else self.decoder.batch_tokens
        for batch in token_batches(rest, min(fitting, self.decoder.batch_tokens)):
            yield self._read([self.answers[node.leaves[at]] for at in batch.sentences], batch, prefix)
        for child in node.children:
            yield from self._node(child, prefix)

    @torch.inference_mode()
    def _extended(self, above: SharedPrefix, ids: list[int]) -> SharedPrefix:
        return above.extended(ids)

    @torch.inference_mode()
    def _read(self, answers: list[GrowingAnswer], batch: TokenBatch, prefix: SharedPrefix) -> list[_Read]:
        logits, own = self.decoder.read(prefix, batch)
        lengths = batch.mask.sum(1).tolist()
        for answer, length in zip(answers, lengths, strict=True):
            answer.computed += length
        take_tokens(answers, logits)
        shared = prefix.keys_values()
        return [_Read(answer, shared, own, row, lengths[row]) for row, answer in enumerate(answers)]

    @torch.inference_mode()
    def _enter(self, reads: list[_Read]) -> None:
        for read in reads:
            assert self.rows is not None
            self.rows.add(read.prefix, read.own, read.row, read.length)
            self.live.append(read.answer)

    @torch.inference_mode()
    def _step(self) -> list[GrowingAnswer]:
        assert self.rows is not None
        for answer in self.live:
            answer.computed += 1
        take_tokens(self.live, self.decoder.step([answer.ids[-1] for answer in self.live], self.rows))
        return list(self.live)

    @torch.inference_mode()
    def _leave(self) -> None:
        assert self.rows is not None
        for row in reversed(range(len(self.live))):
            if self.live[row].finish:
                self.rows.remove(row)
                self.live[row] = self.live[-1]
                self.live.pop()

    def _opened(self, own: Sequence[KeysValues]) -> RowCache:
        """For as many rows as fit into their share of the free memory, at least one."""
        token = sum(part.shape[1] * part.shape[3] * part.element_size() for pair in own for part in pair)
        device = self.decoder.device
        free = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else psutil.virtual_memory().available
        fitting = int(SHARE * free) // (token * (self.longest + AHEAD))
        rows = max(1, min(self.decoder.rows, len(self.answers), fitting))
        return RowCache(rows, self.longest, device)
