"""A search's state on the disk: weights, vectors and both optimisers in safetensors, the rest in JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from engines.guilomo.allocation import Shapes
from engines.guilomo.search_settings import SearchSettings
from workbench.contract import DataError

TENSORS, FACTS = "state.safetensors", "state.json"
MOMENTS = ("step", "exp_avg", "exp_avg_sq")
Parts = Mapping[str, tuple[Sequence[torch.nn.Parameter], torch.optim.Optimizer]]
"""Parameters and their optimiser, by name."""

ANEW = "Start the search anew."


def write_state(folder: Path, parts: Parts, settings: SearchSettings, shapes: Shapes, done: int) -> None:
    """Write parameters and moments; the JSON comes last, so that a torn save is not taken for a state."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FACTS).unlink(missing_ok=True)
    tensors: dict[str, Tensor] = {}
    for name, (parameters, optimiser) in parts.items():
        for at, parameter in enumerate(parameters):
            tensors[f"{name}.{at}"] = parameter.detach()
            for moment, value in optimiser.state.get(parameter, {}).items():
                tensors[f"{name}.{at}.{moment}"] = value
    whole = {name: one.cpu().contiguous() for name, one in tensors.items()}
    save_file(whole, folder / TENSORS)
    facts = json.dumps({"format": 1, "done": done, "search": _search(settings, shapes)}, indent=1)
    scratch = folder / f".{FACTS}"
    scratch.write_text(facts, encoding="utf-8")
    scratch.replace(folder / FACTS)


def read_state(folder: Path, parts: Parts, settings: SearchSettings, shapes: Shapes) -> int:
    """Fill parameters and optimisers from a saved state; the steps done.

    Raises:
        DataError: the files are missing, damaged, or of another search.
    """
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        tensors = load_file(folder / TENSORS)
    except (OSError, ValueError, SafetensorError) as error:
        raise DataError(f"The search cannot go on: its state cannot be read: {error}", ANEW) from error
    if facts.get("format") != 1 or facts.get("search") != _search(settings, shapes):
        raise DataError("The search cannot go on: its state is of another search (settings or model differ).", ANEW)
    for name, (parameters, optimiser) in parts.items():
        for at, parameter in enumerate(parameters):
            key = f"{name}.{at}"
            if key not in tensors or tensors[key].shape != parameter.shape:
                raise DataError(f"The search cannot go on: its state lacks {key}.", ANEW)
            with torch.no_grad():
                parameter.copy_(tensors[key])
            found = {moment: tensors[f"{key}.{moment}"] for moment in MOMENTS if f"{key}.{moment}" in tensors}
            if found:
                optimiser.state[parameter] = {
                    moment: value if moment == "step" else value.to(parameter.device) for moment, value in found.items()
                }
    return int(facts["done"])


def _search(settings: SearchSettings, shapes: Shapes) -> object:
    told = asdict(settings) | {"steps": None}  # a longer search may go on from a shorter one
    return json.loads(json.dumps([told, {path: list(shape) for path, shape in shapes.items()}]))
