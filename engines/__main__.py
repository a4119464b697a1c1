"""`python -m engines`: a worker that works off runs of every method that is installed."""

from workbench.contract.registry import installed
from workbench.worker.worker import serve

# Guarded, because a data loader's child process imports this module again.
if __name__ == "__main__":
    serve(installed().rooms)
