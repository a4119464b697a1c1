"""`python -m tests.rooms`: a worker that works off runs of the toy methods."""

from tests.rooms import ENGINES, TOOLS
from workbench.worker.worker import serve

if __name__ == "__main__":
    serve({**ENGINES, **TOOLS})
