"""The methods. A new one adds a folder and a line here."""

from collections.abc import Mapping

from engines.shifcon import ENGINE as SHIFCON
from workbench.engine import Engine

ENGINES: Mapping[str, Engine] = {engine.name: engine for engine in (SHIFCON,)}
