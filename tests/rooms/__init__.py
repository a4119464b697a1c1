"""Toy methods that keep the whole contract: for tests of the bench, the page and the command line without a model."""

from collections.abc import Mapping

from tests.rooms.counting import COUNTING
from tests.rooms.echoing import ECHOING, ToyTool
from tests.rooms.failing import FAILING
from tests.rooms.growing import GROWING
from tests.rooms.printing import PRINTING
from tests.rooms.steering import STEERING
from tests.rooms.stratified import ENGINE as STRATIFIED
from workbench.contract.engine import Engine

ROOMS = (COUNTING, STEERING, PRINTING, FAILING, GROWING, STRATIFIED)
ENGINES: Mapping[str, Engine] = {room.name: room for room in ROOMS}
TOOLS: Mapping[str, ToyTool] = {tool.name: tool for tool in (ECHOING,)}
WORKER = ("-m", "tests.rooms")
