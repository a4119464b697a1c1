"""The methods, and the tools of the page. A new one adds a folder and a line here."""

from collections.abc import Mapping

from engines.data_preview import TOOL as DATA_PREVIEW
from engines.enrolment import TOOL as ENROLMENT
from engines.guilomo import ENGINE as GUILOMO
from engines.persyn import ENGINE as PERSYN
from engines.playground import TOOL as PLAYGROUND
from engines.shifcon import ENGINE as SHIFCON
from engines.sure import ENGINE as SURE
from engines.treereview import ENGINE as TREEREVIEW
from workbench.contract import Engine, Tool

ENGINES: Mapping[str, Engine] = {engine.name: engine for engine in (GUILOMO, PERSYN, SHIFCON, SURE, TREEREVIEW)}

TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in (PLAYGROUND, ENROLMENT, DATA_PREVIEW)}
