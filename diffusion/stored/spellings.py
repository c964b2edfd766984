"""How files spell what their tensors are: which belong together, and in what format. Free of torch.

- safetensors with numbers of one type; fp8 without a scale is one of these
- scaled fp8, older spelling: `layer.scale_weight` beside `layer.weight`, and a tensor `scaled_fp8` somewhere
- scaled fp8 and int8, newer spelling: `layer.weight_scale`, and what format it is in `layer.comfy_quant`, a tensor with
  JSON text, or for all layers in the file's `_quantization_metadata`
- GGUF: each tensor has its type

Scales of activations (`scale_input`, `input_scale`) are not needed where products are computed wide: they are left out.
Formats that cannot be used are refused by their names.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from diffusion.errors import DiffusionError
from diffusion.stored.rotation import is_group
from diffusion.weight_files.header import Header, TensorInfo

REMEDY = "Get the fp8 or the GGUF Q8_0 file of the same model."
BLOCKS = ("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K")
"""The types of GGUF in blocks that can be used."""
NUMBERS = frozenset({
    "F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL",
})  # fmt: skip
"""The types of plain numbers that can be used, as safetensors names them."""
SCALED = {"float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2", "int8_tensorwise": "I8"}
"""Format of a layer -> the type that its weight has then."""

_MARKER = ".comfy_quant"
_SCALES = (".scale_weight", ".weight_scale")
_BESIDE_A_WEIGHT = (*_SCALES, ".scale_input", ".input_scale", ".weight_scale_2", ".pre_quant_scale")
_PREFIXES = ("model.diffusion_model.", "diffusion_model.", "transformer.", "model.")
_MARKER_BYTES = 1 << 16
_TEXT = "_quantization_metadata"


@dataclass(frozen=True, slots=True)
class Entry:
    """A weight of a file: where its data are, the `shape` that counts for the model, the tensor with its `scale` if
    there is one, and the `group` of its rotation (0: not rotated)."""

    data: TensorInfo
    shape: tuple[int, ...]
    scale: TensorInfo | None = None
    group: int = 0


def entries(header: Header, content: Callable[[TensorInfo], bytes]) -> dict[str, Entry]:
    """The weights of a file by name, without the tensors that only serve others. `content` gives the bytes of a
    tensor; it is asked for short texts only.

    Raises DiffusionError for a format that cannot be used or contradicts itself.
    """
    if header.format == "gguf":
        return {name: _gguf_entry(name, info) for name, info in header.tensors.items()}
    _refuse_foreign(header.tensors)
    formats = _formats(header, content)
    return {
        name: _entry(name, info, header.tensors, formats)
        for name, info in header.tensors.items()
        if not _only_serves(name, header.tensors)
    }


def _only_serves(name: str, tensors: Mapping[str, TensorInfo]) -> bool:
    if name.endswith((_MARKER, ".comfy_attention.config")) or name.rpartition(".")[2] == "scaled_fp8":
        return True
    return any(name.endswith(end) and name.removesuffix(end) + ".weight" in tensors for end in _BESIDE_A_WEIGHT)


def _entry(name: str, info: TensorInfo, tensors: Mapping[str, TensorInfo], formats: Mapping[str, Any]) -> Entry:
    layer = name.removesuffix(".weight")
    scales = [tensors[layer + end] for end in _SCALES if layer != name and layer + end in tensors]
    settings = formats.get(layer) if layer != name else None
    if info.dtype not in NUMBERS:
        raise _unusable(f"The tensor {name} is stored as {info.dtype}, which cannot be used.")
    if not scales:
        if settings is not None:
            raise _contradiction(f"{layer} is marked as {settings.get('format', 'quantised')} and has no weight_scale")
        if layer != name and not info.dtype.startswith(("F", "BF")):
            raise _unusable(f"The tensor {name} is packed into {info.dtype} without a scale, which cannot be used.")
        return Entry(info, info.shape)
    if settings is not None:
        expected = SCALED.get(settings.get("format") or "int8_tensorwise")
        if expected != info.dtype:
            raise _contradiction(f"{name} is stored as {info.dtype}, its mark says {settings.get('format')}")
    if info.dtype not in SCALED.values() and not info.dtype.startswith(("F", "BF")):
        raise _unusable(f"The tensor {name} is packed into {info.dtype} with a scale, which cannot be used.")
    if f"{layer}.pre_quant_scale" in tensors:
        raise _unusable(f"The layer {layer} scales its inputs (pre_quant_scale), which cannot be used.")
    if not info.shape:
        raise _contradiction(f"{name} is a single number and has a scale")
    if scales[0].dtype not in ("F32", "F16", "BF16"):
        raise _unusable(f"The scale of {name} is stored as {scales[0].dtype}, which cannot be used.")
    if (count := math.prod(scales[0].shape)) not in (1, info.shape[0]):
        raise _unusable(
            f"The scale of {name} has {count} values for {list(info.shape)}; one, or one for each row, can be used."
        )
    return Entry(info, info.shape, scales[0], _group(layer, info, settings or {}))


def _group(layer: str, info: TensorInfo, settings: Mapping[str, Any]) -> int:
    inner = settings.get("params")
    both = {**(inner if isinstance(inner, dict) else {}), **settings}
    if not both.get("convrot"):
        return 0
    group = both.get("convrot_groupsize", 256)
    if not isinstance(group, int) or not is_group(group) or len(info.shape) != 2 or info.shape[1] % group:
        raise _contradiction(f"{layer} is rotated in groups of {group!r}, which do not fill rows of {list(info.shape)}")
    return group


def _formats(header: Header, content: Callable[[TensorInfo], bytes]) -> dict[str, dict[str, Any]]:
    """What the file says of each layer's format, by the layer's name; refuses what cannot be used."""
    found: dict[str, Any] = {}
    text = header.metadata.get(_TEXT)
    if isinstance(text, str):
        layers = _json(text, _TEXT).get("layers", {})
        for layer, settings in layers.items() if isinstance(layers, dict) else ():
            found[_in_full(layer, header.tensors)] = settings
    for name, info in header.tensors.items():
        if name.endswith(_MARKER):
            if info.end - info.start > _MARKER_BYTES:
                raise _contradiction(f"{name} is no short text")
            found[name.removesuffix(_MARKER)] = _json(content(info), name)
    made = {layer: {"format": said} if isinstance(said, str) else said for layer, said in found.items()}
    for layer, settings in made.items():
        if not isinstance(settings, dict) or not isinstance(settings.get("format", ""), str):
            raise _contradiction(f"the mark of {layer} is no object")
        if (kind := settings.get("format")) is not None and kind not in SCALED:
            raise _unusable(f"The layer {layer} is stored as {kind}, which cannot be used.")
    return made


def _in_full(layer: str, tensors: Mapping[str, TensorInfo]) -> str:
    """A layer's name as the tensors have it: metadata may leave out what an all-in-one file puts in front."""
    names = (prefix + layer for prefix in ("", *_PREFIXES))
    return next((name for name in names if f"{name}.weight" in tensors), layer)


