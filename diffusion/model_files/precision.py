"""How the weights of a file are stored: by the types of most of its bytes, and the names beside quantised ones."""

from __future__ import annotations

import json
from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.stored.spellings import BLOCKS, NUMBERS, SCALED
from diffusion.weight_files.reading import open_plain

if TYPE_CHECKING:
    from collections.abc import Sequence
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

_READABLE = {*PLAIN.values(), *NUMBERS, *BLOCKS}

_SCALE_ENDS = (".scale_weight", ".weight_scale", "scaled_fp8")
_NOTE = ".comfy_quant"
NOTES_OF_ALL = "_quantization_metadata"
"""Where metadata tell how each layer is quantised."""
_MOST_NOTES, _LONGEST_NOTE, _LONGEST_WORD = 8, 4096, 40

# What names of tensors give away, and how people call it; nothing here can widen these.
_FOREIGN = (
    (".wscales", "svdquant"),
    (".wtscale", "svdquant"),
    (".qweight", "AWQ or GPTQ"),
    (".weight_scale_2", "nvfp4"),
    (".pre_quant_scale", "scaled inputs"),
)


def precision_of(path: Path, header: Header) -> str:
    """How most of the bytes are stored, as people call it: "fp16", "fp8 scaled", "int8 rotated", "Q4_K". What else is
    there and cannot be read comes behind "with": "fp8 scaled with nvfp4"."""
    types = set(map(itemgetter(0), header.tensors.values()))
    most = _most(header, types)
    if not most:
        return ""
    strange = sorted(types - NUMBERS - set(BLOCKS))
    if header.format == "gguf":
        return _joined(PLAIN.get(most, most), strange)
    names = "\n".join(header.tensors) + "\n"
    found = [called for end, called in _FOREIGN if f"{end}\n" in names][:1]
    if "bitsandbytes__" in names:
        found.append("nf4" if "bitsandbytes__nf4" in names else "bitsandbytes")
    formats = _formats(path, header, may_have_notes=f"{_NOTE}\n" in names)
    found += sorted(formats - SCALED.keys() - {_ROTATED, "", *found})
    if most == "U8" and found:  # values of these are packed in bytes
        return _joined(found[0], [*found[1:], *strange])
    called = PLAIN.get(most, most)
    if called == "int8" and _ROTATED in formats:
        called = "int8 rotated"
    elif called.startswith("fp8") and any(f"{end}\n" in names for end in _SCALE_ENDS):
        called = f"{called} scaled"
    return _joined(called, [*found, *strange])


def has_notes(header: Header) -> bool:
    """Whether how a file is stored does not only stand in its list of tensors, but in notes besides."""
    return NOTES_OF_ALL in header.metadata or f"{_NOTE}\n" in "\n".join((*header.tensors, ""))


def unreadable(precision: str) -> bool:
    """Whether weights that are stored so cannot be widened here."""
    words = [word for part in precision.split(_WITH) for word in part.split(", ")]
    return any(word.removesuffix(" scaled").removesuffix(" rotated") not in _READABLE for word in words if word)


_WITH, _ROTATED = " with ", "rotated"


def _joined(called: str, others: Sequence[str]) -> str:
    rest = [other for other in others if other != called]
    return f"{called}{_WITH}{', '.join(rest)}" if rest else called


def _most(header: Header, types: set[str]) -> str:
    """The type of most bytes; "" of a file without tensors."""
    if len(types) < 2:
        return next(iter(types), "")
    sizes: Counter[str] = Counter()
    for dtype, _, start, end in header.tensors.values():
        sizes[dtype] += end - start
    return sizes.most_common(1)[0][0]


def _formats(path: Path, header: Header, *, may_have_notes: bool) -> set[str]:
    """The names of formats in the file's notes on how it is quantised, and "rotated" when weights are rotated."""
    notes = []
    whole = header.metadata.get(NOTES_OF_ALL)
    if isinstance(whole, str) and len(whole) <= 1 << 22:
        layers = _json(whole)
        layers = layers.get("layers") if isinstance(layers, dict) else None
        notes += list(layers.values()) if isinstance(layers, dict) else []
    places = {
        tensor.end - tensor.start: tensor  # one of each length is enough: they differ by format
        for name, tensor in (header.tensors.items() if may_have_notes else ())
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
    said = [note.get("format", "") if isinstance(note, dict) else note for note in notes]
    found = {word for word in said if isinstance(word, str) and word.isidentifier() and len(word) <= _LONGEST_WORD}
    return found | {_ROTATED for note in notes if isinstance(note, dict) and note.get("convrot") is True}


def _json(text: str | bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
