"""Row types of a module, so that a card need not list them."""

from types import ModuleType

from workbench.contract.schema import Row

_CONTRACT = Row.__module__


def row_types(module: ModuleType) -> tuple[type[Row], ...]:
    """Return the row types that a module declares, in the order of their declaration, then those that it imports.

    Rows of the contract itself (`Outcome`, `Caution`) are no part of a card, and are left out.
    """
    found = [thing for name, thing in vars(module).items() if not name.startswith("_") and _is_row(thing)]
    own = [kind for kind in found if kind.__module__ == module.__name__]
    return tuple(dict.fromkeys([*own, *found]))


def _is_row(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, Row) and thing.__module__ != _CONTRACT
