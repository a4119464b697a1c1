"""Log-likelihoods of given responses under a causal language model, many at once.

Design decisions:
- What prompts and responses share is computed once: their sequences form a prefix tree, and each node's keys and values
  are read by everything below it (six responses to a prompt of 256 tokens cost a third of the usual way).
- The language-model head is applied to the positions that predict a response, a chunk at a time; the logits of a whole
  batch never exist.
- What stands alone goes in length-sorted batches of a few hundred tokens, which stay in the processor's cache.
- Whether a model allows both is tried on a few tokens, not looked up in a list of names; one that does not is scored
  the usual way.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from engines.parts.completions.prompts import Prompt, answer_ids, prompt_ids
from engines.parts.hidden_states.hidden_states import token_batches
from engines.parts.hidden_states.lm_head import LanguageModelHead
from engines.parts.models.dtype import DtypeName
from engines.parts.models.models import LoadedModel, load_causal
from engines.parts.prefixes.prefix_tree import PrefixNode, prefix_tree
from engines.parts.prefixes.shared_prefix import SharedPrefix
from workbench.contract.errors import DataError, ModelError

BATCH_TOKENS = 1_280
"""Padded tokens of a float32 batch on a CPU, twice as many of 16 bits: larger ones leave its cache and cost a tenth
more, smaller ones keep its matrix units waiting."""
BATCH_TOKENS_GPU = 32_768
READ_TOKENS = 16_384
"""Most keys that a batch behind a shared prefix reads, prefix included."""
SAME = 2e-2
"""Nats by which a shortcut may differ from the model's own logits while it is tried, in either number format."""

Ids = Sequence[int]
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Scored:
    """How likely a response is after its prompt.

    Attributes:
        logprob: sum over its tokens, in nats; 0 for an empty response.
        by_token: log-probability of each of its tokens, float32, shape (T,).
    """

    logprob: float
    by_token: np.ndarray

    @property
    def tokens(self) -> int:
        """Number of tokens, T."""
        return len(self.by_token)

    @property
    def mean(self) -> float:
        """Nats per token; NaN for an empty response."""
        return self.logprob / self.tokens if self.tokens else float("nan")

    @property
    def perplexity(self) -> float:
        """exp(-mean); NaN for an empty response."""
        return float(np.exp(-self.mean))


@dataclass(frozen=True)
class _Pair:
    ids: list[int]
    """Prompt and response."""
    start: int
    """Length of the prompt."""

    def predicting(self, start: int, end: int) -> range:
        """Positions in [start, end) whose next token belongs to the response."""
        return range(max(self.start - 1, start), min(len(self.ids) - 1, end))


