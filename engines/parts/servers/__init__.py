"""Model servers that speak OpenAI's protocol: addresses, keys, requests, streams."""

from engines.parts.servers.configured_servers import ConfiguredServer, add_server
from engines.parts.servers.server_addresses import checked_address
from engines.parts.servers.server_models import models_of_server

__all__ = ["ConfiguredServer", "add_server", "checked_address", "models_of_server"]
