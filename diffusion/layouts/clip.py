"""Text encoders of CLIP: ViT-L, OpenCLIP ViT-bigG (SDXL, SD3) and OpenCLIP ViT-H (SD2).

The layout of transformers is known with and without `text_model.` in front. OpenCLIP keeps query, key and value in one
matrix, and its text projection transposed. A module with a projection keeps `text_model.` in front of its names; one
without does not.
"""

from __future__ import annotations

from typing import Any

from diffusion.layouts.contract import Piece, Shapes
from diffusion.layouts.rows import Pairs, Row, below, count, expand, thirds
from diffusion.layouts.templates import template

MARK = "transformer.resblocks.0.attn.in_proj_weight"
"""A tensor that only the layout of OpenCLIP has."""

_INNER = "text_model."
_PROJECTION = "text_projection.weight"
_HEAD = 64

# Stable Diffusion 2 reads ViT-H one layer before its last, which diffusers' folders leave out, as this does.
UNUSED_LAYER = {"clip_h": (24, 1024)}
"""Role -> layers and width of the encoder whose last layer and projection its family never uses."""

# No family uses the projection of ViT-L. Stable Diffusion 3 was trained without it; diffusers, which has a place for
# it, puts one of no effect there.
_UNUSED_PROJECTION = ("clip_l", "clip_h")

_NAMES = (
    "embeddings.token_embedding.weight",
    "embeddings.position_embedding.weight",
    "final_layer_norm.*",
    *(f"encoder.layers.{{i}}.layer_norm{place}.*" for place in (1, 2)),
    *(f"encoder.layers.{{i}}.self_attn.{part}_proj.*" for part in ("q", "k", "v", "out")),
    *(f"encoder.layers.{{i}}.mlp.fc{place}.*" for place in (1, 2)),
)
_RESBLOCK: Pairs = (
    ("ln_1.*", "layer_norm1.*"),
    ("ln_2.*", "layer_norm2.*"),
    ("attn.out_proj.*", "self_attn.out_proj.*"),
    ("mlp.c_fc.*", "mlp.fc1.*"),
    ("mlp.c_proj.*", "mlp.fc2.*"),
)


def module(targets: Shapes, _style: str) -> str:
    """The class of transformers: with a projection where the file has one."""
    return f"transformers:CLIPTextModel{'WithProjection' if _PROJECTION in targets else ''}"


def pieces(shapes: Shapes, style: str) -> list[Piece]:
    """From the layout of OpenCLIP or of transformers."""
    if MARK in shapes:
        return expand(_used_rows(shapes, style), shapes)
    return expand(rows(projected=_PROJECTION in shapes and style not in _UNUSED_PROJECTION), shapes)


def rows(*, projected: bool) -> list[Row]:
    """The table for files in the layout of transformers."""
    outer = _INNER if projected else ""
    found = [Row(f"{spelling}{name}", f"{outer}{name}") for spelling in (_INNER, "") for name in _NAMES]
    return [*found, Row(_PROJECTION, _PROJECTION)] if projected else found


def open_clip_rows(width: int, *, projected: bool) -> list[Row]:
    """The table for files in the layout of OpenCLIP, of this width."""
    outer = _INNER if projected else ""
    layer = f"{outer}encoder.layers.{{i}}"
    block = "transformer.resblocks.{i}"
    found = [
        Row("token_embedding.weight", f"{outer}embeddings.token_embedding.weight"),
        Row("positional_embedding", f"{outer}embeddings.position_embedding.weight"),
        Row("ln_final.*", f"{outer}final_layer_norm.*"),
        *below(block, layer, _RESBLOCK),
    ]
    for leaf in ("weight", "bias"):
        q, k, v = (f"{layer}.self_attn.{letter}_proj.{leaf}" for letter in "qkv")
        found += thirds(f"{block}.attn.in_proj_{leaf}", (q, k, v), width)
    return [*found, Row("text_projection", _PROJECTION, transpose=True)] if projected else found


def config(targets: Shapes, style: str) -> dict[str, Any]:
    """Vocabulary, widths and depth from the shapes. Start and end are the last two words of the vocabulary."""
    outer = _INNER if _PROJECTION in targets else ""
    vocabulary, width = targets[f"{outer}embeddings.token_embedding.weight"]
    return template(style) | {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "intermediate_size": targets[f"{outer}encoder.layers.0.mlp.fc1.weight"][0],
        "num_hidden_layers": count(targets, f"{outer}encoder.layers."),
        "num_attention_heads": max(1, width // _HEAD),
        "max_position_embeddings": targets[f"{outer}embeddings.position_embedding.weight"][0],
        "projection_dim": targets.get(_PROJECTION, (width,))[0],
        "bos_token_id": vocabulary - 2,
        "eos_token_id": vocabulary - 1,
    }


def _used_rows(shapes: Shapes, style: str) -> list[Row]:
    width = shapes[MARK][1]
    depth = count(shapes, "transformer.resblocks.")
    if UNUSED_LAYER.get(style) != (depth, width):
        return open_clip_rows(width, projected="text_projection" in shapes and style not in _UNUSED_PROJECTION)
    found = open_clip_rows(width, projected=False)
    # A row for each layer that is used, in the place of the one for all.
    return [
        Row(row.source.replace("{i}", f"{layer}"), row.target.replace("{i}", f"{layer}"), row.rows)
        for row in found
        for layer in (range(depth - 1) if "{i}" in row.source else (0,))
    ]
