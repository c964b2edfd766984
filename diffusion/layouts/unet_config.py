"""The settings of a UNet, read off the names and shapes of its tensors."""

from __future__ import annotations

from typing import Any

from diffusion.layouts.contract import Shapes
from diffusion.layouts.rows import count
from diffusion.layouts.templates import template

_MID = "mid_block.attentions.0"


def config(targets: Shapes, style: str) -> dict[str, Any]:
    """Widths, depths, which levels attend and what else the network is told, from shapes in diffusers' names.

    The template says either how many `heads` attention has or how wide each is (`head_width`): no shape tells.
    """
    settings = template(style)
    levels = count(targets, "down_blocks.")
    widths = tuple(targets[f"down_blocks.{level}.resnets.0.conv1.weight"][0] for level in range(levels))
    heads = settings.pop("heads", None)
    width_of_head = settings.pop("head_width", None)
    down = [_depths(targets, f"down_blocks.{level}") for level in range(levels)]
    up = [_depths(targets, f"up_blocks.{level}") for level in range(levels)]
    first = next(name for name in targets if name.endswith("attn2.to_k.weight"))
    proj_in = next(name for name in targets if name.endswith(".proj_in.weight"))
    settings |= {
        "in_channels": targets["conv_in.weight"][1],
        "out_channels": targets["conv_out.weight"][0],
        "block_out_channels": widths,
        "layers_per_block": _layers(targets, levels),
        "down_block_types": tuple("CrossAttnDownBlock2D" if depths else "DownBlock2D" for depths in down),
        "up_block_types": tuple("CrossAttnUpBlock2D" if depths else "UpBlock2D" for depths in up),
        "mid_block_type": _mid_block(targets),
        # Diffusers calls it the dimension of a head; for these networks it is the number of heads.
        "attention_head_dim": heads or tuple(max(1, width // width_of_head) for width in widths),
        "cross_attention_dim": targets[first][1],
        "use_linear_projection": len(targets[proj_in]) == 2,
    }
    settings |= _depth_settings(down, up, count(targets, f"{_MID}.transformer_blocks."))
    if added := targets.get("add_embedding.linear_1.weight"):
        settings |= {"addition_embed_type": "text_time", "projection_class_embeddings_input_dim": added[1]}
    return settings


def _layers(targets: Shapes, levels: int) -> int | tuple[int, ...]:
    found = tuple(count(targets, f"down_blocks.{level}.resnets.") for level in range(levels))
    return found[0] if len(set(found)) == 1 else found


def _depths(targets: Shapes, block: str) -> tuple[int, ...]:
    """How many transformer blocks each attention of a level has; empty where it does not attend."""
    return tuple(
        count(targets, f"{block}.attentions.{place}.transformer_blocks.")
        for place in range(count(targets, f"{block}.attentions."))
    )


def _mid_block(targets: Shapes) -> str | None:
    if not count(targets, "mid_block.resnets."):
        return None
    return "UNetMidBlock2DCrossAttn" if f"{_MID}.norm.weight" in targets else "UNetMidBlock2D"


def _depth_settings(down: list[tuple[int, ...]], up: list[tuple[int, ...]], middle: int) -> dict[str, Any]:
    # Diffusers takes the depth of the middle from that of the last level, which may not attend itself (the refiner).
    depths = [_short(level) for level in down]
    if not down[-1]:
        depths[-1] = middle or 1
    upwards = [_short(level) for level in up]
    mirrored = (
        all(len(set(ours)) == 1 for ours in (*down, *up) if ours)
        and [_short(level) for level in reversed(down)] == upwards
    )
    if mirrored:
        return {"transformer_layers_per_block": depths[0] if len(set(depths)) == 1 else tuple(depths)}
    return {"transformer_layers_per_block": tuple(depths), "reverse_transformer_layers_per_block": tuple(upwards)}


def _short(depths: tuple[int, ...]) -> int | tuple[int, ...]:
    if not depths:
        return 1
    return depths[0] if len(set(depths)) == 1 else depths
