"""The enrolment's recipe: a folder is checked as before every use, a server is asked for its models."""

from pathlib import Path

from engines.parts.catalogue import add_folder
from engines.parts.registry import allow_model_folder, is_outside
from engines.parts.servers import ConfiguredServer, add_server, checked_address, models_of_server
from workbench.contract import RunLog
from workbench.tool_questions.model_registration import Enrolled, Enrolling, OutsideFolder


def run(asked: Enrolling, log: RunLog) -> None:
    """Check what is to be added, and put it on the list.

    Raises:
        ModelError: the folder is no complete, plain safetensors model; the server may not be asked, or does not answer.
        ConfigError: an entry that the list does not take.
    """
    if asked.place == "folder":
        with log.phase("Check the folder"):
            if asked.allow:
                allow_model_folder(asked.address)
            elif is_outside(asked.address):
                log.row(OutsideFolder(path=asked.address))
            path = add_folder(asked.address)
            log.row(Enrolled(ref=path, name=Path(path).name))
        return
    server = ConfiguredServer(asked.name, asked.address.rstrip("/"), asked.models, asked.key_variable)
    with log.phase("Ask the server for its models"):
        models = _models(server, log)
    with log.phase("Add the server"):
        added = add_server(server.name, server.address, models, server.key_variable)
        for model in added.models:
            log.row(Enrolled(ref=added.ref(model), name=model))


def _models(server: ConfiguredServer, log: RunLog) -> list[str]:
    """The models that were named, else what the server offers; either way its address must be one that may be asked."""
    if not server.models:
        return models_of_server(server)
    checked_address(server.address, server)
    log.note("The server was not asked: its models were named.")
    return list(server.models)
