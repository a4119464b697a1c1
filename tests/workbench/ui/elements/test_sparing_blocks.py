"""An event costs what it changes: skipped outputs are left alone, and what is sent is what Gradio would send."""

import asyncio
from typing import Any

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from workbench.ui.elements.sparing_blocks import SparingBlocks


def page(kind: type[gr.Blocks]) -> tuple[gr.Blocks, Any, list[Any]]:
    with kind(analytics_enabled=False) as blocks:
        outputs = [gr.HTML(f"old {n}") for n in range(3)] + [gr.State("kept"), gr.Slider(0, 10, 5), gr.Column()]
        button = gr.Button()
        button.click(lambda: None, None, outputs)
    return blocks, blocks.fns[max(blocks.fns)], outputs


def answer(kind: type[gr.Blocks], made: Any) -> tuple[list[Any], SessionState, list[Any]]:
    """What an event sends that returns `made(outputs)`, and the session after it."""

    async def answered() -> tuple[list[Any], SessionState, list[Any]]:
        blocks, event, outputs = page(kind)
        state = SessionState(blocks)
        return await blocks.postprocess_data(event, made(outputs), state), state, outputs

    return asyncio.run(answered())


def without_empty_props(sent: Any) -> Any:
    """Leave out what Gradio adds to a skipped HTML: its own type as a prop, which makes the browser draw it again."""
    if isinstance(sent, dict) and sent.get("props") == gr.skip():
        return {key: value for key, value in sent.items() if key != "props"}
    return sent


CASES = {
    "a dict of some": lambda out: {out[0]: "new", out[4]: gr.update(maximum=20, value=7), out[3]: "written"},
    "a dict of one": lambda out: {out[1]: "new"},
    "a dict with skips": lambda out: {out[1]: gr.skip(), out[5]: gr.update(visible=False)},
    "a dict of skips": lambda out: {out[1]: gr.skip()},
    "a list": lambda out: ["new", gr.skip(), gr.skip(), gr.skip(), gr.update(value=1), gr.skip()],
    "a list of all": lambda out: ["a", "b", "c", "d", 3, gr.update(visible=True)],
    "a list of skips": lambda out: [gr.skip()] * 6,
    "one skip": lambda out: gr.skip(),
    "values that are none": lambda out: [None] * 5 + [gr.skip()],
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_sent_and_kept_is_what_gradio_sends_and_keeps(case: str):
    ours, kept, outputs = answer(SparingBlocks, CASES[case])
    theirs, also_kept, others = answer(gr.Blocks, CASES[case])
    assert ours == [without_empty_props(each) for each in theirs]
    assert kept[outputs[3]._id] == also_kept[others[3]._id]


def test_a_skipped_output_is_not_made_anew():
    _, state, outputs = answer(SparingBlocks, lambda out: {out[0]: gr.update(value="new"), out[1]: gr.skip()})
    assert state[outputs[0]._id] is not outputs[0], "what changes is made anew by Gradio"
    assert state[outputs[1]._id] is outputs[1] and state[outputs[2]._id] is outputs[2]


def test_what_names_no_output_is_refused_as_gradio_refuses_it():
    stray = gr.HTML("", render=False)
    with pytest.raises(ValueError, match="not specified as output"):
        answer(SparingBlocks, lambda out: {stray: "new"})
