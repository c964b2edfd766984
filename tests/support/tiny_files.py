"""Whole painters of each family with random weights, in each kind of file that the field has of it.

`painter` makes the networks; `all_in_one`, `split_file` and `folder` write them. The names and forms of the files'
tensors come from the tables of `diffusion.layouts`, run backwards; `tests/diffusion/layouts` holds these against
diffusers' own conversion and the headers of real files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import save_file

from diffusion.families.table import FAMILIES
from diffusion.layouts import clip, flux, sd3, t5, unet_blocks, vae
from diffusion.layouts.plan import LAYOUT_OF_ROLE
from diffusion.layouts.rows import count
from tests.support import tiny_modules
from tests.support.backwards import run_backwards
from tests.support.pipeline_folders import write_pipeline
from tests.support.tiny_text_models import t5_tokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

WORDS = 49408
"""The vocabulary of CLIP, whose tokenizer is not in files."""
SCALES = {
    "sd1": (0.18215, None),
    "sd2": (0.18215, None),
    "sdxl": (0.13025, None),
    "sdxl_refiner": (0.13025, None),
    "sd3": (1.5305, 0.0609),
    "flux": (0.3611, 0.1159),
}
"""Family -> what latents are multiplied by, and what is taken off them before."""
_VAE_PREFIX = {"flux": "vae."}
_BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
_PIPELINES = {
    "sd1": "StableDiffusionPipeline",
    "sd2": "StableDiffusionPipeline",
    "sdxl": "StableDiffusionXLPipeline",
    "sdxl_refiner": "StableDiffusionXLImg2ImgPipeline",
    "sd3": "StableDiffusion3Pipeline",
    "flux": "FluxPipeline",
}
_TEXT_ENDS = {
    "sd1": {"clip_l": ""},
    "sd2": {"clip_h": ""},
    "sdxl": {"clip_l": "", "clip_g": "_2"},
    "sdxl_refiner": {"clip_g": "_2"},
    "sd3": {"clip_l": "", "clip_g": "_2", "t5xxl": "_3"},
    "flux": {"clip_l": "", "t5xxl": "_2"},
}


@dataclass(frozen=True)
class Painter:
    """The networks of a family by role: "denoiser", "vae", and those of its text encoders."""

    family: str
    modules: dict[str, Any]

    def to(self, dtype: torch.dtype) -> Painter:
        """The same in another type, for good: the networks change."""
        return Painter(self.family, {role: module.to(dtype) for role, module in self.modules.items()})


def painter(family: str, *, seed: int = 0, words: int = WORDS, **settings: Any) -> Painter:
    """A family's networks; settings are those of its denoiser in `tiny_modules`."""
    denoisers = {"sd3": tiny_modules.sd3, "flux": tiny_modules.flux}
    make = denoisers.get(family)
    denoiser = make(seed=seed, **settings) if make else tiny_modules.unet(family, seed=seed, **settings)
    channels = FAMILIES[family].latent_format.channels
    scale, shift = SCALES[family]
    autoencoder = tiny_modules.vae(channels=channels, quant_conv=channels == 4, seed=seed + 1)
    autoencoder.register_to_config(scaling_factor=scale, shift_factor=shift)
    modules = {"denoiser": denoiser, "vae": autoencoder}
    for place, role in enumerate(_TEXT_ENDS[family], start=2):
        modules[role] = _text_encoder(family, role, words, seed + place)
    return Painter(family, modules)


def file_tensors(painter: Painter, role: str) -> dict[str, Tensor]:
    """The tensors of one part, named and formed as in a file of its own."""
    module = painter.modules[role]
    state = {name: tensor.detach() for name, tensor in module.state_dict().items()}
    if role == "denoiser":
        return run_backwards(_denoiser_rows(painter.family, module), state)
    if role == "vae":
        return run_backwards(vae.rows(count(state, "encoder.down_blocks.")), state)
    projected = "text_projection.weight" in state
    if LAYOUT_OF_ROLE[role] == "t5":
        return run_backwards(t5.ROWS, {name: state[name] for name in state if name != "encoder.embed_tokens.weight"})
    if _is_open_clip(painter.family, role):
        rows = clip.open_clip_rows(module.config.hidden_size, projected=projected)
        return {**run_backwards(rows, state), "logit_scale": torch.tensor(4.6)}
    return run_backwards(clip.rows(projected=projected), state)


