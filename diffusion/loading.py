"""From a diffusers folder of the Stable Diffusion 1 and 2 family to handles, offline.

The folder is looked at before anything is loaded, so that what is wrong with it is said in its own words. Nothing is
ever downloaded, and no pickle is opened.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from diffusion import noise_models, weights
from diffusion.checkpoint_folder import FAMILY, VAES, check_fit, class_of, is_checkpoint, model_index
from diffusion.errors import DiffusionError
from diffusion.families.latent_format import LatentFormat
from diffusion.families.sd1 import SD1
from diffusion.families.table import recognise_family
from diffusion.models import Checkpoint, DiffusionModel, Vae
from diffusion.preview import LatentPreview
from diffusion.text_models import TextEncoder, make_text_encoder
from diffusion.weight_files.names import short

__all__ = ["is_checkpoint", "load_checkpoint", "load_vae"]

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before diffusers or transformers is imported: they read it once

_MODEL_WEIGHTS = "diffusion_pytorch_model"

# OpenCLIP ViT-H, the text encoder of Stable Diffusion 2, has 24 layers, of which the family uses 23. Diffusers folders
# leave the last one out; people who ask for layer -2 mean the last of those 23.
_TRUNCATED_LAYERS, _TRUNCATED_WIDTH = 23, 1024


def load_checkpoint(path: Path, *, device: str = "auto", dtype: torch.dtype | None = None) -> Checkpoint:
    """Loads model, text encoder and VAE.

    `device` "auto" takes a GPU where there is one. `dtype` None means float32 on a CPU; elsewhere float16 for the
    model and the text encoder and float32 for the VAE, whose activations leave the range of float16 in some
    checkpoints.

    Raises DiffusionError for a path that is no checkpoint, another family, missing, cut or pickled weights, and parts
    that do not fit each other.
    """
    path = Path(path)
    weights.refuse_pipes(path)
    index = model_index(path)
    place = _device(device)
    half = dtype or (torch.float32 if place.type == "cpu" else torch.float16)
    unet = _load(path, index, "unet", ("UNet2DConditionModel",), half)
    clip = _load_text_encoder(path, index, place, half)
    vae = _load_vae_folder(path / "vae", class_of(path, index, "vae", VAES), place, dtype or torch.float32)
    text_width = next(iter(clip.parts.values())).module.config.hidden_size
    check_fit(path, unet.config, text_width, vae.latent_format.channels)
    noise_model = noise_models.from_scheduler_config(weights.read_json(path / "scheduler" / "scheduler_config.json"))
    shapes = {name: tuple(tensor.shape) for name, tensor in unet.state_dict().items()}
    family, variant = recognise_family(shapes) or (SD1, "")
    model = DiffusionModel(
        family=family,
        module=_settle(unet, place),
        noise_model=noise_model,
        latent_format=vae.latent_format,
        device=place,
        dtype=half,
        variant=variant,
        preview=LatentPreview(vae).picture,
    )
    return Checkpoint(model, clip, vae)


def load_vae(path: Path, *, device: str = "auto", dtype: torch.dtype | None = None) -> Vae:
    """Loads a VAE from its own folder, or from the `vae` folder of a checkpoint. Raises DiffusionError as above."""
    path = Path(path)
    weights.refuse_pipes(path)
    if is_checkpoint(path):
        name = class_of(path, model_index(path), "vae", VAES)
        return _load_vae_folder(path / "vae", name, _device(device), dtype or torch.float32)
    if not (path / "config.json").is_file():
        raise DiffusionError(
            f"{short(path)} is no VAE folder: it has neither a config.json nor a model_index.json.",
            remedy="Point to the vae folder of a diffusers checkpoint, or to the checkpoint's folder.",
            input="vae_name",
        )
    name = str(weights.read_json(path / "config.json").get("_class_name", "AutoencoderKL"))
    if name not in VAES:
        raise DiffusionError(
            f"{short(path)} holds a {name}; known VAEs are {', '.join(VAES)}.", remedy=FAMILY, input="vae_name"
        )
    return _load_vae_folder(path, name, _device(device), dtype or torch.float32)


def _load(path: Path, index: dict[str, Any], part: str, known: tuple[str, ...], dtype: torch.dtype) -> Any:
    import diffusers

    name = class_of(path, index, part, known)
    return _from_pretrained(getattr(diffusers, name), path / part, _MODEL_WEIGHTS, dtype=dtype, low_cpu_mem_usage=False)


def _load_text_encoder(path: Path, index: dict[str, Any], device: torch.device, dtype: torch.dtype) -> TextEncoder:
    import transformers

    class_of(path, index, "text_encoder", ("CLIPTextModel",))
    class_of(path, index, "tokenizer", ("CLIPTokenizer", "CLIPTokenizerFast"))
    encoder = _from_pretrained(transformers.CLIPTextModel, path / "text_encoder", "model", dtype=dtype)
    try:
        tokenizer = transformers.CLIPTokenizer.from_pretrained(path / "tokenizer", local_files_only=True)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DiffusionError(
            f"The tokenizer in {short(path / 'tokenizer')} cannot be loaded: {error}.",
            remedy="Copy or download the whole checkpoint folder again.",
            input="ckpt_name",
        ) from error
    config = encoder.config
    truncated = (config.num_hidden_layers, config.hidden_size) == (_TRUNCATED_LAYERS, _TRUNCATED_WIDTH)
    style, role = ("sd2", "clip_h") if truncated else ("sd1", "clip_l")
    return make_text_encoder(style, {role: (_settle(encoder, device), tokenizer)})


def _load_vae_folder(folder: Path, name: str, device: torch.device, dtype: torch.dtype) -> Vae:
    import diffusers

    model = _from_pretrained(getattr(diffusers, name), folder, _MODEL_WEIGHTS, dtype=dtype, low_cpu_mem_usage=False)
    config = model.config
    stages = config.get("block_out_channels") or config["encoder_block_out_channels"]
    latent_format = LatentFormat(
        channels=int(config["latent_channels"]),
        downscale=2 ** (len(stages) - 1),
        scale=float(config.get("scaling_factor") or 1.0),
        shift=float(config.get("shift_factor") or 0.0),
    )
    return Vae(_settle(model, device), latent_format, device, dtype)


def _from_pretrained(cls: Any, folder: Path, stem: str, **settings: Any) -> Any:
    """The model of a component folder, with every weight from the file; raises DiffusionError otherwise."""
    weights.read_json(folder / "config.json")
    variant = weights.find_variant(folder, stem)
    _no_progress_bars()
    try:
        # Weights made inside inference mode could never be trained or edited.
        with torch.inference_mode(mode=False):
            model, info = cls.from_pretrained(
                folder,
                variant=variant,
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
                **settings,
            )
    except (OSError, ValueError, RuntimeError, TypeError, KeyError) as error:
        raise DiffusionError(
            f"The weights in {short(folder)} do not fit its config.json: {error}.",
            remedy="Copy or download the whole folder again.",
        ) from error
    if lost := sorted({*info["missing_keys"], *(str(key) for key in info["mismatched_keys"])}):
        raise DiffusionError(
            f"The weights in {short(folder)} lack {len(lost)} of the model's tensors, {lost[0]} among them.",
            remedy="Copy or download the whole folder again.",
        )
    return model


def _settle(module: Any, device: torch.device) -> Any:
    return module.to(device).eval().requires_grad_(requires_grad=False)


def _device(name: str) -> torch.device:
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _no_progress_bars() -> None:
    import diffusers
    import transformers

    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
