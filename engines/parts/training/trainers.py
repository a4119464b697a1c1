"""TRL's trainers, fed with token ids of our own and watched by a RunLog. Loads torch and trl: import it in functions.

Design decisions:
- Tokens come in as they are to be learned; the trainers' own preparation of texts is passed by.
- A checkpoint counts once the watch has written the steps so far into it, as its last file: a kill in the middle of
  saving leaves a folder that is not used.
"""

import math
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from pydantic import TypeAdapter
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from trl import DPOTrainer, SFTTrainer

from engines.parts.rows.training_step import TrainingStep
from workbench.contract.errors import ModelError

if TYPE_CHECKING:
    from workbench.contract.run_log import RunLog

STEPS = "steps.json"
_AS_JSON = TypeAdapter(list[TrainingStep])


class SupervisedTrainer(SFTTrainer):
    """Learns the labelled tokens of "input_ids"; writes no model card."""

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: what was trained is in the run."""


class PreferenceTrainer(DPOTrainer):
    """Learns from "prompt_ids", "chosen_ids" and "rejected_ids" as they are; writes no model card."""

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: what was trained is in the run."""

    def _prepare_dataset(self, dataset: Any, *args: Any, **kwargs: Any) -> Any:
        return dataset


class Watch(TrainerCallback):
    """What a training says and hears at each step.

    Args:
        log: where steps and progress go, and whence Stop comes.
        describe: makes the row of a step from its number, loss, learning rate, tokens and seconds.
        checkpoint_seconds: a checkpoint is due after this time.
        earlier: steps of an attempt that is continued.
    """

    def __init__(
        self,
        log: "RunLog",
        describe: Callable[..., TrainingStep],
        checkpoint_seconds: float,
        earlier: list[TrainingStep],
    ) -> None:
        self.steps = list(earlier)
        self.stopped = False
        self._log = log
        self._describe = describe
        self._checkpoint_seconds = checkpoint_seconds
        self._tokens = 0
        self._saved_at = self._step_began = time.monotonic()

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Say again what an earlier attempt said, and start the clock."""
        for step in self.steps:
            self._log.row(step)
        self._log.progress(len(self.steps), state.max_steps, "steps")
        self._saved_at = self._step_began = time.monotonic()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Save where Stop was pressed or a checkpoint is due; the last step needs none."""
        if state.global_step >= state.max_steps:
            return
        self.stopped = self._log.stopping()
        control.should_training_stop = control.should_training_stop or self.stopped
        due = time.monotonic() - self._saved_at >= self._checkpoint_seconds
        control.should_save = control.should_save or self.stopped or due

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **_: Any
    ) -> None:
        """Say the step.

        Raises:
            ModelError: the loss or the gradient is not a number any more.
        """
        if not logs or "loss" not in logs or not state.is_world_process_zero:
            return
        _require_finite(state, logs)
        tokens = round(logs["num_tokens"])
        step = self._describe(
            step=state.global_step,
            loss=logs["loss"],
            learning_rate=logs["learning_rate"],
            tokens=tokens - self._tokens,
            seconds=round(time.monotonic() - self._step_began, 6),
        )
        self._tokens, self._step_began = tokens, time.monotonic()
        self.steps.append(step)
        if not self.stopped:
            self._log.row(step)
            self._log.progress(state.global_step, state.max_steps, "steps")

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Finish the checkpoint with the steps so far."""
        folder = Path(str(args.output_dir)) / f"checkpoint-{state.global_step}"
        scratch = folder / f".{STEPS}"
        scratch.write_bytes(_AS_JSON.dump_json(self.steps))
        scratch.replace(folder / STEPS)
        self._saved_at = self._step_began = time.monotonic()


class StepClock(TrainerCallback):
    """Seconds of each step, and the most memory that the process (or its GPU) had taken by the end of them."""

    def __init__(self, device: torch.device) -> None:
        self.seconds: list[float] = []
        self.peak_bytes = 0
        self._device = device
        self._began = 0.0

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Start the clock."""
        self._began = time.monotonic()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Stop the clock once the device has finished."""
        self.peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
            self.peak_bytes = torch.cuda.max_memory_allocated(self._device)
        self.seconds.append(time.monotonic() - self._began)


def last_checkpoint(folder: Path) -> tuple[str | None, list[TrainingStep]]:
    """Return the newest complete checkpoint of a folder and the steps before it.

    None and no steps where there is none.
    """
    found = sorted(folder.glob(f"checkpoint-*/{STEPS}"), key=lambda path: int(path.parent.name.partition("-")[2]))
    if not found:
        return None, []
    return str(found[-1].parent), _AS_JSON.validate_json(found[-1].read_bytes())


def _require_finite(state: TrainerState, logs: dict[str, Any]) -> None:
    for what, name in (("loss", "loss"), ("gradient", "grad_norm")):
        if not math.isfinite(logs.get(name, 0.0)):
            raise ModelError(
                f"The {what} became {logs[name]} at step {state.global_step} of {state.max_steps} (learning rate "
                f"{logs['learning_rate']:g}): the training has diverged.",
                "Lower the learning rate, lengthen the warm-up, or train in float32.",
            )
