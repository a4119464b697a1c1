"""What TRL's trainers are told: settings of a tuning, LoRA, and which arguments make a training repeatable here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from engines.parts.experts.expert_layout import ExpertLayout
from engines.parts.models.dtype import DtypeName
from engines.parts.models.models import LoadedModel
from engines.parts.training.training_examples import Encoded, TooLong, encode_examples, encode_preferences
from workbench.contract.errors import ConfigError, ModelError, ResourceError

Kind = Literal["supervised", "preference"]


@dataclass(frozen=True)
class TrainingSettings:
    """How to tune.

    Attributes:
        epochs: passes over the examples; `max_steps` above 0 says the number of updates instead.
        batch: examples (or pairs) per forward pass and device; `accumulate` passes make one update.
        schedule: of the learning rate, after `warmup_steps` of linear rise.
        max_grad_norm: gradients are scaled down to this length.
        longest: tokens of an example, prompt and response together; the model's context bounds it too.
        rank, alpha, dropout: of LoRA; its update is scaled by alpha / rank.
        targets: names of the layers to adapt; none means every linear layer but the output head.
        dora: scale the rows of the updated weights to trained lengths (Liu et al., 2024).
        experts: put routed experts on the layers that it names, in place of `rank`, `alpha`, `dropout`, `targets`.
        beta: of DPO: how strongly the reference holds the model.
        seed: decides the adapter's start, the order of the data and the dropout.
        checkpoint_seconds: what a kill may cost at most, apart from one step.
    """

    epochs: float = 1.0
    max_steps: int = 0
    batch: int = 4
    accumulate: int = 1
    learning_rate: float = 2e-4
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    warmup_steps: int = 0
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    longest: int = 512
    too_long: TooLong = "drop"
    rank: int = 8
    alpha: int = 16
    dropout: float = 0.0
    targets: tuple[str, ...] = ()
    dora: bool = False
    experts: ExpertLayout | None = None
    beta: float = 0.1
    dtype: DtypeName = "auto"
    seed: int = 0
    checkpoint_seconds: float = 60.0

    def __post_init__(self) -> None:
        least = {"batch": 1, "accumulate": 1, "longest": 2, "rank": 1, "max_steps": 0, "warmup_steps": 0, "seed": 0}
        problems = {
            name: f"{getattr(self, name)}; at least {low}." for name, low in least.items() if getattr(self, name) < low
        }
        positive = ("epochs", "learning_rate", "alpha", "beta", "max_grad_norm")
        problems |= {name: f"{getattr(self, name)}; above 0." for name in positive if not getattr(self, name) > 0}
        if problems:
            raise ConfigError(problems, "Correct the settings of the training.")


def encoded_for(kind: Kind, base: LoadedModel, data: Sequence[Any], settings: TrainingSettings) -> Encoded:
    """Return the data as token ids, within the settings' length and the model's context."""
    longest = min(settings.longest, base.context)
    encode: Callable[..., Encoded] = encode_examples if kind == "supervised" else encode_preferences
    return encode(base.tokenizer, data, longest, settings.too_long)


def make_trainer(kind: Kind, base: LoadedModel, encoded: Encoded, settings: TrainingSettings, folder: Path) -> Any:
    """TRL's trainer over a model of one's own, without callbacks that print or report.

    Raises:
        ModelError: the model has no layer of the asked names, or routed experts of an earlier training.
    """
    from datasets import Dataset
    from transformers import PrinterCallback

    from engines.parts.training import trainers

    _require_mergeable(base)
    arguments = _arguments(kind, base, settings, folder)
    trainer_type = trainers.SupervisedTrainer if kind == "supervised" else trainers.PreferenceTrainer
    try:
        trainer = trainer_type(
            model=base.model,
            args=arguments,
            train_dataset=Dataset.from_list(encoded.rows),
            processing_class=base.tokenizer,
            peft_config=_lora(base, settings),
        )
    except ValueError as error:
        if "target modules" not in str(error).lower():
            raise
        raise ModelError(
            f"{base.source.name} has no layers named {', '.join(settings.targets)}.",
            "Name layers of the model, such as q_proj and v_proj, or none for all of them.",
        ) from error
    trainer.remove_callback(PrinterCallback)
    return trainer


def _require_mergeable(base: LoadedModel) -> None:
    routed = [adapter.name for adapter in base.source.adapters if adapter.experts]
    if routed:
        raise ModelError(
            f"{routed[0]} holds routed experts, which cannot be merged into the weights, so nothing can be trained on "
            "top of them.",
            "Train on the base model.",
        )


def _arguments(kind: Kind, base: LoadedModel, settings: TrainingSettings, folder: Path) -> Any:
    from trl import DPOConfig, SFTConfig

    on_cpu = base.device.type == "cpu"
    shared = {
        "output_dir": str(folder),
        "num_train_epochs": settings.epochs,
        "max_steps": settings.max_steps or -1,
        "per_device_train_batch_size": settings.batch,
        "gradient_accumulation_steps": settings.accumulate,
        "learning_rate": settings.learning_rate,
        # transformers' "constant" has no warm-up.
        "lr_scheduler_type": "constant_with_warmup" if settings.schedule == "constant" else settings.schedule,
        "warmup_steps": settings.warmup_steps,
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.max_grad_norm,
        "seed": settings.seed,
        "data_seed": settings.seed,
        "max_length": None,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,  # else a diverged loss is shown as the mean of the earlier ones
        "save_strategy": "no",  # the watch decides
        "save_total_limit": 2,
        "report_to": "none",
        "disable_tqdm": True,
        "bf16": False,
        # TRL turns it on by default; transformers is renaming it.
        f"{'activation' if hasattr(SFTConfig, 'activation_checkpointing') else 'gradient'}_checkpointing": False,
        "use_cpu": on_cpu,
        "dataloader_pin_memory": not on_cpu,
    }
    if kind == "preference":
        arguments = DPOConfig(**shared, beta=settings.beta)
    else:
        arguments = SFTConfig(**shared, dataset_kwargs={"skip_prepare_dataset": True})
    if arguments.n_gpu > 1:
        # Else transformers copies the model to every device of this one process, which TRL refuses.
        arguments._n_gpu = 1
    return arguments


def _lora(base: LoadedModel, settings: TrainingSettings) -> Any:
    from peft import LoraConfig

    if settings.experts:
        from engines.parts.experts.expert_adapters import expert_config

        config, routing = expert_config(base.model, settings.experts)
        routing.passes = settings.accumulate
        base.model.register_forward_pre_hook(partial(_heed_padding, routing), with_kwargs=True)
        return config
    return LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=list(settings.targets) or "all-linear",
        use_dora=settings.dora,
        task_type="CAUSAL_LM",
    )


def _heed_padding(routing: Any, model: Any, args: Any, given: Mapping[str, Any]) -> None:
    # Padding is routed like any token, but must not count in the balance of the load.
    mask = given.get("attention_mask")
    routing.mask = mask.bool() if model.training and mask is not None and mask.ndim == 2 else None


@contextmanager
def own_randomness() -> Iterator[None]:
    """Give the random generators of Python, numpy and torch back as they were.

    A training seeds them; a resumed run skips the training, and must go on with the same numbers as one that did not.
    """
    import random

    import numpy as np
    import torch

    python, numpy = random.getstate(), np.random.get_state()
    with torch.random.fork_rng():
        yield
    random.setstate(python)
    np.random.set_state(numpy)


@contextmanager
def enough_memory() -> Iterator[None]:
    """Turn running out of memory into what to do about it.

    Raises:
        ResourceError: memory ran out inside.
    """
    import torch

    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise ResourceError(
            "Memory ran out while training.",
            "Choose a smaller batch (and more accumulation), shorter examples, or a smaller model.",
        ) from error
