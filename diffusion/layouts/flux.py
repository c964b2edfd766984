"""The transformer of Flux.1: dev, schnell, Fill, Kontext and what was tuned from them.

The original layout keeps query, key and value in one matrix, in single blocks together with the first layer of the
perceptron, and the last modulation as (shift, scale), which diffusers takes as (scale, shift).
"""

from __future__ import annotations

from typing import Any

from diffusion.layouts.contract import Piece, Shapes
from diffusion.layouts.rows import Row, count, expand, same, thirds
from diffusion.layouts.templates import template

MARK = "double_blocks.0.img_attn.qkv.weight"
"""A tensor that only the original layout has."""


def module(_targets: Shapes, _style: str) -> str:
    """The class of diffusers."""
    return "diffusers:FluxTransformer2DModel"


def pieces(shapes: Shapes, _style: str) -> list[Piece]:
    """From the original layout, or from that of diffusers, where names stay."""
    if MARK not in shapes:
        return same(shapes)
    return expand(rows(shapes[MARK][1]), shapes)


def original(targets: Shapes) -> list[Row]:
    """The table that leads from the original layout to a module with these tensors."""
    return rows(targets["x_embedder.weight"][0])


def rows(width: int) -> list[Row]:
    """The table for a transformer of this width."""
    return [
        Row("img_in.*", "x_embedder.*"),
        Row("txt_in.*", "context_embedder.*"),
        *_embedder("time_in", "timestep_embedder"),
        *_embedder("vector_in", "text_embedder"),
        *_embedder("guidance_in", "guidance_embedder"),
        *_stream("img", "norm1", "attn.to_{}", "norm_{}", "to_out.0", "ff", width),
        *_stream("txt", "norm1_context", "attn.add_{}_proj", "norm_added_{}", "to_add_out", "ff_context", width),
        *_single(width),
        Row("final_layer.linear.*", "proj_out.*"),
        Row("final_layer.adaLN_modulation.1.*", "norm_out.linear.*", swap_halves=True),
    ]


def config(targets: Shapes, style: str) -> dict[str, Any]:
    """Depths, widths and inputs from the shapes."""
    width, channels = targets["x_embedder.weight"]
    head = targets["transformer_blocks.0.attn.norm_q.weight"][0]
    return template(style) | {
        "in_channels": channels,
        "out_channels": targets["proj_out.weight"][0],
        "num_layers": count(targets, "transformer_blocks."),
        "num_single_layers": count(targets, "single_transformer_blocks."),
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "joint_attention_dim": targets["context_embedder.weight"][1],
        "pooled_projection_dim": targets["time_text_embed.text_embedder.linear_1.weight"][1],
        "guidance_embeds": "time_text_embed.guidance_embedder.linear_1.weight" in targets,
    }


def _embedder(source: str, target: str) -> list[Row]:
    return [
        Row(f"{source}.in_layer.*", f"time_text_embed.{target}.linear_1.*"),
        Row(f"{source}.out_layer.*", f"time_text_embed.{target}.linear_2.*"),
    ]


def _stream(kind: str, modulation: str, part: str, norm: str, out: str, feed: str, width: int) -> list[Row]:
    source, target = f"double_blocks.{{i}}.{kind}", "transformer_blocks.{i}"
    q, k, v = (f"{target}.{part.format(letter)}.*" for letter in "qkv")
    return [
        Row(f"{source}_mod.lin.*", f"{target}.{modulation}.linear.*"),
        *thirds(f"{source}_attn.qkv.*", (q, k, v), width),
        *_norms(f"{source}_attn.norm", f"{target}.attn.{norm}"),
        Row(f"{source}_attn.proj.*", f"{target}.attn.{out}.*"),
        Row(f"{source}_mlp.0.*", f"{target}.{feed}.net.0.proj.*"),
        Row(f"{source}_mlp.2.*", f"{target}.{feed}.net.2.*"),
    ]


def _single(width: int) -> list[Row]:
    source, target = "single_blocks.{i}", "single_transformer_blocks.{i}"
    q, k, v = (f"{target}.attn.to_{letter}.*" for letter in "qkv")
    return [
        Row(f"{source}.modulation.lin.*", f"{target}.norm.linear.*"),
        *thirds(f"{source}.linear1.*", (q, k, v), width),
        Row(f"{source}.linear1.*", f"{target}.proj_mlp.*", rows=(3 * width, 7 * width)),
        *_norms(f"{source}.norm", f"{target}.attn.norm_{{}}"),
        Row(f"{source}.linear2.*", f"{target}.proj_out.*"),
    ]


def _norms(source: str, target: str) -> list[Row]:
    # Most files call the weight of these norms scale; those that later tools wrote call it weight.
    return [
        Row(f"{source}.{kind}_norm.{leaf}", f"{target.replace('{}', letter)}.weight")
        for kind, letter in (("query", "q"), ("key", "k"))
        for leaf in ("scale", "weight")
    ]
