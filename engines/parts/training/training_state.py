"""State of an unfinished training on the disk: parameters and moments in safetensors, progress and rows in JSON.

Design decisions:
- The tensors of each save are a file of their own, and the JSON that names them is replaced last: a kill in the middle
  of saving leaves the state before it.
- Random numbers need no saving: those of each update are drawn from the seed and the update's number.
- A state belongs to one training: a digest of settings, data and shapes is kept with it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.contract import DataError, Row

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

FACTS = "state.json"
FORMAT = 1


@dataclass(frozen=True)
class SavedState:
    """What a saved state says besides its tensors: updates done, and the rows that they emitted."""

    step: int
    rows: list[Row]


@dataclass
class TrainingState:
    """What a training changes.

    Attributes:
        parameters: by a name that stays the same over attempts.
        optimisers: those that move them; one parameter belongs to one of them.
        key: digest of everything that makes it this very training.
    """

    parameters: Mapping[str, "Tensor"]
    optimisers: Sequence["Optimizer"]
    key: str

    def save(self, folder: Path, step: int, rows: Iterable[Row]) -> None:
        """Write the state after an update, and take the one before it away.

        Args:
            rows: of all updates so far.
        """
        from safetensors.torch import save_file

        tensors = {f"parameter.{name}": one.detach() for name, one in self.parameters.items()}
        for name, moments in self._moments().items():
            tensors |= {f"{moment}.{name}": value for moment, value in moments.items()}
        file = folder / f"state-{step}.safetensors"
        save_file({name: one.cpu().contiguous() for name, one in tensors.items()}, file)
        told = [[row.table(), row.model_dump(mode="json")] for row in rows]
        scratch = folder / f".{FACTS}"
        scratch.write_text(
            json.dumps({"format": FORMAT, "key": self.key, "step": step, "tensors": file.name, "rows": told}), "utf-8"
        )
        scratch.replace(folder / FACTS)
        for old in folder.glob("state-*.safetensors"):
            if old != file:
                old.unlink()

    def load(self, folder: Path, kinds: Iterable[type[Row]]) -> SavedState | None:
        """Fill parameters and optimisers from the folder's state; None where there is none.

        Args:
            kinds: types of the rows that updates emit.

        Raises:
            DataError: the state is damaged, or of another training; nothing was changed then.
        """
        if not (folder / FACTS).is_file():
            return None
        facts, tensors = _read(folder)
        wanted = {f"parameter.{name}": one.shape for name, one in self.parameters.items()}
        if facts["key"] != self.key or any(
            name not in tensors or tensors[name].shape != shape for name, shape in wanted.items()
        ):
            raise DataError("it is of another training (settings, data or model differ)")
        known = {kind.table(): kind for kind in kinds}
        rows = [known[name].model_validate(row) for name, row in facts["rows"]]
        self._fill(tensors)
        return SavedState(int(facts["step"]), rows)

    def _fill(self, tensors: Mapping[str, "Tensor"]) -> None:
        import torch

        owners = {id(one): optimiser for optimiser in self.optimisers for one in _stepped(optimiser)}
        for name, parameter in self.parameters.items():
            with torch.no_grad():
                parameter.copy_(tensors[f"parameter.{name}"])
            found = {
                moment: value
                for moment, _, whose in (key.partition(".") for key in tensors)
                if whose == name and moment != "parameter"
                for value in (tensors[f"{moment}.{whose}"],)
            }
            if found:
                owners[id(parameter)].state[parameter] = {
                    moment: value if moment == "step" else value.to(parameter.device) for moment, value in found.items()
                }

    def _moments(self) -> dict[str, dict[str, "Tensor"]]:
        import torch

        kept = {}
        for name, parameter in self.parameters.items():
            for optimiser in self.optimisers:
                state = optimiser.state.get(parameter, {})
                kept[name] = kept.get(name, {}) | {k: v for k, v in state.items() if isinstance(v, torch.Tensor)}
        return kept


def _stepped(optimiser: "Optimizer") -> list["Tensor"]:
    return [one for group in optimiser.param_groups for one in group["params"]]


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, "Tensor"]]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        facts = json.loads((folder / FACTS).read_text("utf-8"))
        if facts.get("format") != FORMAT:
            raise DataError("it has another format")
        return facts, load_file(folder / str(facts["tensors"]))
    except (OSError, ValueError, KeyError, AttributeError, SafetensorError) as error:
        raise DataError(f"it cannot be read ({error})") from error
