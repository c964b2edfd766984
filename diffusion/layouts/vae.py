"""The autoencoder of Stable Diffusion, SDXL, SD3 and Flux.1: one network, of 4 or 16 latent channels.

The LDM layout counts the decoder's levels from the picture inwards, diffusers from the inside out. Its attention is
made of convolutions of one pixel, that of diffusers of matrices; older diffusers files have other names there.
"""

from __future__ import annotations

from typing import Any

from diffusion.layouts.contract import Piece, Shapes
from diffusion.layouts.rows import Pairs, Row, below, count, expand
from diffusion.layouts.templates import template

MARK = "encoder.down.0.block.0.conv1.weight"
"""A tensor that only the LDM layout has."""

_RESNET: Pairs = (
    ("norm1.*", "norm1.*"),
    ("conv1.*", "conv1.*"),
    ("norm2.*", "norm2.*"),
    ("conv2.*", "conv2.*"),
    ("nin_shortcut.*", "conv_shortcut.*"),
)
_ATTENTION: Pairs = (
    ("norm", "group_norm"),
    ("q", "to_q"),
    ("k", "to_k"),
    ("v", "to_v"),
    ("proj_out", "to_out.0"),
)
_OLD_ATTENTION: Pairs = (("query", "to_q"), ("key", "to_k"), ("value", "to_v"), ("proj_attn", "to_out.0"))


def module(_targets: Shapes, _style: str) -> str:
    """The class of diffusers."""
    return "diffusers:AutoencoderKL"


def pieces(shapes: Shapes, _style: str) -> list[Piece]:
    """From the LDM layout, or from that of diffusers, whose names stay but for those of older files."""
    if MARK not in shapes:
        return renamed(shapes)
    flat = len(shapes.get("encoder.mid.attn_1.q.weight", ())) == 2
    return expand(rows(count(shapes, "encoder.down."), squeeze=not flat), shapes)


def renamed(shapes: Shapes) -> list[Piece]:
    """The pieces of a file in the layout of diffusers."""
    names = {
        f"{side}.mid_block.attentions.0.{old}.{leaf}": f"{side}.mid_block.attentions.0.{new}.{leaf}"
        for side in ("encoder", "decoder")
        for old, new in _OLD_ATTENTION
        for leaf in ("weight", "bias")
    }
    return [
        Piece(names[name], name, squeeze=len(shape) == 4) if name in names else Piece(name, name)
        for name, shape in shapes.items()
    ]


def rows(levels: int, *, squeeze: bool = True) -> list[Row]:
    """The table for an autoencoder of so many levels."""
    found = [
        Row("quant_conv.*", "quant_conv.*"),
        Row("post_quant_conv.*", "post_quant_conv.*"),
    ]
    for side in ("encoder", "decoder"):
        found += [
            Row(f"{side}.conv_in.*", f"{side}.conv_in.*"),
            Row(f"{side}.conv_out.*", f"{side}.conv_out.*"),
            Row(f"{side}.norm_out.*", f"{side}.conv_norm_out.*"),
            *below(f"{side}.mid.block_1", f"{side}.mid_block.resnets.0", _RESNET),
            *below(f"{side}.mid.block_2", f"{side}.mid_block.resnets.1", _RESNET),
        ]
        for ours, theirs in _ATTENTION:
            source, target = f"{side}.mid.attn_1.{ours}", f"{side}.mid_block.attentions.0.{theirs}"
            found += [
                Row(f"{source}.weight", f"{target}.weight", squeeze=squeeze and ours != "norm"),
                Row(f"{source}.bias", f"{target}.bias"),
            ]
    for level in range(levels):
        outwards = levels - 1 - level
        found += [
            *below(f"encoder.down.{level}.block.{{j}}", f"encoder.down_blocks.{level}.resnets.{{j}}", _RESNET),
            Row(f"encoder.down.{level}.downsample.conv.*", f"encoder.down_blocks.{level}.downsamplers.0.conv.*"),
            *below(f"decoder.up.{level}.block.{{j}}", f"decoder.up_blocks.{outwards}.resnets.{{j}}", _RESNET),
            Row(f"decoder.up.{level}.upsample.conv.*", f"decoder.up_blocks.{outwards}.upsamplers.0.conv.*"),
        ]
    return found


def config(targets: Shapes, style: str) -> dict[str, Any]:
    """Widths, depths and latent channels from the shapes."""
    levels = count(targets, "encoder.down_blocks.")
    return template(style) | {
        "in_channels": targets["encoder.conv_in.weight"][1],
        "out_channels": targets["decoder.conv_out.weight"][0],
        "latent_channels": targets["decoder.conv_in.weight"][1],
        "down_block_types": ("DownEncoderBlock2D",) * levels,
        "up_block_types": ("UpDecoderBlock2D",) * levels,
        "block_out_channels": tuple(
            targets[f"encoder.down_blocks.{level}.resnets.0.conv1.weight"][0] for level in range(levels)
        ),
        "layers_per_block": count(targets, "encoder.down_blocks.0.resnets."),
        "use_quant_conv": "quant_conv.weight" in targets,
        "use_post_quant_conv": "post_quant_conv.weight" in targets,
        "mid_block_add_attention": "encoder.mid_block.attentions.0.to_q.weight" in targets,
    }
