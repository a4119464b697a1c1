"""A Gradio page whose events cost what they change, not what they could have changed."""

from copy import copy
from typing import Any

import gradio as gr
from gradio.blocks import Block

SKIPPED = {"__type__": "update"}


class SparingBlocks(gr.Blocks):
    """Blocks that leave alone the outputs of an event which it does not change.

    Gradio makes the component of every output anew, the skipped ones too: 0.4 ms each, so that a look at a run, which
    could change a hundred, took 40 ms of processor time to change nothing.
    """

    async def postprocess_data(self, block_fn: Any, predictions: Any, state: Any) -> list[Any]:
        """Return what Gradio returns, made from the changed outputs alone."""
        changed = _changed(block_fn.outputs, predictions)
        if changed is None:
            return await super().postprocess_data(block_fn, predictions, state)
        if not changed:
            return [None if block.stateful else dict(SKIPPED) for block in block_fn.outputs]
        some = copy(block_fn)
        some.outputs = [block_fn.outputs[at] for at in changed]
        values = list(changed.values())
        made = await super().postprocess_data(some, values if len(values) > 1 else values[0], state)
        found = dict(zip(changed, made, strict=True))
        return [found.get(at, None if block.stateful else dict(SKIPPED)) for at, block in enumerate(block_fn.outputs)]


def _changed(outputs: Any, predictions: Any) -> dict[int, Any] | None:
    """Values by place among the outputs, the skipped ones left out; None where this is Gradio's to tell apart."""
    if _is_skip(predictions) and len(outputs) > 1:
        return {}
    if isinstance(predictions, dict):
        places = {block: at for at, block in enumerate(outputs)}
        if not predictions or not all(isinstance(key, Block) for key in predictions):
            return None
        if not places.keys() >= predictions.keys():
            return None
        given = {places[block]: value for block, value in predictions.items()}
    elif isinstance(predictions, list | tuple) and len(predictions) == len(outputs) > 1:
        given = dict(enumerate(predictions))
    else:
        return None
    return {at: value for at, value in given.items() if not _is_skip(value)}


def _is_skip(value: Any) -> bool:
    return isinstance(value, dict) and value == SKIPPED