def all_in_one(path: Path, painter: Painter, *, without: tuple[str, ...] = (), **more: Tensor) -> Path:
    """Writes the file that holds all parts but those of the roles `without`; `more` tensors are added as they are."""
    return write(path, {**whole(painter, without=without), **more})


def whole(painter: Painter, *, without: tuple[str, ...] = ()) -> dict[str, Tensor]:
    """The tensors of an all-in-one file."""
    prefixes = {part.role: part.prefix for part in FAMILIES[painter.family].text}
    prefixes["denoiser"] = "model.diffusion_model."
    prefixes["vae"] = _VAE_PREFIX.get(painter.family, "first_stage_model.")
    tensors = {
        f"{prefixes[role]}{name}": tensor
        for role in painter.modules
        if role not in without
        for name, tensor in file_tensors(painter, role).items()
    }
    if "t5xxl" in painter.modules and "t5xxl" not in without:
        tensors["text_encoders.t5xxl.tokenizer_json"] = tokenizer_bytes()
    return tensors


def split_file(path: Path, painter: Painter, role: str) -> Path:
    """Writes the file of one part."""
    tensors = file_tensors(painter, role)
    return write(path, {**tensors, "tokenizer_json": tokenizer_bytes()} if role == "t5xxl" else tensors)


def write(path: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str] | None = None) -> Path:
    """Writes a safetensors file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()}, path, metadata)
    return path


def tokenizer_bytes() -> Tensor:
    """The tokenizer of the tiny T5 as files hold it: its JSON text, byte by byte."""
    text = t5_tokenizer().backend_tokenizer.to_str().encode()
    return torch.frombuffer(bytearray(text), dtype=torch.uint8)


def pipeline(painter: Painter, prediction: str = "epsilon") -> Any:
    """The pipeline of diffusers over the same networks."""
    import diffusers

    return getattr(diffusers, _PIPELINES[painter.family])(**_parts(painter, prediction))


def folder(path: Path, painter: Painter, *, prediction: str = "epsilon", name: str | None = None) -> Path:
    """Writes the diffusers folder; `name` is that of the pipeline's class where it is not the family's first."""
    return write_pipeline(path, name or _PIPELINES[painter.family], _parts(painter, prediction))


def _parts(painter: Painter, prediction: str) -> dict[str, Any]:
    """What the pipeline of a family consists of."""
    import diffusers

    from diffusion.tokenizers.clip import clip_tokenizer

    family, modules = painter.family, painter.modules
    parts: dict[str, Any] = {"vae": modules["vae"]}
    parts["transformer" if family in ("sd3", "flux") else "unet"] = modules["denoiser"]
    for role, end in _TEXT_ENDS[family].items():
        parts[f"text_encoder{end}"] = modules[role]
        parts[f"tokenizer{end}"] = t5_tokenizer() if role == "t5xxl" else clip_tokenizer(role)
    if family in ("sd3", "flux"):
        settings = {"shift": 3.0} if family == "sd3" else {"use_dynamic_shifting": True, "shift": 3.0}
        parts["scheduler"] = diffusers.FlowMatchEulerDiscreteScheduler(**settings)
    else:
        parts["scheduler"] = diffusers.EulerDiscreteScheduler(prediction_type=prediction, **_BETAS)
    if family in ("sd1", "sd2"):
        parts |= {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    if family == "sdxl_refiner":
        parts |= {"text_encoder": None, "tokenizer": None, "requires_aesthetics_score": True}
    return parts


def _denoiser_rows(family: str, module: Any) -> Any:
    if family == "sd3":
        return sd3.rows(module.inner_dim, module.config.num_layers)
    if family == "flux":
        return flux.rows(module.inner_dim)
    return unet_blocks.rows(tiny_modules.blocks(module))


def _text_encoder(family: str, role: str, words: int, seed: int) -> Any:
    if role == "t5xxl":
        return tiny_modules.t5(width=256 if family == "sd3" else 128, words=len(t5_tokenizer()), seed=seed)
    projected = role == "clip_g" or family == "sd3"
    activation = "quick_gelu" if role == "clip_l" else "gelu"
    module = tiny_modules.clip(projected=projected, activation=activation, words=words, seed=seed)
    if projected and role == "clip_l":
        torch.nn.init.eye_(module.text_projection.weight)  # as in diffusers' folders: the family uses none
    return module


def _is_open_clip(family: str, role: str) -> bool:
    """SD3's files have their CLIPs in the layout of transformers; older families have OpenCLIP's in its own."""
    return role == "clip_h" or (role == "clip_g" and family != "sd3")
