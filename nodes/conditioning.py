"""Nodes that mix encoded prompts."""

from __future__ import annotations

from typing import Annotated

import diffusion
from graph.api import NodeContext, Slider, node
from nodes import concerns
from nodes.types import Conditioning


@node("ConditioningCombine", title="Combine Prompts", category="conditioning")
def combine(
    *,
    conditioning_1: Annotated[Conditioning, "The first prompt"],
    conditioning_2: Annotated[Conditioning, "The second prompt"],
) -> Conditioning:
    """Let two prompts guide the picture at the same time.

    At every step the model is asked about each prompt, and the answers are averaged. Good for two ideas that should
    both be there but must not blend word by word. Each prompt more makes every step slower.
    """
    return diffusion.conditioning.combine(conditioning_1, conditioning_2)


@node("ConditioningAverage", title="Blend Prompts", category="conditioning")
def average(
    *,
    conditioning_to: Annotated[Conditioning, "The prompt that a strength of 1 gives"],
    conditioning_from: Annotated[Conditioning, "The prompt that a strength of 0 gives"],
    conditioning_to_strength: Annotated[
        float, Slider(0, 1, 0.01), "How much of the first prompt: 1 only it, 0.5 half of each, 0 only the second"
    ] = 1.0,
    ctx: NodeContext,
) -> Conditioning:
    """Mix two prompts into one that lies between them.

    Try it to slide from one idea to another, such as from "a red flower" to "a blue bird". It costs no extra time when
    sampling.
    """
    concerns.only_first_prompt(ctx, conditioning_from)
    return diffusion.conditioning.average(conditioning_to, conditioning_from, conditioning_to_strength)


@node("ConditioningConcat", title="Join Prompts", category="conditioning")
def concat(
    *,
    conditioning_to: Annotated[Conditioning, "The prompt that comes first"],
    conditioning_from: Annotated[Conditioning, "The prompt that is appended"],
    ctx: NodeContext,
) -> Conditioning:
    """Put one prompt behind the other, each encoded on its own.

    The model sees both, but words of one do not rub off on words of the other: "a red car" joined with "green hills"
    is less likely to give a green car.
    """
    concerns.only_first_prompt(ctx, conditioning_from)
    return diffusion.conditioning.concat(conditioning_to, conditioning_from)


@node("ConditioningZeroOut", title="Zero Out Prompt", category="conditioning")
def zero_out(*, conditioning: Annotated[Conditioning, "Any prompt; only its shape is used"]) -> Conditioning:
    """Replace a prompt by nothing at all: numbers that are all zero.

    A few model families were trained with this as their *negative*. It is not the same as an empty text, which the
    text encoder still turns into something.
    """
    return diffusion.conditioning.zero_out(conditioning)


@node(
    "ConditioningSetTimestepRange", title="Limit Prompt in Time", category="advanced/conditioning", aliases=("range",)
)
def set_range(
    *,
    conditioning: Annotated[Conditioning, "The prompt to limit"],
    start: Annotated[float, Slider(0, 1, 0.001), "When it begins to count: 0 with the first step, 0.5 halfway"] = 0.0,
    end: Annotated[float, Slider(0, 1, 0.001), "When it ceases to count: 1 with the last step"] = 1.0,
) -> Conditioning:
    """Let a prompt count during a part of the sampling only.

    The beginning decides about the composition, the end about details. Combine two prompts that are limited to two
    parts to change over from one to the other. Workflows for Stable Diffusion 3 limit the negative prompt to the
    beginning.
    """
    return diffusion.conditioning.set_timestep_range(conditioning, start, end)


@node("FluxGuidance", title="Flux Guidance", category="conditioning/flux", aliases=("cfg", "distilled"))
def flux_guidance(
    *,
    conditioning: Annotated[Conditioning, "The prompt to follow"],
    guidance: Annotated[
        float, Slider(0, 100, 0.1), "How closely to follow it: 2 to 4 as a rule; lower looks more natural"
    ] = 3.5,
) -> Conditioning:
    """Set how closely Flux follows your prompt.

    Flux dev was trained to take this number with the prompt, so it plays the part that *cfg* plays elsewhere; leave the
    sampler's *cfg* at 1. Flux schnell does not look at it. Flux Fill wants about 30.
    """
    return diffusion.conditioning.set_values(conditioning, {"guidance": guidance})
