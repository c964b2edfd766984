"""Nodes that put sampling together from parts: noise, guidance and a sampler, and run it over noise levels."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import diffusion
from graph.api import Label, NodeContext, Seed, Slider, Toggle, node
from nodes import concerns
from nodes.cancelling import cancellable
from nodes.step_reports import report_to
from nodes.types import Conditioning, Guider, Latent, Model, Noise, Sampler, SamplerName, Sigmas

_ModelInput = Annotated[Model, "The model that paints"]
_Guidance = Annotated[
    float,
    Slider(0, 100, 0.1),
    Label("Guidance (cfg)"),
    "How closely to follow the prompt: 4 to 8 as a rule, 1 for Flux; 1 ignores the negative prompt",
]
_Positive = Annotated[Conditioning, "The prompt that says what you want to see"]
_Negative = Annotated[Conditioning, "The prompt that says what you do not want; it may be empty text"]
_Levels = Annotated[Sigmas, "The noise levels to visit, from a scheduler node"]
_Canvas = Annotated[Latent, "An empty canvas, or an encoded picture to start from"]


class Sampled(NamedTuple):
    """What a run over noise levels gives."""

    output: Annotated[Latent, "The picture at the last level. Connect it to VAE Decode"]
    denoised_output: Annotated[
        Latent, "The picture as the last step saw it, without noise: the same unless the levels end above 0"
    ]


@node("KSamplerSelect", title="Choose Sampler", category="sampling/custom", aliases=("sampler",))
def choose(
    *,
    sampler_name: Annotated[
        SamplerName, Label("Sampler"), "The method of stepping. euler and dpmpp_2m are good first choices"
    ] = "euler",
) -> Sampler:
    """Choose the method by which noise is taken away, as a part of its own.

    Connect it to Sampler (Custom). The methods differ in speed and in how they treat detail.
    """
    return diffusion.custom_sampling.choose_sampler(sampler_name)


@node("RandomNoise", title="Noise", category="sampling/custom", aliases=("seed",))
def noise(
    *,
    noise_seed: Annotated[
        int, Seed(), Label("Seed"), "Decides about the noise at the start. The same seed gives the same picture again"
    ] = 0,
) -> Noise:
    """The noise that a picture is made of, as a part of its own.

    Connect it to Sampler (Custom, Advanced). Keep the seed to see what another setting changes; randomize it for a new
    picture every time.
    """
    return diffusion.custom_sampling.Noise(noise_seed)


@node("DisableNoise", title="No Noise", category="sampling/custom")
def no_noise() -> Noise:
    """Add no noise before sampling, for a latent that is noisy already.

    Use it for the second of two samplers that share a picture: the first one left noise in it on purpose.
    """
    return diffusion.custom_sampling.Noise(0, is_added=False)


@node("BasicGuider", title="Guide by Prompt", category="sampling/custom", aliases=("guider", "flux"))
def guide(*, model: _ModelInput, conditioning: Annotated[Conditioning, "The prompt to follow"]) -> Guider:
    """Let one prompt lead a model, without a negative one.

    This is what Flux wants: its guidance is a number that goes with the prompt (Flux Guidance), and each step takes
    half the time that it takes with two prompts.
    """
    return diffusion.custom_sampling.Guider(model, conditioning)


@node("CFGGuider", title="Guide by Two Prompts", category="sampling/custom", aliases=("guider", "cfg"))
def guide_apart(*, model: _ModelInput, positive: _Positive, negative: _Negative, cfg: _Guidance = 8.0) -> Guider:
    """Let a prompt lead a model towards what you want, and another one away from what you do not want.

    The same as in Sampler, as a part of its own.
    """
    return diffusion.custom_sampling.Guider(model, positive, negative, cfg)


@node("SamplerCustom", title="Sampler (Custom)", category="sampling/custom", lane="device", aliases=("ksampler",))
def sample_custom(
    *,
    model: _ModelInput,
    add_noise: Annotated[
        bool, Toggle(), "On adds the seed's noise first; off goes on with a latent that is noisy already"
    ] = True,
    noise_seed: Annotated[
        int, Seed(), Label("Seed"), "Decides about the noise at the start. The same seed gives the same picture again"
    ] = 0,
    cfg: _Guidance = 8.0,
    positive: _Positive,
    negative: _Negative,
    sampler: Annotated[Sampler, "The method of stepping, from Choose Sampler"],
    sigmas: _Levels,
    latent_image: _Canvas,
    ctx: NodeContext,
) -> Sampled:
    """Paint over noise levels of your own, with a sampler that you chose.

    Sampler does all of this in one node; take this one when you want to change the noise levels, or when a published
    workflow does.
    """
    guider = diffusion.custom_sampling.Guider(model, positive, negative, cfg)
    started = diffusion.custom_sampling.Noise(noise_seed, is_added=add_noise)
    return _run(ctx, guider, started, sampler, sigmas, latent_image)


@node(
    "SamplerCustomAdvanced",
    title="Sampler (Custom, Advanced)",
    category="sampling/custom",
    lane="device",
    aliases=("ksampler", "flux"),
)
def sample_parts(
    *,
    noise: Annotated[Noise, "The noise to start from, from Noise or No Noise"],
    guider: Annotated[Guider, "The model with what leads it, from Guide by Prompt or Guide by Two Prompts"],
    sampler: Annotated[Sampler, "The method of stepping, from Choose Sampler"],
    sigmas: _Levels,
    latent_image: _Canvas,
    ctx: NodeContext,
) -> Sampled:
    """Paint with parts that you put together: noise, guidance, sampler, noise levels.

    Published workflows for Flux are built like this. Sampler with a *cfg* of 1 paints the same in one node.
    """
    return _run(ctx, guider, noise, sampler, sigmas, latent_image)


def _run(ctx: NodeContext, guider: Guider, noise: Noise, sampler: Sampler, sigmas: Sigmas, latent: Latent) -> Sampled:
    whole = noise.is_added and diffusion.custom_sampling.starts_whole(guider.model, sigmas)
    concerns.start_of_sampling(ctx, latent, starts_whole=whole, steps_left=len(sigmas) - 1)
    concerns.size_of_canvas(ctx, guider.model, latent, starts_whole=whole)
    concerns.guidance(ctx, guider.model, guider.cfg)
    with cancellable(ctx) as cancelled:
        return Sampled(
            *diffusion.custom_sampling.sample_custom(
                guider, noise, sampler, sigmas, latent, on_step=report_to(ctx), cancelled=cancelled
            )
        )