class Scorer:
    """Scores responses under one loaded model.

    Attributes:
        shares: whether the model's cache can hold a shared prefix.
        splits: whether body and head can be run apart.
    """

    def __init__(self, model: LoadedModel) -> None:
        self.model = model
        self.body: Any = getattr(model.model, "base_model", model.model)
        self.head = LanguageModelHead(model.model)
        on_cpu = BATCH_TOKENS if model.dtype == "float32" else 2 * BATCH_TOKENS
        self.batch_tokens = on_cpu if model.device.type == "cpu" else BATCH_TOKENS_GPU
        with torch.inference_mode():
            self.splits = self._tried(self._split_logits)
            self.shares = self.splits and self._tried(self._shared_logits)

    def score(
        self,
        pairs: Sequence[tuple[Prompt, str]],
        too_long: Literal["refuse", "truncate left"] = "refuse",
        tell: Tell | None = None,
    ) -> list[Scored]:
        """Score responses, each after its prompt; see `prompts.answer_ids` for where the one ends.

        Args:
            pairs: prompt and response.
            too_long: what becomes of a pair longer than the model's context: an error, or the beginning of its prompt
                is left out.
            tell: hears how many pairs of how many are done.

        Raises:
            DataError: a pair is too long, or its prompt has no tokens; names the pair, counted from 1.
            ModelError: the model has no chat template, or gives no finite numbers.
        """
        tokenizer = self.model.tokenizer
        known: dict[Prompt, list[int]] = {}
        encoded = []
        for number, (prompt, response) in enumerate(pairs, start=1):
            if prompt not in known:
                known[prompt] = prompt_ids(prompt, tokenizer)
            encoded.append(self._fitting(known[prompt], answer_ids(response, tokenizer), too_long, number))
        return self.score_ids(encoded, tell)

    def score_ids(self, pairs: Sequence[tuple[Ids, Ids]], tell: Tell | None = None) -> list[Scored]:
        """Score token ids of responses, each after those of its prompt.

        Raises:
            DataError: a prompt has no tokens, or a pair is longer than the model's context.
            ModelError: the model gives no finite numbers.
        """
        whole = [self._pair(prompt, response, number) for number, (prompt, response) in enumerate(pairs, start=1)]
        found = [np.zeros(len(pair.ids) - pair.start, np.float32) for pair in whole]
        asked = [at for at, pair in enumerate(whole) if len(pair.ids) > pair.start]
        walk = _Walk(self, [whole[at] for at in asked], [found[at] for at in asked], tell)
        with torch.inference_mode():
            # The last token is predicted, never read.
            walk.run(prefix_tree([whole[at].ids[:-1] for at in asked]) if self.shares else None)
        for number, values in enumerate(found, start=1):
            if not np.isfinite(values).all():
                raise ModelError(
                    f"The model gives no finite log-probability for response {number}.",
                    "Load it with dtype float32; if that fails too, its weights are damaged.",
                )
        return [Scored(float(values.sum(dtype=np.float64)), values) for values in found]

    def whole_logits(self, ids: Tensor) -> Tensor:
        """Return the model's own logits, shape (B, T, V), float32: the usual way."""
        return self.model.model(input_ids=ids.to(self.model.device), use_cache=False).logits.float()

    def prefix(self) -> SharedPrefix:
        """Return an empty prefix under this model."""
        return SharedPrefix(self.body)

    def _split_logits(self, ids: list[int]) -> Tensor:
        return self.head.logits(self.prefix().read(torch.tensor([ids]))[0])

    def _shared_logits(self, ids: list[int]) -> Tensor:
        prefix = self.prefix().extended(ids[:2]).extended(ids[2:4])
        return self.head.logits(prefix.read(torch.tensor([ids[4:], ids[4:]]))[1])

    def _tried(self, shortcut: Callable[[list[int]], Tensor]) -> bool:
        embedded: Any = self.model.model.get_input_embeddings().weight
        ids = [1 + at % (len(embedded) - 1) for at in range(7)]
        usual = self.whole_logits(torch.tensor([ids]))[0].log_softmax(-1)
        try:
            found = shortcut(ids).log_softmax(-1)
        except (TypeError, AttributeError, ValueError, RuntimeError, KeyError, IndexError, NotImplementedError):
            return False
        usual = usual[-len(found) :]
        spread = 1 + usual.abs().max() if self.model.dtype == "bfloat16" else 1
        return bool((found - usual).abs().max() <= SAME * spread)

    def _pair(self, prompt: Ids, response: Ids, number: int) -> _Pair:
        if not prompt:
            raise DataError(f"The prompt of pair {number} has no tokens.", "Give it at least one word.", row=number)
        pair = _Pair([*prompt, *response], len(prompt))
        if len(pair.ids) > self.model.context:
            raise _too_long(number, len(pair.ids), self.model.context)
        return pair

    def _fitting(self, prompt: list[int], response: list[int], too_long: str, number: int) -> tuple[Ids, Ids]:
        room = self.model.context - len(response)
        if too_long == "truncate left" and len(prompt) > room > 0:
            return prompt[-room:], response
        return prompt, response


