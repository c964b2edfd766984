"""The transformer of SD3 and SD3.5, in the original layout and in that of diffusers.

The original keeps query, key and value in one matrix. Its last modulations (of the last block's text side, which is
read and not written, and of the output) are (shift, scale); diffusers takes them as (scale, shift).
"""

from __future__ import annotations

import math
from typing import Any

from diffusion.layouts.contract import Piece, Shapes
from diffusion.layouts.rows import Row, count, expand, same, thirds
from diffusion.layouts.templates import template

MARK = "joint_blocks.0.x_block.attn.qkv.weight"
"""A tensor that only the original layout has."""


def module(_targets: Shapes, _style: str) -> str:
    """The class of diffusers."""
    return "diffusers:SD3Transformer2DModel"


def pieces(shapes: Shapes, _style: str) -> list[Piece]:
    """From the original layout, or from that of diffusers, where names stay."""
    if MARK not in shapes:
        return same(shapes)
    return expand(rows(shapes[MARK][1], count(shapes, "joint_blocks.")), shapes)


def original(targets: Shapes) -> list[Row]:
    """The table that leads from the original layout to a module with these tensors."""
    return rows(targets["pos_embed.proj.weight"][0], count(targets, "transformer_blocks."))


def rows(width: int, depth: int) -> list[Row]:
    """The table for a transformer of this width with this many blocks."""
    last = f"{depth - 1}"
    return [
        Row("pos_embed", "pos_embed.pos_embed"),
        Row("x_embedder.proj.*", "pos_embed.proj.*"),
        Row("context_embedder.*", "context_embedder.*"),
        *_embedder("t_embedder", "timestep_embedder"),
        *_embedder("y_embedder", "text_embedder"),
        *_attention("x_block.attn", "attn", "to_{}", "norm_{}", "to_out.0", width),
        *_attention("x_block.attn2", "attn2", "to_{}", "norm_{}", "to_out.0", width),
        *_attention("context_block.attn", "attn", "add_{}_proj", "norm_added_{}", "to_add_out", width),
        Row("joint_blocks.{i}.x_block.adaLN_modulation.1.*", "transformer_blocks.{i}.norm1.linear.*"),
        *(
            Row(
                f"joint_blocks.{i}.context_block.adaLN_modulation.1.*",
                f"transformer_blocks.{i}.norm1_context.linear.*",
                swap_halves=f"{i}" == last,
            )
            for i in range(depth)
        ),
        *_perceptron("x_block", "ff"),
        *_perceptron("context_block", "ff_context"),
        Row("final_layer.linear.*", "proj_out.*"),
        Row("final_layer.adaLN_modulation.1.*", "norm_out.linear.*", swap_halves=True),
    ]


def config(targets: Shapes, style: str) -> dict[str, Any]:
    """Depth, widths and which blocks attend twice, from the shapes."""
    settings = template(style)
    width, channels, patch, _ = targets["pos_embed.proj.weight"]
    depth = count(targets, "transformer_blocks.")
    twice = [i for i in range(depth) if f"transformer_blocks.{i}.attn2.to_q.weight" in targets]
    return settings | {
        "in_channels": channels,
        "out_channels": targets["proj_out.weight"][0] // patch**2,
        "patch_size": patch,
        "num_layers": depth,
        "num_attention_heads": width // settings["attention_head_dim"],
        "joint_attention_dim": targets["context_embedder.weight"][1],
        "caption_projection_dim": width,
        "pooled_projection_dim": targets["time_text_embed.text_embedder.linear_1.weight"][1],
        "pos_embed_max_size": math.isqrt(targets["pos_embed.pos_embed"][1]),
        "dual_attention_layers": tuple(twice),
        "qk_norm": "rms_norm" if "transformer_blocks.0.attn.norm_q.weight" in targets else None,
    }


def _embedder(source: str, target: str) -> list[Row]:
    return [
        Row(f"{source}.mlp.0.*", f"time_text_embed.{target}.linear_1.*"),
        Row(f"{source}.mlp.2.*", f"time_text_embed.{target}.linear_2.*"),
    ]


def _attention(source: str, target: str, part: str, norm: str, out: str, width: int) -> list[Row]:
    source, target = f"joint_blocks.{{i}}.{source}", f"transformer_blocks.{{i}}.{target}"
    q, k, v = (f"{target}.{part.format(letter)}.*" for letter in "qkv")
    return [
        *thirds(f"{source}.qkv.*", (q, k, v), width),
        Row(f"{source}.ln_q.weight", f"{target}.{norm.format('q')}.weight"),
        Row(f"{source}.ln_k.weight", f"{target}.{norm.format('k')}.weight"),
        Row(f"{source}.proj.*", f"{target}.{out}.*"),
    ]


def _perceptron(source: str, target: str) -> list[Row]:
    return [
        Row(f"joint_blocks.{{i}}.{source}.mlp.fc1.*", f"transformer_blocks.{{i}}.{target}.net.0.proj.*"),
        Row(f"joint_blocks.{{i}}.{source}.mlp.fc2.*", f"transformer_blocks.{{i}}.{target}.net.2.*"),
    ]
