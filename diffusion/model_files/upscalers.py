"""Upscalers: networks from small pictures to large ones, told by the names that their architectures have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffusion.families.family import Shapes

_PREFIXES = ("", "params_ema.", "params.", "module.", "model.")
_ROWS = (
    ("ESRGAN", ("model.0.weight", "model.1.sub.0.RDB1.conv1.0.weight")),
    ("ESRGAN", ("0.weight", "1.sub.0.RDB1.conv1.0.weight")),
    ("ESRGAN", ("conv_first.weight", "body.0.rdb1.conv1.weight")),
    ("ESRGAN", ("conv_first.weight", "RRDB_trunk.0.RDB1.conv1.weight")),
    ("Real-ESRGAN compact", ("body.0.weight", "body.1.weight", "body.2.weight")),
    ("HAT", ("conv_first.weight", "layers.0.residual_group.overlap_attn.relative_position_bias_table")),
    ("DAT", ("conv_first.weight", "layers.0.blocks.0.norm1.weight")),
    ("SwinIR", ("conv_first.weight", "layers.0.residual_group.blocks.0.norm1.weight")),
    ("SPAN", ("conv_1.sk.weight", "block_1.c1_r.sk.weight")),
    ("OmniSR", ("residual_layer.0.residual_layer.0.layer.0.fn.0.weight", "input.weight")),
    ("PLKSR", ("feats.0.weight", "feats.1.lk.conv.weight")),
    ("SAFMN", ("to_feat.weight", "feats.0.norm1.weight")),
)


def find_upscaler(shapes: Shapes) -> str | None:
    """The architecture of an upscaler by its tensors; None when they are of none that is known."""
    for prefix in _PREFIXES:
        for name, keys in _ROWS:
            if all(prefix + key in shapes for key in keys):
                return name
    return None
