"""Folders as diffusers and transformers write them: told by their model_index.json or config.json, not by weights."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from diffusion.errors import DiffusionError
from diffusion.families.table import recognise_family
from diffusion.model_files.known import KNOWN
from diffusion.model_files.model_file import USABLE_KINDS, ModelFile
from diffusion.model_files.precision import precision_of
from diffusion.model_files.text_encoders import ROWS
from diffusion.model_files.vaes import serves_of
from diffusion.weight_files.component_files import find_weights, read_json
from diffusion.weight_files.names import short, shown
from diffusion.weight_files.reading import read_header

if TYPE_CHECKING:
    from pathlib import Path

    from diffusion.weight_files.header import Header

_MOST_FILES = 2_000

PIPELINES = {
    "StableDiffusionPipeline": ("sd", ""),
    "StableDiffusionImg2ImgPipeline": ("sd", ""),
    "StableDiffusionInpaintPipeline": ("sd", "inpaint"),
    "StableDiffusionInstructPix2PixPipeline": ("sd", "instruct"),
    "StableDiffusionXLPipeline": ("sdxl", ""),
    "StableDiffusionXLInpaintPipeline": ("sdxl", "inpaint"),
    "StableDiffusionXLInstructPix2PixPipeline": ("sdxl", "instruct"),
    "StableDiffusionXLImg2ImgPipeline": ("sdxl_refiner", ""),
    "StableDiffusion3Pipeline": ("sd3", ""),
    "StableDiffusion3Img2ImgPipeline": ("sd3", ""),
    "StableDiffusion3InpaintPipeline": ("sd3", ""),
    "FluxPipeline": ("flux", ""),
    "FluxImg2ImgPipeline": ("flux", ""),
    "FluxInpaintPipeline": ("flux", ""),
    "FluxKontextPipeline": ("flux", "kontext"),
    "FluxKontextInpaintPipeline": ("flux", "kontext"),
    "FluxFillPipeline": ("flux", "fill"),
    "FluxControlPipeline": ("flux", "control"),
    "FluxControlImg2ImgPipeline": ("flux", "control"),
    "FluxControlInpaintPipeline": ("flux", "control"),
}
"""Family and variant by the class of a pipeline; "sd" is the first or the second, which the UNet's settings tell."""

LATER = {
    "Flux2Pipeline": ("flux2", "Flux.2"),
    "Flux2KleinPipeline": ("flux2", "Flux.2 Klein"),
    "QwenImagePipeline": ("qwen_image", "Qwen-Image"),
    "QwenImageEditPipeline": ("qwen_image", "Qwen-Image Edit"),
    "QwenImageEditPlusPipeline": ("qwen_image", "Qwen-Image Edit"),
    "ZImagePipeline": ("zimage", "Z-Image"),
    "Lumina2Pipeline": ("lumina2", "Lumina 2"),
    "ChromaPipeline": ("chroma", "Chroma"),
    "WanPipeline": ("wan", "Wan"),
    "WanImageToVideoPipeline": ("wan", "Wan"),
    "LTXPipeline": ("ltx", "LTX-Video"),
    "LTX2Pipeline": ("ltx2", "LTX-2"),
    "HunyuanVideoPipeline": ("hunyuan_video", "HunyuanVideo"),
    "HunyuanVideo15Pipeline": ("hunyuan_video", "HunyuanVideo 1.5"),
    "PixArtAlphaPipeline": ("pixart", "PixArt"),
    "PixArtSigmaPipeline": ("pixart", "PixArt"),
    "SanaPipeline": ("sana", "Sana"),
    "KolorsPipeline": ("kolors", "Kolors"),
    "AuraFlowPipeline": ("auraflow", "AuraFlow"),
    "HiDreamImagePipeline": ("hidream", "HiDream"),
    "CogVideoXPipeline": ("cogvideox", "CogVideoX"),
    "StableVideoDiffusionPipeline": ("svd", "Stable Video Diffusion"),
}
"""Pipelines of families that cannot be used yet: family and name by class."""

