"""Weight files in each way of storing them: what people's tools do to weights, so that reading can undo it.

Each function takes float weights by name and gives a `Made`: what a file of that kind holds, and the `wide` weights
that it stands for, widened by other means than those of the program. What is no matrix keeps its type (`rest`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

FP8_SPELLINGS = ("old", "new", "metadata")
HALVES = {"Q2_K": (80, 82), "Q3_K": (108,), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,)}
"""Where blocks of K-quants have float16 numbers."""
_SIZES = {"Q2_K": 84, "Q3_K": 110, "Q4_K": 144, "Q5_K": 176, "Q6_K": 210}
_SPREAD = {"Q2_K": 13.0, "Q3_K": 43.0, "Q4_K": 330.0, "Q5_K": 660.0, "Q6_K": 1350.0}
"""Roughly the deviation of random blocks whose float16 numbers have a deviation of one."""


@dataclass
class Made:
    """What a file holds: tensors as they are stored, and texts; and the float32 weights that are meant by it."""

    tensors: dict[str, Tensor]
    wide: dict[str, Tensor]
    metadata: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        """Writes the safetensors file."""
        from safetensors.torch import save_file

        save_file({name: tensor.contiguous() for name, tensor in self.tensors.items()}, path, self.metadata or None)
        return path


def plain(weights: Mapping[str, Tensor], dtype: torch.dtype = torch.float16) -> Made:
    """All weights in one type, also fp8 without scales."""
    tensors = {name: weight.to(dtype) for name, weight in weights.items()}
    return Made(tensors, {name: tensor.float() for name, tensor in tensors.items()})


def scaled_fp8(
    weights: Mapping[str, Tensor],
    spelling: str = "old",
    dtype: torch.dtype = torch.float8_e4m3fn,
    rest: torch.dtype = torch.float16,
    marker: str = "scaled_fp8",
) -> Made:
    """Scaled fp8: "old" with a `scaled_fp8` tensor, "new" with a marker at each layer, "metadata" with one text.

    `marker`: the full name of the tensor of the old spelling: in an all-in-one file it has a prefix.
    """
    made = _with_rest(weights, rest)
    kind = {torch.float8_e4m3fn: "float8_e4m3fn", torch.float8_e5m2: "float8_e5m2"}[dtype]
    layers = {}
    for name in _matrices(weights):
        layer, weight = name.removesuffix(".weight"), weights[name].float()
        scale = (weight.abs().amax() / torch.finfo(dtype).max).clamp(min=1e-12)
        stored = (weight / scale).to(dtype)
        made.tensors[name], made.wide[name] = stored, stored.float() * scale
        if spelling == "old":
            made.tensors |= {f"{layer}.scale_weight": scale.reshape(1), f"{layer}.scale_input": torch.ones(1)}
        else:
            made.tensors |= {f"{layer}.weight_scale": scale, f"{layer}.input_scale": torch.tensor(1.0)}
            layers[layer] = {"format": kind}
    if spelling == "old":
        made.tensors[marker] = torch.empty(0, dtype=dtype)
    return _marked(made, layers, spelling)


def int8(
    weights: Mapping[str, Tensor],
    group: int = 0,
    spelling: str = "new",
    *,
    by_row: bool = True,
    rest: torch.dtype = torch.bfloat16,
) -> Made:
    """int8 with a scale for each row or for the tensor. With a `group`, matrices that it fits are rotated before."""
    made = _with_rest(weights, rest)
    layers: dict[str, dict[str, object]] = {}
    for name in _matrices(weights):
        layer, weight = name.removesuffix(".weight"), weights[name].float()
        is_rotated = bool(group) and weight.dim() == 2 and weight.shape[1] % group == 0
        turned = _rotated(weight, group) if is_rotated else weight
        flat = turned.reshape(len(turned), -1)
        largest = flat.abs().amax(dim=1, keepdim=True) if by_row else flat.abs().amax()
        scale = (largest / 127).clamp(min=1e-12)
        stored = (flat / scale).round().clamp(-128, 127).to(torch.int8)
        meant = (stored.float() * scale).reshape(weight.shape)
        made.tensors |= {name: stored.reshape(weight.shape), f"{layer}.weight_scale": scale}
        made.wide[name] = _rotated(meant, group) if is_rotated else meant
        layers[layer] = {"format": "int8_tensorwise"}
        if is_rotated:
            layers[layer] |= {"convrot": True, "convrot_groupsize": group}
    return _marked(made, layers, spelling)


def regular_hadamard(size: int) -> Tensor:
    """The matrix of the rotation (float32 [size, size]), written down as the paper does."""
    factor = torch.tensor([[1, 1, 1, -1], [1, 1, -1, 1], [1, -1, 1, 1], [-1, 1, 1, 1]], dtype=torch.float32)
    made = factor
    while len(made) < size:
        made = torch.kron(made, factor)
    return made / size**0.5


def gguf_blocks(weight: Tensor, kind: str, seed: int = 0) -> np.ndarray:
    """The bytes of a weight as GGUF (uint8 [rows, bytes]). K-quants, for which there is no quantiser here, become
    random blocks of about the weight's deviation."""
    import gguf

    values = weight.float().numpy()
    if kind in _SIZES:
        random = np.random.default_rng(seed)
        blocks = random.integers(0, 256, (values.size // 256, _SIZES[kind]), dtype=np.uint8)
        for at in HALVES[kind]:
            numbers = random.normal(0, values.std() / _SPREAD[kind], (len(blocks), 1)).astype(np.float16)
            blocks[:, at : at + 2] = numbers.view(np.uint8)
        return blocks.reshape(len(values), -1)
    with np.errstate(all="ignore"):
        return gguf.quants.quantize(values, gguf.GGMLQuantizationType[kind]).view(np.uint8)


def write_gguf(
    path: Path, weights: Mapping[str, Tensor], kind: str, *, architecture: str = "flux", rest: str = "F16"
) -> dict[str, Tensor]:
    """Writes a GGUF file, and gives the float32 weights that are meant by it.

    Matrices whose rows are no whole blocks are stored as a stream of blocks of 256 with their shape beside, where
    they have as many values; others and vectors are stored as `rest` and float32.
    """
    import gguf

    writer = gguf.GGUFWriter(path, architecture)
    wide = {}
    for number, (name, weight) in enumerate(weights.items()):
        shape, stored = tuple(weight.shape), weight.float()
        chosen = gguf.GGMLQuantizationType[kind if name in _matrices(weights) else "F32"]
        block = gguf.GGML_QUANT_SIZES[chosen][0]
        if block > 1 and shape[-1] % block:
            if stored.numel() % 256:
                chosen = gguf.GGMLQuantizationType[rest]
            else:
                writer.add_array(f"comfy.gguf.orig_shape.{name}", shape)
                stored = stored.reshape(-1, 256)
        raw = gguf_blocks(stored, chosen.name, seed=number)
        wide[name] = torch.from_numpy(gguf.quants.dequantize(raw, chosen).astype(np.float32).reshape(shape))
        writer.add_tensor(name, raw, raw_shape=_raw_shape(stored, chosen), raw_dtype=chosen)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return wide


def _matrices(weights: Mapping[str, Tensor]) -> list[str]:
    """The weights that tools make small: those of layers, not those of norms."""
    return [name for name, weight in weights.items() if name.endswith(".weight") and weight.dim() >= 2]


def _with_rest(weights: Mapping[str, Tensor], dtype: torch.dtype) -> Made:
    return plain({name: weight for name, weight in weights.items() if name not in _matrices(weights)}, dtype)


def _marked(made: Made, layers: Mapping[str, Mapping[str, object]], spelling: str) -> Made:
    if spelling == "metadata":
        made.metadata["_quantization_metadata"] = json.dumps({"format_version": "1.0", "layers": layers})
    elif spelling == "new":
        for layer, settings in layers.items():
            text = json.dumps(settings).encode()
            made.tensors[f"{layer}.comfy_quant"] = torch.tensor(list(text), dtype=torch.uint8)
    return made


def _rotated(weight: Tensor, group: int) -> Tensor:
    rotation = regular_hadamard(group)
    return (weight.reshape(len(weight), -1, group) @ rotation.T).reshape(weight.shape)


def _raw_shape(weight: Tensor, chosen: object) -> tuple[int, ...]:
    """The shape in bytes that the writer asks for."""
    import gguf

    values, size = gguf.GGML_QUANT_SIZES[chosen]
    return (*weight.shape[:-1], weight.shape[-1] // values * size)
