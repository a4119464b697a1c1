"""`python -m tests.browser.rooms`: a worker for the toy methods and the one that has every kind of view."""

from collections.abc import Mapping

from tests.rooms import ENGINES, TOOLS
from tests.rooms.picturing import PICTURING
from workbench.contract.engine import Engine
from workbench.worker.worker import serve

ROOMS: Mapping[str, Engine] = {**ENGINES, PICTURING.name: PICTURING}
WORKER = ("-m", "tests.browser.rooms")

if __name__ == "__main__":
    serve({**ROOMS, **TOOLS})