_COMPONENTS = {
    "UNet2DConditionModel": "denoiser",
    "SD3Transformer2DModel": "denoiser",
    "FluxTransformer2DModel": "denoiser",
    "AutoencoderKL": "vae",
    "AutoencoderTiny": "vae",
    "AutoencoderDC": "vae",
    "ControlNetModel": "controlnet",
    "ControlNetUnionModel": "controlnet",
    "FluxControlNetModel": "controlnet",
    "SD3ControlNetModel": "controlnet",
    "T2IAdapter": "t2i_adapter",
    "MotionAdapter": "motion_module",
}
_TEXT_MODELS = {"CLIPTextModel", "CLIPTextModelWithProjection", "T5EncoderModel"}
_ROLES = {768: "clip_l", 1024: "clip_h", 1280: "clip_g"}
_PARTS = {
    "unet": "denoiser",
    "transformer": "denoiser",
    "vae": "vae",
    "text_encoder": "clip_l",
    "text_encoder_2": "clip_g",
    "text_encoder_3": "t5xxl",
}
_FLUX_PARTS = {"text_encoder_2": "t5xxl"}


def is_folder_of_model(path: Path) -> bool:
    """Whether a folder is one model, and not a folder of models. Cheap: opens nothing."""
    return (path / "model_index.json").is_file() or (path / "config.json").is_file()


def recognise_folder(path: Path) -> ModelFile:
    """What a folder is. Raises DiffusionError when its settings cannot be read."""
    size = _bytes_in(path)
    if (path / "model_index.json").exists():
        return _pipeline(path, size)
    if (path / "config.json").exists():
        return _component(path, size)
    return ModelFile(
        "unknown",
        size=size,
        format="folder",
        problem="It is a folder without a model_index.json or a config.json.",
        remedy="Choose what is inside, or copy the whole folder of the model.",
    )


def _pipeline(path: Path, size: int) -> ModelFile:
    index = read_json(path / "model_index.json")
    called = index.get("_class_name")
    base = ModelFile("checkpoint", size=size, format="folder", parts=_parts(path, index))
    if not isinstance(called, str):
        return base.refused("Its model_index.json names no pipeline.", "Copy or download the whole folder again.")
    if called in LATER:
        family, name = LATER[called]
        return ModelFile(
            **{**_fields(base), "family": family, "name": name},
            licence=next((row.licence for row in KNOWN if row.id == family), None),
            problem=f"{name} is known, but Jacquard cannot use it yet.",
            remedy="Use a model of another family until then.",
        )
    if called not in PIPELINES:
        return base.refused(
            f"It is made for {shown(called)}, which is not known here.", "Use a model of another family."
        )
    family, variant = PIPELINES[called]
    name = _denoiser_folder(path)
    denoiser = read_json(path / name / "config.json") if (path / name / "config.json").exists() else {}
    if family == "sd":
        family = "sd2" if denoiser.get("use_linear_projection") is True else "sd1"
        if denoiser.get("addition_embed_type") == "text_time":
            family = "sdxl"
    if family == "sdxl_refiner" and denoiser.get("cross_attention_dim") == 2048:
        family = "sdxl"
    scheduler = path / "scheduler" / "scheduler_config.json"
    predicts = read_json(scheduler).get("prediction_type") if scheduler.exists() else None
    prediction = "v_prediction" if predicts == "v_prediction" else ""
    if prediction and not variant and family in ("sd2", "sdxl"):
        variant = "v"
    if family == "flux" and not variant and denoiser.get("guidance_embeds") is False:
        variant = "schnell"
    if family == "sd3" and not variant:
        variant = "medium" if denoiser.get("dual_attention_layers") else "large" if denoiser.get("qk_norm") else ""
    found = ModelFile(**{**_fields(base), "family": family, "variant": variant, "prediction": prediction})
    try:
        weights = _weights(path / name, _MODEL)
        for part in _folders(index):
            if part != name:
                _weights(path / part, _TEXT if part.startswith("text_encoder") else _MODEL)
    except DiffusionError as error:
        return found.refused(error.args[0], error.remedy)
    return replace(found, precision=precision_of(*weights[0]))


