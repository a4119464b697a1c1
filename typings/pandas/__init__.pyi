# pandas has no type information of its own; its classes are named here, their members are not checked.
from typing import Any

class DataFrame(Any):
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class Series(Any):
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

def __getattr__(name: str) -> Any: ...
