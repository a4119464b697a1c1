"""An engine's place on the page: there from the start, and furnished for a visitor when they first come in.

Design decisions:
- A method takes some 250 components. Laid out for all at once they made the start of the server, each new session and
  each event in the browser dearer with every method; so a visitor's page holds the rooms that they have been in.
- What others write to is outside: the run shown, the form's refill, the timer. Everything else is in `EngineTab`.
- Gradio listens to an event of a component either here or in `EngineTab`, never in both: the browser would forget one.
"""

import secrets

import gradio as gr
from gradio.context import get_blocks_context

from workbench.contract.engine import Engine
from workbench.messages import noted, say
from workbench.ui.elements.elements import tag
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.render_cache import RenderCache
from workbench.ui.engine_tab import EngineTab

TICK_SECONDS = 1.0
SIDE_BY_SIDE = 2
AGAIN = noted("This method is on your page already.")


class LazyTab:
    """One engine on the page.

    Attributes:
        page: the Blocks it is in.
        run_box: the run shown; an event that writes an id into it (queued, so that its change is heard) opens that run.
        refill_box: a run whose settings fill the form; nothing starts.
        aim_box: a `Destination` that names a view of the run, and how its controls are set.
        opened: an event that writes `True` into it (queued) has the room furnished, the first time.
        timer: asleep unless this tab is open and something in it is live.
        gallery: what was drawn of the engine's runs, for all visitors.
    """

    def __init__(self, desk: PageContext, engine: Engine, page: gr.Blocks) -> None:
        """Build inside an open gr.Tab."""
        self.engine, self.page, self.gallery = engine, page, RenderCache()
        self.run_box, self.refill_box, self.aim_box = gr.State(None), gr.State(None), gr.State(None)
        self.opened = gr.State(False)
        self.timer = gr.Timer(TICK_SECONDS, active=False)
        furnished = gr.State([])
        with gr.Column(elem_classes=["bw-room"], elem_id=f"room-{engine.name}"):
            gr.HTML(tag("h1", say(engine.title)), elem_classes=["bw-unseen"], apply_default_css=False)
            gr.HTML(tag("p", say("Opening …"), role="status"), elem_classes=["bw-opening"])

            @gr.render(
                [self.opened, furnished, self.run_box],
                [self.opened.change],
                concurrency_limit=SIDE_BY_SIDE,
                concurrency_id="rooms",
                show_progress="hidden",
            )
            def furnish(opened: bool, before: list[bool], run: object) -> None:
                if before:
                    raise gr.Error(say(AGAIN), visible=False, print_exception=False)
                if opened:
                    before.append(True)
                    # Counting on from the page's events, as Gradio does, two rooms of two sessions would share numbers:
                    # a page whose session was forgotten would press the buttons of another room.
                    context = get_blocks_context()
                    assert context is not None
                    context.fn_id = secrets.randbelow(2**31)
                    EngineTab(desk, self, coming=bool(run))

        rendering = page.fns[max(page.fns)]
        # As in `QUIET`, but gr.render does not take it: every step of every event would go through all furniture.
        rendering.show_progress_on = []
