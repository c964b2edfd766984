"""From a LoRA to the tensors of a file that other programs load: in the names of kohya, or in those of diffusers.

kohya's names are those of the original networks for SDXL, SD3 and Flux, where layers that are one there (query, key
and value) become one again. diffusers has only LoRA and DoRA, and no alpha: there it is multiplied in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from safetensors.torch import save

from diffusion.errors import DiffusionError
from diffusion.loras.changes import Difference, Dora, LoHa, LoKr, LowRank, Oft, Rows
from diffusion.loras.fusing import original_layers
from diffusion.loras.parts import BIAS, DENOISER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from diffusion.loras.contract import Change
    from diffusion.loras.lora import Lora

FORMATS = ("kohya", "diffusers")

_INNER = "text_model."
_NUMBERS = {
    "sdxl": {"clip_l": 1, "clip_g": 2},
    "sdxl_refiner": {"clip_g": 2},
    "sd3": {"clip_l": 1, "clip_g": 2, "t5xxl": 3},
    "flux": {"clip_l": 1, "t5xxl": 2},
}
"""How diffusers numbers the text encoders of a family that has several; that of others has no number."""
_KOHYA_NUMBERS = {**_NUMBERS, "flux": {"clip_l": 1, "t5xxl": 3}}
_BASES = {
    "sd1": ("sd_v1", "stable-diffusion-v1"),
    "sd2": ("sd_v2", "stable-diffusion-v2-768-v"),
    "sdxl": ("sdxl_base_v1-0", "stable-diffusion-xl-v1-base"),
    "sdxl_refiner": ("sdxl_refiner", "stable-diffusion-xl-v1-refiner"),
    "sd3": ("sd3", "stable-diffusion-3"),
    "flux": ("flux1", "flux-1-dev"),
}
"""What metadata call the families: kohya, and the field's model specification."""


def file_of(lora: Lora, form: str = "kohya") -> bytes:
    """A safetensors file with a LoRA in one of FORMATS. Raises DiffusionError for a LoRA that a format cannot hold."""
    tensors = {"kohya": kohya, "diffusers": diffusers}[_checked(form)](lora)
    if not tensors:
        raise DiffusionError("The LoRA changes nothing.", remedy="Train it, or load another one.", input="lora")
    return save(_apart(tensors), metadata=metadata_of(lora))


def metadata_of(lora: Lora) -> dict[str, str]:
    """The texts of a file: those of the LoRA, and what says for which family and of which rank it is."""
    low = [change for change in lora.changes() if isinstance(change, LowRank)]
    alphas = {change.alpha for change in low}
    found = {
        **lora.metadata,
        "format": "pt",
        "ss_network_module": "networks.lora",
        "ss_network_dim": str(lora.rank),
        "ss_network_alpha": f"{alphas.pop():g}" if len(alphas) == 1 else "Dynamic",
    }
    if lora.family in _BASES:
        base, architecture = _BASES[lora.family]
        found |= {"ss_base_model_version": base, "modelspec.architecture": f"{architecture}/lora"}
    return found


def kohya(lora: Lora) -> dict[str, Tensor]:
    """The tensors by kohya's names."""
    found: dict[str, Tensor] = {}
    for part, changes in lora.layers.items():
        if part == DENOISER:
            layers = {
                f"lora_unet_{_flat(name)}" if known else f"lora_transformer_{_flat(name)}": change
                for name, known, change in original_layers(changes, lora.family)
            }
        else:
            number = _KOHYA_NUMBERS.get(lora.family, {}).get(part, "")
            layers = {f"lora_te{number}_{_flat(_with_inner(part, path))}": change for path, change in changes.items()}
        for name, change in layers.items():
            found |= _kohya_tensors(name, change)
    return found


