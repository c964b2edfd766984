"""What a checkpoint folder says that it holds: its index, its parts, and whether they can work together.

Looks at names and settings only and opens no weights; free of torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diffusion.errors import DiffusionError
from diffusion.weight_files.names import short
from diffusion.weights import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PIPELINES = (
    "StableDiffusionPipeline",
    "StableDiffusionImg2ImgPipeline",
    "StableDiffusionInpaintPipeline",
)
VAES = ("AutoencoderKL", "AutoencoderTiny", "AutoencoderDC")

FAMILY = "Use a checkpoint of the Stable Diffusion 1 or 2 family in diffusers folder form."
# Settings of a UNet that takes an input which nothing here provides; left out, it would paint nonsense without a word.
_EXTRA_CONDITIONS = ("addition_embed_type", "class_embed_type", "encoder_hid_dim_type", "time_cond_proj_dim")


def is_checkpoint(path: Path) -> bool:
    """Whether a folder looks like a checkpoint. Cheap: opens nothing."""
    return (path / "model_index.json").is_file()


def model_index(path: Path) -> dict[str, Any]:
    """The folder's model_index.json; raises DiffusionError when it is no checkpoint of the family."""
    if path.is_file():
        raise DiffusionError(
            f"{short(path)} is a file; expected a diffusers folder with a model_index.json.",
            remedy=FAMILY,
            input="ckpt_name",
        )
    if not path.is_dir():
        raise DiffusionError(
            f"There is no folder {short(path)}.", remedy="Choose one of the checkpoints listed.", input="ckpt_name"
        )
    if not is_checkpoint(path):
        raise DiffusionError(
            f"{short(path)} is no checkpoint: it has no model_index.json.", remedy=FAMILY, input="ckpt_name"
        )
    index = read_json(path / "model_index.json")
    if (kind := index.get("_class_name")) not in PIPELINES:
        raise DiffusionError(
            f"{short(path)} is made for {kind}; expected one of {', '.join(PIPELINES)}.",
            remedy=FAMILY,
            input="ckpt_name",
        )
    return index


def class_of(path: Path, index: dict[str, Any], part: str, known: tuple[str, ...]) -> str:
    """The class of a part; raises DiffusionError when it is absent or not one of the known."""
    entry = index.get(part)
    name = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
    if name not in known:
        raise DiffusionError(
            f"The {part} of {short(path)} is {name or 'missing'}; expected {' or '.join(known)}.",
            remedy=FAMILY,
            input="ckpt_name",
        )
    return str(name)


def check_fit(path: Path, unet: Mapping[str, Any], text_width: int, latent_channels: int) -> None:
    """Raises DiffusionError unless the UNet of these settings can work with the text encoder and the VAE."""
    if extra := [name for name in _EXTRA_CONDITIONS if unet.get(name) is not None]:
        raise DiffusionError(
            f"The model in {short(path)} needs more than text to go by ({', '.join(extra)}).",
            remedy=FAMILY,
            input="ckpt_name",
        )
    channels = int(unet["in_channels"])
    if channels != latent_channels:
        raise DiffusionError(
            f"The model in {short(path)} takes {channels} channels and its VAE gives {latent_channels}.",
            remedy="Checkpoints made for inpainting or depth are not supported; use a plain one and a noise mask.",
            input="ckpt_name",
        )
    wanted = int(unet["cross_attention_dim"])
    if wanted != text_width:
        raise DiffusionError(
            f"The model in {short(path)} expects text embeddings {wanted} wide; its text encoder gives {text_width}.",
            remedy="Copy or download the whole checkpoint folder again.",
            input="ckpt_name",
        )