def _refuse_foreign(tensors: Mapping[str, TensorInfo]) -> None:
    """Raises DiffusionError for the ways of other programs to pack weights, which go by the names of tensors."""
    for name in tensors:
        layer, _, leaf = name.rpartition(".")
        if leaf == "qweight":
            svd = any(f"{layer}.{end}" in tensors for end in ("wscales", "wtscale", "proj_down", "lora_down"))
            kind = "Nunchaku's SVDQuant" if svd else "4-bit AWQ or GPTQ"
            raise _unusable(f"The layer {layer} is stored as {kind}, which needs kernels that Jacquard has not.")
        if "bitsandbytes__" in leaf:
            raise _unusable(f"The tensor {layer} is stored by bitsandbytes, which cannot be used.")
        if leaf == "weight_scale_2" and f"{layer}.weight" in tensors:
            raise _unusable(f"The layer {layer} is stored as nvfp4, which cannot be used.")


def _gguf_entry(name: str, info: TensorInfo) -> Entry:
    if info.dtype not in BLOCKS and info.dtype not in NUMBERS:
        raise _unusable(f"The tensor {name} is stored as {info.dtype}, which cannot be used.")
    return Entry(info, info.shape)


def _json(text: str | bytes, place: str) -> dict[str, Any]:
    try:
        made = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _contradiction(f"{place} is no JSON text") from error
    if not isinstance(made, dict | str):
        raise _contradiction(f"{place} is no object")
    return made if isinstance(made, dict) else {"format": made}


def _unusable(message: str) -> DiffusionError:
    return DiffusionError(message, remedy=REMEDY)


def _contradiction(what: str) -> DiffusionError:
    return DiffusionError(f"The file contradicts itself: {what}.", remedy="Copy or download the file again.")
