"""The alpha of layers that files in PEFT's and diffusers' spelling tell beside the tensors, in their metadata.

diffusers writes the settings of PEFT (`LoraConfig`) as JSON, each with the network's name in front:
`{"unet.r": 8, "unet.lora_alpha": 16, "unet.alpha_pattern": {"attn1.to_q": 4}, "unet.use_rslora": false}`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

SETTINGS = "lora_adapter_metadata"
"""The key of the file's metadata."""

_LONGEST = 1_000_000


class Alphas:
    """What a file's metadata say of alphas; nothing where they are of another make."""

    def __init__(self, metadata: Mapping[str, object]) -> None:
        text = metadata.get(SETTINGS)
        try:
            found = json.loads(text) if isinstance(text, str) and len(text) <= _LONGEST else {}
        except (ValueError, RecursionError):
            found = {}
        self._said: Mapping[str, Any] = found if isinstance(found, dict) else {}

    def of(self, layer: str, rank: int) -> float | None:
        """The alpha of a layer of this rank, by its name in the file ("unet.down_blocks.0....to_q"); None where nobody
        says it."""
        network, _, path = layer.partition(".")
        alpha = self._said.get(f"{network}.lora_alpha")
        pattern = self._said.get(f"{network}.alpha_pattern")
        for name, value in pattern.items() if isinstance(pattern, dict) else ():
            if path == name or path.endswith(f".{name}"):
                alpha = value
        if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not math.isfinite(alpha):
            return None
        # Rank-stabilised LoRA divides by the root of the rank.
        return float(alpha) * (math.sqrt(rank) if self._said.get(f"{network}.use_rslora") is True else 1.0)
