"""What neither names nor shapes tell: by the values of a small tensor, by metadata, and last by the file's name."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.weight_files.reading import open_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from diffusion.model_files.model_file import ModelFile
    from diffusion.weight_files.header import TensorInfo

    Tensors = Callable[[], Mapping[str, TensorInfo]]

_SAYS_V = re.compile(r"v[-_ ]?pred|(?:^|[^0-9a-z])v2(?:[-_.]1)?[-_]768", re.IGNORECASE)
_KONTEXT = re.compile(r"kontext", re.IGNORECASE)
# VAEs of some families have the same tensors, and only their names tell them apart.
_VAES = (
    (re.compile(r"sdxl|sd_xl|(?:^|[-_.])xl(?:[-_.]|$)", re.IGNORECASE), ("sdxl", "sdxl_refiner", "pixart", "kolors")),
    (re.compile(r"ft[-_]mse|ft[-_]ema|840000|560000", re.IGNORECASE), ("sd1", "sd2")),
    (re.compile(r"sd[-_]?3", re.IGNORECASE), ("sd3",)),
    (re.compile(r"^ae$|flux", re.IGNORECASE), ("flux", "zimage", "lumina2", "chroma", "hidream", "omnigen2")),
)

# In Stable Diffusion 2 the biases of the last norm spread wider when it was trained to predict v; the field's programs
# tell the two apart by this number.
_LAST_NORM = "output_blocks.11.1.transformer_blocks.0.norm1.bias"
_SPREAD_OF_V = 0.09
_MOST_BYTES = 1 << 14


def hinted(path: Path, metadata: Mapping[str, object], tensors: Tensors, found: ModelFile) -> ModelFile:
    """The same, with the variants that only show in values, in metadata or in the file's name. `tensors` gives those of
    the file's header; it is asked only where values tell."""
    name = path.name
    if found.kind == "vae" and found.is_usable:
        told = next((families for pattern, families in _VAES if pattern.search(path.stem)), found.serves)
        return replace(found, serves=tuple(family for family in found.serves if family in told) or found.serves)
    if found.kind not in ("checkpoint", "denoiser"):
        return found
    if found.family == "flux" and not found.variant and _KONTEXT.search(name):
        return replace(found, variant="kontext")
    if found.family in ("sd2", "sdxl") and not found.variant and _predicts_v(path, metadata, tensors, found.family):
        found = replace(found, variant="v")
    if found.variant in ("v", "v_zero_snr"):
        return replace(found, prediction="v_prediction")
    return found


def _predicts_v(path: Path, metadata: Mapping[str, object], tensors: Tensors, family: str) -> bool:
    spread = _spread(path, tensors()) if family == "sd2" else None
    if spread is not None:
        return spread > _SPREAD_OF_V
    told = metadata.get("modelspec.prediction_type")
    if isinstance(told, str) and told:
        return told.lower() in ("v", "v_prediction")
    return _SAYS_V.search(path.name) is not None


def _spread(path: Path, tensors: Mapping[str, TensorInfo]) -> float | None:
    """The standard deviation of the last norm's biases; None when they are not there in plain numbers."""
    tensor = next((tensor for key, tensor in tensors.items() if key.endswith(_LAST_NORM)), None)
    if tensor is None or not 0 < tensor.end - tensor.start <= _MOST_BYTES:
        return None
    try:
        with open_plain(path) as file:
            file.seek(tensor.start)
            raw = file.read(tensor.end - tensor.start)
    except (OSError, DiffusionError):
        return None
    if tensor.dtype == "BF16":  # the upper half of a float32
        raw = b"".join(b"\0\0" + raw[at : at + 2] for at in range(0, len(raw), 2))
    code = {"F16": "e", "F32": "f", "BF16": "f"}.get(tensor.dtype)
    if code is None or len(raw) % struct.calcsize(code):
        return None
    values = struct.unpack(f"<{len(raw) // struct.calcsize(code)}{code}", raw)
    middle = sum(values) / len(values)
    spread = (sum((value - middle) ** 2 for value in values) / len(values)) ** 0.5
    return spread if 0 < spread < float("inf") else None  # all alike: they were never trained, or are not there