def open_scorer(ref: str, dtype: DtypeName = "auto") -> Scorer:
    """Return a scorer under the model that a reference names; a model keeps its scorer as long as it is kept itself.

    Raises:
        ModelError: no such model, or one that cannot be used.
        DataError: the registry package of a bundled model cannot be had.
        ResourceError: it does not fit in memory.
    """
    model = load_causal(ref, dtype)
    with _LOCK:
        if _LAST.get("model") is not model:
            _LAST.update(model=model, scorer=Scorer(model))
        return _LAST["scorer"]


_LAST: dict[str, Any] = {}
_LOCK = threading.Lock()


class _Walk:
    """One pass over the tree: extends prefixes on the way down, reads the leaves of each node in batches."""

    def __init__(self, scorer: Scorer, pairs: list[_Pair], found: list[np.ndarray], tell: Tell | None) -> None:
        self.scorer, self.pairs, self.found = scorer, pairs, found
        self.tell, self.done = tell or (lambda done, total: None), 0

    def run(self, tree: PrefixNode | None) -> None:
        if tree is None:
            tree = PrefixNode(0, 0, tuple(range(len(self.pairs))), ())
        self._node(tree, self.scorer.prefix())

    def _node(self, node: PrefixNode, above: SharedPrefix) -> None:
        prefix = above
        if node.end > node.start:
            members = node.members()
            prefix = above.extended(self.pairs[members[0]].ids[node.start : node.end])
            self._take(members, node.start, [prefix.states] * len(members))
        self._leaves(node, prefix)
        for child in node.children:
            self._node(child, prefix)

    def _leaves(self, node: PrefixNode, prefix: SharedPrefix) -> None:
        rest = [self.pairs[member].ids[node.end : -1] for member in node.leaves]
        own = [at for at, ids in enumerate(rest) if ids]
        self._tell(len(rest) - len(own))
        longest = max((len(rest[at]) for at in own), default=1)
        # Keys of the prefix are laid beside those of every row for the layer at hand.
        fitting = max(1, READ_TOKENS // (node.end + longest)) * longest if node.end else self.scorer.batch_tokens
        for batch in token_batches([rest[at] for at in own], min(fitting, self.scorer.batch_tokens)):
            members = [node.leaves[own[at]] for at in batch.sentences]
            if self.scorer.splits:
                self._take(members, node.end, list(prefix.read(batch.ids)))
            else:
                self._take_whole(members, batch.ids)
            self._tell(len(members))

    def _take(self, members: list[int], start: int, states: list[Tensor]) -> None:
        """Note the log-probabilities that states at positions from `start` on predict, a row of states a member."""
        rows, targets, places = [], [], []
        for member, row in zip(members, states, strict=True):
            pair = self.pairs[member]
            at = pair.predicting(start, start + len(row))
            if len(at):
                rows.append(row[at.start - start : at.stop - start])
                targets.extend(pair.ids[at.start + 1 : at.stop + 1])
                places.append((member, at))
        if not rows:
            return
        device = rows[0].device
        values = self.scorer.head.log_probabilities(torch.cat(rows), torch.tensor(targets, device=device)).cpu().numpy()
        for member, at in places:
            self.found[member][at.start + 1 - self.pairs[member].start :][: len(at)] = values[: len(at)]
            values = values[len(at) :]

    def _take_whole(self, members: list[int], ids: Tensor) -> None:
        logits = self.scorer.whole_logits(ids)
        for row, member in enumerate(members):
            pair = self.pairs[member]
            at = pair.predicting(0, len(pair.ids))
            chosen = torch.tensor(pair.ids[at.start + 1 : at.stop + 1], device=logits.device)
            scores = logits[row, at.start : at.stop]
            values = scores.gather(-1, chosen[:, None])[:, 0] - scores.logsumexp(-1)
            self.found[member][:] = values.cpu().numpy()

    def _tell(self, pairs: int) -> None:
        self.done += pairs
        self.tell(self.done, len(self.pairs))


def _too_long(number: int, tokens: int, context: int) -> DataError:
    return DataError(
        f"Pair {number} has {tokens:,} tokens; the model reads {context:,} at once.",
        "Shorten it, have prompts truncated, or choose a model with a longer context.",
        row=number,
    )
