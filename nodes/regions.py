"""Nodes that limit an encoded prompt to a part of the picture."""

from __future__ import annotations

from typing import Annotated, Literal

import diffusion
from graph.api import NodeContext, Number, Slider, node
from nodes import concerns
from nodes.types import MAX_SIDE, Conditioning, Mask

_Prompt = Annotated[Conditioning, "The prompt to limit"]
_Side = Number(8, MAX_SIDE, 8)
_Place = Number(0, MAX_SIDE, 8)
_Share = Slider(0, 1, 0.01)
_Strength = Annotated[
    float, Slider(0, 10, 0.01), "How much it counts beside the other prompts there: 2 twice as much as they, 0 nothing"
]


@node(
    "ConditioningSetArea",
    title="Limit Prompt to Area",
    category="conditioning",
    aliases=("region", "regional prompt", "rectangle"),
)
def set_area(
    *,
    conditioning: _Prompt,
    width: Annotated[int, _Side, "How wide the area is, in pixels"] = 64,
    height: Annotated[int, _Side, "How high the area is, in pixels"] = 64,
    x: Annotated[int, _Place, "How far its left edge is from that of the picture, in pixels"] = 0,
    y: Annotated[int, _Place, "How far its top edge is from that of the picture, in pixels"] = 0,
    strength: _Strength = 1.0,
) -> Conditioning:
    """Let a prompt count only in a rectangle of the picture.

    Put a house to the left and a tree to the right: limit each prompt to its place, and join both with a prompt for
    the whole picture by Combine Prompts. Where several count, they are mixed; at the edges of an area a prompt fades
    out, so that no seam shows. Every area makes each step slower.
    """
    return diffusion.conditioning.set_area(conditioning, width=width, height=height, x=x, y=y, strength=strength)


@node(
    "ConditioningSetAreaPercentage",
    title="Limit Prompt to Share of Picture",
    category="conditioning",
    aliases=("region", "regional prompt", "percentage"),
)
def set_area_percentage(
    *,
    conditioning: _Prompt,
    width: Annotated[float, _Share, "How wide the area is: 0.5 half of the picture, 1 all of it"] = 1.0,
    height: Annotated[float, _Share, "How high the area is: 0.5 half of the picture, 1 all of it"] = 1.0,
    x: Annotated[float, _Share, "Where its left edge is: 0 at the left of the picture, 0.5 in the middle"] = 0.0,
    y: Annotated[float, _Share, "Where its top edge is: 0 at the top of the picture, 0.5 in the middle"] = 0.0,
    strength: _Strength = 1.0,
) -> Conditioning:
    """Let a prompt count only in a rectangle that is given as a share of the picture.

    The same as Limit Prompt to Area, for pictures of any size: the left half has a *width* of 0.5 and a *height* of 1.
    """
    return diffusion.conditioning.set_area_percentage(
        conditioning, width=width, height=height, x=x, y=y, strength=strength
    )


@node("ConditioningSetAreaStrength", title="Set Prompt Strength", category="conditioning", aliases=("weight",))
def set_strength(*, conditioning: _Prompt, strength: _Strength = 1.0) -> Conditioning:
    """Set how much a prompt counts beside others that it is combined with.

    Alone it changes nothing. It takes the place of the strength of an area.
    """
    return diffusion.conditioning.set_strength(conditioning, strength)


@node(
    "ConditioningSetMask",
    title="Limit Prompt to Mask",
    category="conditioning",
    aliases=("region", "regional prompt", "masked"),
)
def set_mask(
    *,
    conditioning: _Prompt,
    mask: Annotated[Mask, "White (1) where the prompt counts, black (0) where it does not, grey for less"],
    strength: _Strength = 1.0,
    set_cond_area: Annotated[
        Literal["default", "mask bounds"],
        "What the model sees for this prompt: the whole picture (default), or only the rectangle around the mask",
    ] = "default",
    ctx: NodeContext,
) -> Conditioning:
    """Let a prompt count only where a mask is white.

    Like Limit Prompt to Area, for places of any shape. Combine it with a prompt for the rest of the picture. A soft
    edge of the mask blends the two.
    """
    concerns.mask_for_prompt(ctx, mask)
    return diffusion.conditioning.set_mask(conditioning, mask, strength=strength, set_cond_area=set_cond_area)
