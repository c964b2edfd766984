"""How the weights of a file are stored: by the types of most of its bytes, and the names beside quantised ones."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.weight_files.reading import open_plain

if TYPE_CHECKING:
    from pathlib import Path

    from diffusion.weight_files.header import Header

PLAIN = {
    "F64": "fp64",
    "F32": "fp32",
    "F16": "fp16",
    "BF16": "bf16",
    "F8_E4M3": "fp8",
    "F8_E5M2": "fp8 e5m2",
    "I8": "int8",
    "U8": "uint8",
}
"""How people call the types of weights."""

UNREADABLE = ("nvfp4", "mxfp8", "nf4", "svdquant", "packed 4 bit", "int4", "fp4")
"""Ways of storing that nothing here can widen."""
_GGUF_READABLE = ("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K")

_SCALES = (".scale_weight", ".weight_scale", "scaled_fp8")
_NOTE = ".comfy_quant"
_MOST_NOTES, _LONGEST_NOTE = 8, 4096


def precision_of(path: Path, header: Header) -> str:
    """How most of the bytes are stored, as people call it: "fp16", "fp8 scaled", "int8 rotated", "Q4_K"."""
    most = _most(header)
    if not most:
        return ""
    if header.format == "gguf":
        return PLAIN.get(most, most) if most in ("F32", "F16", "BF16") else most
    names = "\n".join(header.tensors) + "\n"
    if ".wscales\n" in names or ".wtscale\n" in names:
        return "svdquant"
    if "bitsandbytes__" in names:
        return "nf4" if "bitsandbytes__nf4" in names else "fp4"
    formats = _formats(path, header, has_notes=f"{_NOTE}\n" in names)
    if most == "U8" and (".weight_scale_2\n" in names or "nvfp4" in formats):
        return "nvfp4"
    for packed in ("mxfp8", "nvfp4"):
        if packed in formats and len(formats) == 1:
            return packed
    if formats & {"convrot_w4a4", "asym_w4a8_int8", "awq_w4a16"} and most in ("I8", "U8"):
        return "packed 4 bit"
    called = PLAIN.get(most, most)
    if called == "int8" and "rotated" in formats:
        return "int8 rotated"
    is_scaled = called.startswith("fp8") and any(f"{mark}\n" in names for mark in _SCALES)
    return f"{called} scaled" if is_scaled else called


def unreadable(precision: str, file_format: str) -> bool:
    """Whether weights that are stored so cannot be widened here."""
    if file_format == "gguf":
        return precision not in (*_GGUF_READABLE, *PLAIN.values())
    return precision in UNREADABLE or precision.startswith(("F4", "F6", "F8_"))


def _most(header: Header) -> str:
    """The type of most bytes; "" of a file without tensors."""
    types = {tensor[0] for tensor in header.tensors.values()}
    if len(types) < 2:
        return next(iter(types), "")
    sizes: Counter[str] = Counter()
    for dtype, _, start, end in header.tensors.values():
        sizes[dtype] += end - start
    return sizes.most_common(1)[0][0]


def _formats(path: Path, header: Header, *, has_notes: bool) -> set[str]:
    """The names of formats in the file's notes on how it is quantised, and "rotated" when weights are rotated."""
    notes = []
    whole = header.metadata.get("_quantization_metadata")
    if isinstance(whole, str) and len(whole) <= 1 << 22:
        layers = _json(whole)
        layers = layers.get("layers") if isinstance(layers, dict) else None
        notes += list(layers.values()) if isinstance(layers, dict) else []
    places = {
        tensor.end - tensor.start: tensor  # one of each length is enough: they differ by format
        for name, tensor in (header.tensors.items() if has_notes else ())
        if name.endswith(_NOTE) and tensor.end - tensor.start <= _LONGEST_NOTE
    }
    if places:
        try:
            with open_plain(path) as file:
                for tensor in list(places.values())[:_MOST_NOTES]:
                    file.seek(tensor.start)
                    notes.append(_json(file.read(tensor.end - tensor.start)))
        except (OSError, DiffusionError):
            pass  # what cannot be read says nothing
    found = {str(note.get("format", "")) for note in notes if isinstance(note, dict)}
    return found | {"rotated" for note in notes if isinstance(note, dict) and note.get("convrot") is True}


def _json(text: str | bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
