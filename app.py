"""Opens the workbench: `python app.py`. A Space runs this file too."""

import gc
import sys

if __name__ == "__main__":
    # Imports and the page make next to no garbage, and looking for it took a quarter of the start; `serve` allows it
    # again.
    gc.disable()

from engines import ENGINES, TOOLS
from engines.parts.catalogue.catalogue import CATALOGUE
from workbench.contract.registry import Installed
from workbench.server.server import main

if __name__ == "__main__":
    sys.exit(main(lambda: Installed(ENGINES, TOOLS, CATALOGUE), sys.argv[1:]))