def _component(path: Path, size: int) -> ModelFile:
    config = read_json(path / "config.json")
    called = config.get("_class_name")
    architectures = config.get("architectures")
    listed = [name for name in architectures if isinstance(name, str)] if isinstance(architectures, list) else []
    if isinstance(called, str) and called in _COMPONENTS:
        kind = _COMPONENTS[called]
        found = ModelFile(kind, size=size, format="folder", name=called)
        if kind not in USABLE_KINDS:
            return found
        weights = _weights(path, _MODEL)
        found = replace(found, parts=(kind,), precision=precision_of(*weights[0]))
        channels = config.get("latent_channels")
        if kind == "vae" and type(channels) is int:
            return replace(found, name=f"VAE with {channels} channels", serves=serves_of(channels))
        family = recognise_family({name: info.shape for _, header in weights for name, info in header.tensors.items()})
        return replace(found, family=family[0].id, variant=family[1]) if family else found
    text = next((name for name in listed if name in _TEXT_MODELS), None)
    if text:
        width = config.get("hidden_size")
        role = "t5xxl" if text.startswith("T5") else _ROLES.get(width, "clip_l") if type(width) is int else "clip_l"
        precision = precision_of(*_weights(path, _TEXT)[0])
        serves = next((row.serves for row in ROWS if row.role == role), ())
        return ModelFile(
            "text_encoder", size=size, format="folder", name=text, precision=precision, parts=(role,), serves=serves
        )
    what = called if isinstance(called, str) else listed[0] if listed else "nothing that is known"
    return ModelFile(
        "unknown",
        size=size,
        format="folder",
        problem=f"Its config.json names {shown(what)}.",
        remedy="Choose the folder of the whole model, or a model of another family.",
    )


def _parts(path: Path, index: dict[str, Any]) -> tuple[str, ...]:
    return tuple(role for name, role in _folders(index).items() if (path / name).is_dir())


def _folders(index: dict[str, Any]) -> dict[str, str]:
    """The folders of parts that an index tells of, and their roles."""
    called = str(index.get("_class_name", ""))
    names = _PARTS | (_FLUX_PARTS if called.startswith("Flux") else {})
    return {name: role for name, role in names.items() if index.get(name) not in (None, [None, None])}


def _denoiser_folder(path: Path) -> str:
    return "transformer" if (path / "transformer").is_dir() else "unet"


def _weights(folder: Path, stem: str) -> list[tuple[Path, Header]]:
    """The weight files of a component with their headers. Raises DiffusionError when they are missing, damaged or
    pickles."""
    found = [(path, read_header(path)) for path in find_weights(folder, stem)]
    if not found:
        raise DiffusionError(f"The index of {short(folder)} names no weights.", remedy="Copy the whole folder again.")
    return found


_MODEL, _TEXT = "diffusion_pytorch_model", "model"


def _bytes_in(path: Path) -> int:
    """All bytes of the files in a folder and in the folders in it; of the first few thousand, if there are more."""
    total, seen, pending = 0, 0, [(path, 0)]
    while pending and seen < _MOST_FILES:
        folder, depth = pending.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            seen += 1
            try:
                mode = entry.stat()
            except OSError:
                continue
            if stat.S_ISREG(mode.st_mode):
                total += mode.st_size
            elif stat.S_ISDIR(mode.st_mode) and depth < 2:
                pending.append((path.__class__(entry.path), depth + 1))
    return total


def _fields(model_file: ModelFile) -> dict[str, Any]:
    return {name: getattr(model_file, name) for name in ("kind", "size", "format", "parts", "precision")}
