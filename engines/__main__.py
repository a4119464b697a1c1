"""`python -m engines`: a worker that works off runs of these methods."""

from engines import ENGINES, TOOLS
from workbench.worker.worker import serve

# Guarded, because a data loader's child process imports this module again.
if __name__ == "__main__":
    serve({**ENGINES, **TOOLS})
