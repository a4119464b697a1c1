"""Opens the workbench: `python app.py`. A Space runs this file too."""

import sys

from engines import ENGINES
from workbench.server import main

if __name__ == "__main__":
    sys.exit(main(lambda: ENGINES, sys.argv[1:]))
