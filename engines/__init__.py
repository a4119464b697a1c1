"""The methods, and the tools of the page. A new one adds a folder and a line here."""

from collections.abc import Mapping

from engines.shifcon import ENGINE as SHIFCON
from workbench.engine import Engine
from workbench.tool import Tool

ENGINES: Mapping[str, Engine] = {engine.name: engine for engine in (SHIFCON,)}

TOOLS: Mapping[str, Tool] = {}
