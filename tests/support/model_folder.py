"""A models folder as people have it: files of every family and kind side by side, with tiny networks inside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from tests.support import quantised_files, tiny_files

if TYPE_CHECKING:
    from pathlib import Path

ENCODERS = {"flux": ("flux_clip_l.safetensors", "flux_t5xxl.safetensors"),
            "sd3": ("sd3_clip_l.safetensors", "sd3_clip_g.safetensors", "sd3_t5xxl.safetensors")}  # fmt: skip
VAES = {"flux": "ae.safetensors", "sd3": "sd3_vae.safetensors"}


@dataclass(frozen=True)
class Expected:
    """A file of the folder and what it is to be taken for."""

    folder: str
    name: str
    kind: str
    family: str
    variant: str = ""
    precision: str = "fp32"
    paints: bool = field(default=True)


def fill(models: Path) -> list[Expected]:
    """Writes the files below a models folder; gives what they are."""
    whole = {family: tiny_files.painter(family) for family in ("sd1", "sd2", "sdxl", "sdxl_refiner", "sd3")}
    whole["flux"] = tiny_files.painter("flux", guidance=True)
    return [*_checkpoints(models, whole), *_split(models, whole), *_parts(models, whole)]


def _checkpoints(models: Path, whole: dict[str, Any]) -> list[Expected]:
    folder, found = models / "checkpoints", []
    for family, painter in whole.items():
        tiny_files.all_in_one(folder / f"{family}.safetensors", painter)
        variant = "large" if family == "sd3" else ""
        found.append(Expected("checkpoints", f"{family}.safetensors", "checkpoint", family, variant))
    marks = {"v_pred": torch.empty(0), "ztsnr": torch.empty(0)}
    tiny_files.all_in_one(folder / "sdxl-v.safetensors", whole["sdxl"], **marks)
    found.append(Expected("checkpoints", "sdxl-v.safetensors", "checkpoint", "sdxl", "v_zero_snr"))
    tiny_files.all_in_one(folder / "nested" / "half.safetensors", tiny_files.painter("sd1").to(torch.float16))
    found.append(Expected("checkpoints", "nested/half.safetensors", "checkpoint", "sd1", precision="fp16"))
    marker = "model.diffusion_model.scaled_fp8"
    made = quantised_files.scaled_fp8(tiny_files.whole(whole["sd1"]), marker=marker)
    made.write(folder / "sd1-fp8.safetensors")
    found.append(Expected("checkpoints", "sd1-fp8.safetensors", "checkpoint", "sd1", precision="fp8 scaled"))
    tiny_files.folder(folder / "sdxl-folder", whole["sdxl"])
    found.append(Expected("checkpoints", "sdxl-folder", "checkpoint", "sdxl"))
    return found


def _split(models: Path, whole: dict[str, Any]) -> list[Expected]:
    folder = models / "diffusion_models"
    folder.mkdir(parents=True)
    weights, found = tiny_files.file_tensors(whole["flux"], "denoiser"), []
    forms = {
        "fp8 scaled": quantised_files.scaled_fp8(weights),
        "fp8": quantised_files.plain(weights, torch.float8_e4m3fn),
        "int8": quantised_files.int8(weights),
        "int8 rotated": quantised_files.int8(weights, 256),
    }
    for precision, made in forms.items():
        name = f"flux-{precision.replace(' ', '-')}.safetensors"
        made.write(folder / name)
        found.append(Expected("diffusion_models", name, "denoiser", "flux", precision=precision))
    for kind in ("Q4_0", "Q4_K", "Q8_0"):
        quantised_files.write_gguf(folder / f"flux-{kind}.gguf", weights, kind)
        found.append(Expected("diffusion_models", f"flux-{kind}.gguf", "denoiser", "flux", precision=kind))
    tiny_files.split_file(folder / "flux.safetensors", whole["flux"], "denoiser")
    tiny_files.split_file(folder / "sd3.safetensors", whole["sd3"], "denoiser")
    quick = tiny_files.painter("flux", guidance=False)
    tiny_files.split_file(folder / "flux-schnell.safetensors", quick, "denoiser")
    return [
        *found,
        Expected("diffusion_models", "flux.safetensors", "denoiser", "flux"),
        Expected("diffusion_models", "sd3.safetensors", "denoiser", "sd3", "large"),
        Expected("diffusion_models", "flux-schnell.safetensors", "denoiser", "flux", "schnell"),
    ]


def _parts(models: Path, whole: dict[str, Any]) -> list[Expected]:
    found = []
    for family, names in ENCODERS.items():
        for name in names:
            role = name.removeprefix(f"{family}_").removesuffix(".safetensors")
            tiny_files.split_file(models / "text_encoders" / name, whole[family], role)
            found.append(Expected("text_encoders", name, "text_encoder", "", paints=False))
    for family, name in VAES.items():
        tiny_files.split_file(models / "vae" / name, whole[family], "vae")
        found.append(Expected("vae", name, "vae", "", paints=False))
    return found
