"""Which models a server offers, asked before it comes on the list."""

from engines.parts.servers.background_loop import answer_of
from engines.parts.servers.configured_servers import ConfiguredServer
from engines.parts.servers.server_addresses import checked_address
from engines.parts.servers.server_connection import Patience, connected, failures_of
from engines.parts.servers.server_questions import OfferedModel, offered_models
from workbench.contract.errors import ModelError

PATIENCE = Patience(connect=5.0, silence=15.0, retries=1)
"""A list of models is short, and somebody waits for it."""


def models_of_server(server: ConfiguredServer) -> list[str]:
    """Return the server's models by its own names.

    Args:
        server: its entry, as it would stand on the list; its models do not matter.

    Raises:
        ModelError: an address that may not be asked, a server that does not answer or refuses, or one without a list.
    """
    address = checked_address(server.address, server)

    async def ask() -> list[OfferedModel]:
        async with connected(address, PATIENCE) as client:
            return await offered_models(client, address)

    with failures_of(address, PATIENCE):
        offered = answer_of(ask)
    if not offered:
        raise ModelError(
            f"{address.origin} keeps no list of its models.",
            "Write the names of its models into the form, then add it.",
        )
    return [each.id for each in offered]
