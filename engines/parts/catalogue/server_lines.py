"""The models of configured servers, as the list shows them; no server is asked."""

from collections.abc import Mapping

from engines.parts.generation.speeds import speed_of
from engines.parts.servers.configured_servers import ConfiguredServer, list_servers, remove_server
from workbench.contract.catalogue import ModelLine

SERVER = "server:"


def server_lines() -> list[ModelLine]:
    """Return one line for each model of each server, in the order in which they were added."""
    return [_line(server, model) for server in list_servers() for model in server.models]


def taken_off(name: str) -> Mapping[str, str]:
    """Take a server off the list; what it was, by field of the form.

    Raises:
        ConfigError: there is none of that name.
    """
    was = remove_server(name)
    return {
        "name": was.name,
        "address": was.address,
        "models": ", ".join(was.models),
        "key_variable": was.key_variable,
    }


def _line(server: ConfiguredServer, model: str) -> ModelLine:
    key = f" Its key is read from {server.key_variable}." if server.key_variable else ""
    return ModelLine(
        ref=server.ref(model),
        name=model,
        place="server",
        role="generator",
        tokens_per_second=speed_of(server.ref(model), ""),
        note=f"Served by {server.name}.{key}",
        entry=f"{SERVER}{server.name}",
    )
