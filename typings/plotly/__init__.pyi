# plotly has no type information of its own; its figure is named here, its members are not checked.
from typing import Any

def __getattr__(name: str) -> Any: ...
