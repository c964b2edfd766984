"""From the tensors that a file has of one layer to its change."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from diffusion.loras.changes import Change, Difference, Dora, LoHa, LoKr, LowRank, Oft, Rows
from diffusion.loras.parts import BIAS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from diffusion.loras.names import Target

_METHODS: dict[str, tuple[str, ...]] = {
    "LoRA": ("down", "up"),
    "LoHa": ("loha_w1_a", "loha_w1_b", "loha_w2_a", "loha_w2_b"),
    "OFT": ("oft_blocks",),
}
"""The parts without which there is no such change."""


class UnusableError(ValueError):
    """What a file has of a layer makes no change; the message says why."""


def changes_of(parts: Mapping[str, Tensor], alpha: float | None) -> dict[str, Change]:
    """The changes of a layer that its parts (by the slots of `spellings`) make: of its weight under "", of its bias
    under ".bias".

    `alpha` counts where the parts bring none. Raises UnusableError when parts are missing or make no sense together.
    """
    found: dict[str, Change] = {}
    if change := _of_weight(parts, alpha):
        found[""] = _with_lengths(change, parts)
    if "diff_bias" in parts:
        found[BIAS] = Difference(parts["diff_bias"])
    if not found:
        raise UnusableError(_lack(parts))
    return found


def cut(change: Change, target: Target, *, is_bias: bool = False) -> Change:
    """The part of a file's change that is that of a layer of the module; the same where the two layers are one."""
    if target.is_whole:
        return change
    if isinstance(change, LowRank) and change.up.ndim >= 2 and change.up.shape[0] == target.shape[0]:
        up = change.up[target.start : target.end]
        return replace(change, up=up.roll(len(up) // 2, dims=0) if target.swaps_halves else up.clone())
    shape = target.shape[:1] if is_bias else target.shape
    return Rows(change, target.start, target.end, shape, target.swaps_halves)


def _of_weight(parts: Mapping[str, Tensor], given: float | None) -> Change | None:
    alpha = _scalar(parts["alpha"]) if "alpha" in parts else given
    if all(part in parts for part in _METHODS["LoRA"]):
        down = parts["down"]
        return LowRank(down, parts["up"], _or_rank(alpha, down), parts.get("mid"))
    if all(part in parts for part in _METHODS["LoHa"]):
        w1a, w1b, w2a, w2b = (parts[part] for part in _METHODS["LoHa"])
        return LoHa(w1a, w1b, w2a, w2b, _or_rank(alpha, w1b), parts.get("loha_t1"), parts.get("loha_t2"))
    if any(part.startswith("lokr_") for part in parts):
        given_parts = {name: parts.get(f"lokr_{name}") for name in ("w1", "w1_a", "w1_b", "w2", "w2_a", "w2_b", "t2")}
        narrow = given_parts["w2_b"] if given_parts["w2_b"] is not None else given_parts["w1_b"]
        return LoKr(
            1.0 if narrow is None else _or_rank(alpha, narrow),
            **{name.replace("_", ""): tensor for name, tensor in given_parts.items()},
        )
    if "oft_blocks" in parts:
        return Oft(parts["oft_blocks"], alpha or 0.0, parts.get("rescale"))
    return Difference(parts["diff"]) if "diff" in parts else None


def _with_lengths(change: Change, parts: Mapping[str, Tensor]) -> Change:
    """The change as DoRA has it, where the file has lengths: those of PEFT are of outputs, those of others tell by
    their shape."""
    if "magnitude" in parts:
        lengths = parts["magnitude"]
        down = parts.get("down")
        dimensions = down.ndim if down is not None else 2
        return Dora(change, lengths.reshape(-1, *([1] * (dimensions - 1))))
    if "dora_scale" in parts:
        lengths = parts["dora_scale"]
        return Dora(change, lengths.reshape(-1, 1) if lengths.ndim == 1 else lengths)
    return change


def _or_rank(alpha: float | None, narrow: Tensor) -> float:
    """The alpha, or that which makes the scale 1."""
    return float(narrow.shape[0]) if alpha is None else alpha


def _scalar(tensor: Tensor) -> float:
    value = float(tensor.reshape(-1)[0]) if tensor.numel() == 1 else math.nan
    if not math.isfinite(value):
        raise UnusableError(f"its alpha is no number (shape {list(tensor.shape)})")
    return value


def _lack(parts: Mapping[str, Tensor]) -> str:
    for method, wanted in _METHODS.items():
        missing: Sequence[str] = [part for part in wanted if part not in parts]
        if missing and len(missing) < len(wanted):
            return f"of its {method} the part {missing[0]} is missing"
    return f"it has nothing but {' and '.join(sorted(parts))}"