def diffusers(lora: Lora) -> dict[str, Tensor]:
    """The tensors by the names of diffusers; raises DiffusionError for what is neither LoRA nor DoRA."""
    found: dict[str, Tensor] = {}
    for part, changes in lora.layers.items():
        network = "transformer" if lora.family in ("sd3", "flux") else "unet"
        if part != DENOISER:
            number = _NUMBERS.get(lora.family, {}).get(part, 1)
            network = "text_encoder" if number == 1 else f"text_encoder_{number}"
        for path, change in changes.items():
            name = f"{network}.{path if part == DENOISER else _with_inner(part, path)}"
            found |= _diffusers_tensors(name, change)
    return found


def _kohya_tensors(name: str, change: Change) -> dict[str, Tensor]:
    if isinstance(change, Dora):
        return {**_kohya_tensors(name, change.of), f"{name}.dora_scale": change.magnitude}
    if isinstance(change, LowRank):
        found = {f"{name}.lora_down.weight": change.down, f"{name}.lora_up.weight": change.up}
        if change.mid is not None:
            found[f"{name}.lora_mid.weight"] = change.mid
        return {**found, f"{name}.alpha": torch.tensor(change.alpha)}
    if isinstance(change, LoHa):
        return {**_spelled(name, "hada_", change), f"{name}.alpha": torch.tensor(change.alpha)}
    if isinstance(change, LoKr):
        return {**_spelled(name, "lokr_", change), f"{name}.alpha": torch.tensor(change.alpha)}
    if isinstance(change, Oft):
        rescale = {} if change.rescale is None else {f"{name}.rescale": change.rescale}
        alpha = torch.tensor(change.constraint)
        return {f"{name}.oft_blocks": change.blocks, f"{name}.alpha": alpha, **rescale}
    values = _written_out(change)
    bias = _flat(BIAS)
    return {f"{name.removesuffix(bias)}.diff_b": values} if name.endswith(bias) else {f"{name}.diff": values}


def _spelled(name: str, method: str, change: Change) -> dict[str, Tensor]:
    """`w1a` as `w1_a`."""
    spelled = {part: part if len(part) < 3 else f"{part[:2]}_{part[2:]}" for part in change.tensors()}
    return {f"{name}.{method}{spelled[part]}": tensor for part, tensor in change.tensors().items()}


def _written_out(change: Change) -> Tensor:
    if isinstance(change, Difference):
        return change.values
    if not isinstance(change, Rows):
        raise TypeError(f"a change of the kind {change.kind}")
    return change.delta(torch.zeros(change.end - change.start, *change.shape[1:]))


def _diffusers_tensors(name: str, change: Change) -> dict[str, Tensor]:
    if isinstance(change, Dora) and change.magnitude.shape[0] == change.magnitude.numel():
        inner = _diffusers_tensors(name, change.of)
        return {**inner, f"{name}.lora_magnitude_vector": change.magnitude.reshape(-1)}
    if not isinstance(change, LowRank) or change.mid is not None:
        raise DiffusionError(
            f"The format of diffusers holds LoRA and DoRA; {name} is changed in another way ({change.kind}).",
            remedy="Save it in the format kohya.",
            input="format",
        )
    scale = change.alpha / change.rank
    up = change.up if scale == 1 else (change.up.to(torch.float32) * scale).to(change.up.dtype)
    return {f"{name}.lora_A.weight": change.down, f"{name}.lora_B.weight": up}


def _with_inner(part: str, path: str) -> str:
    """The path as all but the newest transformers have it: those of CLIP with `text_model.` in front."""
    is_inner = path.startswith(("encoder.", "embeddings.", "final_layer_norm"))
    return f"{_INNER}{path}" if part != "t5xxl" and is_inner else path


def _flat(path: str) -> str:
    return path.replace(".", "_")


def _apart(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors that share no memory, which a file cannot hold."""
    seen: set[int] = set()
    found = {}
    for name, tensor in tensors.items():
        whole = tensor.detach().to("cpu").contiguous()
        pointer = whole.untyped_storage().data_ptr()
        found[name] = whole.clone() if pointer in seen else whole
        seen.add(pointer)
    return found


def _checked(form: str) -> str:
    if form in FORMATS:
        return form
    raise DiffusionError(f"There is no format {form!r}.", remedy=f"Choose one of {', '.join(FORMATS)}.", input="format")
