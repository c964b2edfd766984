"""How the LDM layout numbers the blocks of a UNet, and the table of rows that follows from it.

LDM counts all blocks of a side in one row, with up- and downsampling among them; diffusers counts levels, and the
blocks in each.
"""

from __future__ import annotations

from dataclasses import dataclass

from diffusion.layouts.contract import Shapes
from diffusion.layouts.rows import Pairs, Row, below, count

_RESNET: Pairs = (
    ("in_layers.0.*", "norm1.*"),
    ("in_layers.2.*", "conv1.*"),
    ("emb_layers.1.*", "time_emb_proj.*"),
    ("out_layers.0.*", "norm2.*"),
    ("out_layers.3.*", "conv2.*"),
    ("skip_connection.*", "conv_shortcut.*"),
)
_IN_ATTENTION = (
    "norm.*",
    "proj_in.*",
    "proj_out.*",
    *(f"transformer_blocks.{{k}}.norm{place}.*" for place in (1, 2, 3)),
    *(f"transformer_blocks.{{k}}.attn{place}.to_{letter}.weight" for place in (1, 2) for letter in "qkv"),
    *(f"transformer_blocks.{{k}}.attn{place}.to_out.0.*" for place in (1, 2)),
    "transformer_blocks.{k}.ff.net.0.proj.*",
    "transformer_blocks.{k}.ff.net.2.*",
)
_ATTENTION: Pairs = tuple((name, name) for name in _IN_ATTENTION)


@dataclass(frozen=True)
class Blocks:
    """The shape of a UNet: levels of so many layers, and which output blocks attend, by their number in LDM."""

    levels: int
    layers: int
    attending_outputs: frozenset[int]


def blocks_of(shapes: Shapes) -> Blocks:
    """The blocks of a file in the LDM layout."""
    downsamplings = sum(name.startswith("input_blocks.") and name.endswith(".0.op.weight") for name in shapes)
    levels = downsamplings + 1
    attending = {
        number for number in range(count(shapes, "output_blocks.")) if f"output_blocks.{number}.1.norm.weight" in shapes
    }
    return Blocks(levels, (count(shapes, "input_blocks.") - levels) // levels, frozenset(attending))


def blocks_of_module(targets: Shapes) -> Blocks:
    """The blocks of a module of diffusers."""
    levels, layers = count(targets, "down_blocks."), count(targets, "down_blocks.0.resnets.")
    attending = {
        level * (layers + 1) + layer
        for level in range(levels)
        for layer in range(layers + 1)
        if f"up_blocks.{level}.attentions.{layer}.norm.weight" in targets
    }
    return Blocks(levels, layers, frozenset(attending))


def rows(blocks: Blocks) -> list[Row]:
    """The table for a UNet of these blocks."""
    return [
        Row("time_embed.0.*", "time_embedding.linear_1.*"),
        Row("time_embed.2.*", "time_embedding.linear_2.*"),
        Row("label_emb.0.0.*", "add_embedding.linear_1.*"),
        Row("label_emb.0.2.*", "add_embedding.linear_2.*"),
        Row("input_blocks.0.0.*", "conv_in.*"),
        Row("out.0.*", "conv_norm_out.*"),
        Row("out.2.*", "conv_out.*"),
        *_down(blocks),
        *below("middle_block.0", "mid_block.resnets.0", _RESNET),
        *below("middle_block.1", "mid_block.attentions.0", _ATTENTION),
        *below("middle_block.2", "mid_block.resnets.1", _RESNET),
        *_up(blocks),
    ]


def _down(blocks: Blocks) -> list[Row]:
    found: list[Row] = []
    number = 1
    for level in range(blocks.levels):
        target = f"down_blocks.{level}"
        for layer in range(blocks.layers):
            found += below(f"input_blocks.{number}.0", f"{target}.resnets.{layer}", _RESNET)
            found += below(f"input_blocks.{number}.1", f"{target}.attentions.{layer}", _ATTENTION)
            number += 1
        if level < blocks.levels - 1:
            found.append(Row(f"input_blocks.{number}.0.op.*", f"{target}.downsamplers.0.conv.*"))
            number += 1
    return found


def _up(blocks: Blocks) -> list[Row]:
    found: list[Row] = []
    number = 0
    for level in range(blocks.levels):
        target = f"up_blocks.{level}"
        for layer in range(blocks.layers + 1):
            found += below(f"output_blocks.{number}.0", f"{target}.resnets.{layer}", _RESNET)
            found += below(f"output_blocks.{number}.1", f"{target}.attentions.{layer}", _ATTENTION)
            number += 1
        if level < blocks.levels - 1:
            last = number - 1
            place = 2 if last in blocks.attending_outputs else 1
            found.append(Row(f"output_blocks.{last}.{place}.conv.*", f"{target}.upsamplers.0.conv.*"))
    return found
