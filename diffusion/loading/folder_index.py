"""What a checkpoint folder says that it holds: its index, its parts, and whether they can work together.

Looks at names and settings only and opens no weights; free of torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diffusion.errors import DiffusionError
from diffusion.weight_files.component_files import read_json
from diffusion.weight_files.names import short

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DENOISERS = {
    "unet": ("UNet2DConditionModel",),
    "transformer": ("SD3Transformer2DModel", "FluxTransformer2DModel"),
}
"""Folder of a denoiser -> the classes that are known."""
VAES = ("AutoencoderKL", "AutoencoderTiny", "AutoencoderDC")
TEXT_MODELS = {
    "clip": ("CLIPTextModel", "CLIPTextModelWithProjection"),
    "t5": ("T5EncoderModel",),
}
"""Layout of a text encoder -> the classes that are known."""
TOKENIZERS = {"clip": ("CLIPTokenizer", "CLIPTokenizerFast"), "t5": ("T5Tokenizer", "T5TokenizerFast")}
TEXT_PLACES: dict[str, dict[str, str]] = {
    "sd1": {"": "clip_l"},
    "sd2": {"": "clip_h"},
    "sdxl": {"": "clip_l", "_2": "clip_g"},
    "sdxl_refiner": {"_2": "clip_g"},
    "sd3": {"": "clip_l", "_2": "clip_g", "_3": "t5xxl"},
    "flux": {"": "clip_l", "_2": "t5xxl"},
}
"""Family -> what stands behind `text_encoder` and `tokenizer` in the index, and the role of what is there."""

FAMILY = "Use a checkpoint of a family that is listed, in diffusers folder form or in one file."
# Settings of a UNet that takes an input which nothing here provides; left out, it would paint nonsense without a word.
_EXTRA_CONDITIONS = ("class_embed_type", "encoder_hid_dim_type", "time_cond_proj_dim")
_ADDED = "addition_embed_type"


def is_checkpoint(path: Path) -> bool:
    """Whether a folder looks like a checkpoint. Cheap: opens nothing."""
    return (path / "model_index.json").is_file()


def class_of(path: Path, index: Mapping[str, Any], part: str, known: tuple[str, ...]) -> str:
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


def denoiser_place(path: Path, index: Mapping[str, Any]) -> tuple[str, str]:
    """The name of the denoiser's folder and its class."""
    part = "transformer" if index.get("transformer") else "unet"
    return part, class_of(path, index, part, DENOISERS[part])


def has_part(index: Mapping[str, Any], part: str) -> bool:
    """Whether the index tells of a part: one that was left out stands there as nothing."""
    entry = index.get(part)
    return isinstance(entry, list) and len(entry) == 2 and None not in entry


def check_denoiser(path: Path, config: Mapping[str, Any]) -> None:
    """Raises DiffusionError for a UNet that takes an input which no family here provides."""
    extra = [name for name in _EXTRA_CONDITIONS if config.get(name) is not None]
    if config.get(_ADDED) not in (None, "text_time"):
        extra.append(_ADDED)
    if extra:
        raise DiffusionError(
            f"The model in {short(path)} needs more than text to go by ({', '.join(extra)}).",
            remedy=FAMILY,
            input="ckpt_name",
        )


def check_fit(path: Path, latent_channels: int, vae_channels: int, context_width: int, text_width: int | None) -> None:
    """Raises DiffusionError unless a denoiser can work with the VAE and the text encoders: it paints so many channels
    and reads embeddings so wide. A text width of None is not told by the text encoders that are there."""
    if latent_channels != vae_channels:
        raise DiffusionError(
            f"The model in {short(path)} takes {latent_channels} channels and its VAE gives {vae_channels}.",
            remedy="Copy or download the whole checkpoint folder again.",
            input="ckpt_name",
        )
    if text_width is not None and context_width != text_width:
        raise DiffusionError(
            f"The model in {short(path)} expects text embeddings {context_width} wide; its text encoder gives "
            f"{text_width}.",
            remedy="Copy or download the whole checkpoint folder again.",
            input="ckpt_name",
        )


def index_of(path: Path) -> dict[str, Any]:
    """The folder's model_index.json."""
    return read_json(path / "model_index.json")
