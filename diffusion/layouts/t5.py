"""The encoder of T5 v1.1 (of SD3 and Flux.1), in the layout of transformers and in that of GGUF files."""

from __future__ import annotations

from typing import Any

from diffusion.layouts.contract import Piece, Shapes
from diffusion.layouts.rows import Row, count, expand
from diffusion.layouts.templates import template

MARK = "token_embd.weight"
"""A tensor that only the layout of GGUF has."""

_BLOCK = "encoder.block.{i}.layer"
_ATTENTION = f"{_BLOCK}.0.SelfAttention"
_FEED = f"{_BLOCK}.1.DenseReluDense"
_BUCKETS = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"

_NAMES = (
    "shared.weight",
    "encoder.final_layer_norm.weight",
    f"{_BLOCK}.0.layer_norm.weight",
    f"{_BLOCK}.1.layer_norm.weight",
    f"{_ATTENTION}.relative_attention_bias.weight",
    *(f"{_ATTENTION}.{letter}.weight" for letter in "qkvo"),
    *(f"{_FEED}.{part}.weight" for part in ("wi", "wi_0", "wi_1", "wo")),
)
ROWS = (
    *(Row(name, name) for name in _NAMES),
    Row("encoder.embed_tokens.weight", "shared.weight"),  # the same table under its other name: one of the two counts
)
GGUF_ROWS = (
    Row(MARK, "shared.weight"),
    Row("enc.output_norm.weight", "encoder.final_layer_norm.weight"),
    Row("enc.blk.{i}.attn_norm.weight", f"{_BLOCK}.0.layer_norm.weight"),
    Row("enc.blk.{i}.ffn_norm.weight", f"{_BLOCK}.1.layer_norm.weight"),
    Row("enc.blk.{i}.attn_rel_b.weight", f"{_ATTENTION}.relative_attention_bias.weight"),
    *(Row(f"enc.blk.{{i}}.attn_{letter}.weight", f"{_ATTENTION}.{letter}.weight") for letter in "qkvo"),
    Row("enc.blk.{i}.ffn_gate.weight", f"{_FEED}.wi_0.weight"),
    Row("enc.blk.{i}.ffn_up.weight", f"{_FEED}.wi_1.weight"),
    Row("enc.blk.{i}.ffn_down.weight", f"{_FEED}.wo.weight"),
)


def module(_targets: Shapes, _style: str) -> str:
    """The class of transformers."""
    return "transformers:T5EncoderModel"


def pieces(shapes: Shapes, _style: str) -> list[Piece]:
    """From the layout of transformers, or of GGUF."""
    return expand(GGUF_ROWS if MARK in shapes else ROWS, shapes)


def config(targets: Shapes, style: str) -> dict[str, Any]:
    """Vocabulary, widths, heads and depth from the shapes."""
    vocabulary, width = targets["shared.weight"]
    buckets, heads = targets[_BUCKETS]
    gated = "encoder.block.0.layer.1.DenseReluDense.wi_0.weight" in targets
    return template(style) | {
        "vocab_size": vocabulary,
        "d_model": width,
        "d_kv": targets["encoder.block.0.layer.0.SelfAttention.q.weight"][0] // heads,
        "d_ff": targets["encoder.block.0.layer.1.DenseReluDense.wo.weight"][1],
        "num_layers": count(targets, "encoder.block."),
        "num_heads": heads,
        "relative_attention_num_buckets": buckets,
        "feed_forward_proj": "gated-gelu" if gated else "relu",
    }
