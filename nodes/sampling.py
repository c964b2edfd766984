"""Nodes that paint: noise in, picture out, step by step."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import diffusion
from graph.api import Label, NodeContext, NodeError, Number, Seed, Slider, node
from nodes import concerns, path_strip
from nodes.cancelling import cancellable
from nodes.step_reports import report_to
from nodes.types import Conditioning, Latent, Model, SamplerName, SchedulerName, Vae

MAX_STEPS = 10_000
MOST_STATES = 100
"""What a node shows at once."""

_ModelInput = Annotated[Model, "The model that paints, from a checkpoint"]
_Steps = Annotated[
    int, Number(1, MAX_STEPS, 1), "In how many steps noise becomes a picture: 20 to 30 as a rule; more is slower"
]
_Guidance = Annotated[
    float,
    Slider(0, 100, 0.1),
    Label("Guidance (cfg)"),
    "How closely to follow the prompt: 4 to 8 as a rule; 1 ignores the negative prompt, high values burn colours",
]
_Sampler = Annotated[SamplerName, Label("Sampler"), "The method of stepping. euler and dpmpp_2m are good first choices"]
_Scheduler = Annotated[
    SchedulerName, Label("Scheduler"), "How noise is spread over the steps. normal and karras are good first choices"
]
_Positive = Annotated[Conditioning, "The prompt that says what you want to see"]
_Negative = Annotated[Conditioning, "The prompt that says what you do not want; it may be empty text"]
_LatentInput = Annotated[Latent, "An empty canvas, or an encoded picture to start from"]
_SeedInput = Annotated[int, Seed(), "Decides about the noise at the start. The same seed gives the same picture again"]
_Denoise = Annotated[
    float,
    Slider(0, 1, 0.01),
    "How much to repaint: 1 starts from pure noise, 0.3 to 0.7 changes a given picture, 0 returns it as it is",
]


@node("KSampler", title="Sampler", category="sampling", lane="device", aliases=("ksampler", "generate", "denoise"))
def sample(
    *,
    model: _ModelInput,
    seed: _SeedInput = 0,
    steps: _Steps = 20,
    cfg: _Guidance = 8.0,
    sampler_name: _Sampler = "euler",
    scheduler: _Scheduler = "simple",
    positive: _Positive,
    negative: _Negative,
    latent_image: _LatentInput,
    denoise: _Denoise = 1.0,
    ctx: NodeContext,
) -> Latent:
    """Paint a picture: start from noise and take it away step by step, guided by your prompts.

    The heart of every workflow. Good values to begin with: 20 steps, a guidance of 5 to 8, *denoise* 1. Keep the seed
    to study what another setting changes; randomize it for a new picture every time. With an encoded picture as
    input, lower *denoise* to keep more of it.
    """
    concerns.start_of_sampling(ctx, latent_image, starts_whole=denoise >= 1, steps_left=steps)
    concerns.size_of_canvas(ctx, model, latent_image, starts_whole=denoise >= 1)
    concerns.guidance(ctx, model, cfg)
    with cancellable(ctx) as cancelled:
        return diffusion.sample.sample(
            model,
            positive,
            negative,
            latent_image,
            seed=seed,
            steps=steps,
            cfg=cfg,
            sampler_name=sampler_name,
            scheduler=scheduler,
            denoise=denoise,
            on_step=report_to(ctx),
            cancelled=cancelled,
        )


@node("KSamplerAdvanced", title="Sampler (Advanced)", category="sampling", lane="device", aliases=("ksampler",))
def sample_part(
    *,
    model: _ModelInput,
    add_noise: Annotated[
        Literal["enable", "disable"],
        "enable adds the seed's noise first; disable goes on with a latent that is noisy yet",
    ] = "enable",
    noise_seed: Annotated[
        int, Seed(), Label("Seed"), "Decides about the noise at the start. The same seed gives the same picture again"
    ] = 0,
    steps: _Steps = 20,
    cfg: _Guidance = 8.0,
    sampler_name: _Sampler = "euler",
    scheduler: _Scheduler = "simple",
    positive: _Positive,
    negative: _Negative,
    latent_image: _LatentInput,
    start_at_step: Annotated[
        int, Number(0, MAX_STEPS, 1), "The first step to do; above 0 it keeps more of the picture given"
    ] = 0,
    end_at_step: Annotated[
        int, Number(0, MAX_STEPS, 1), "The step to end before; anything from *steps* on means to the end"
    ] = MAX_STEPS,
    return_with_leftover_noise: Annotated[
        Literal["disable", "enable"], "enable leaves the noise of the steps not done in, for a second sampler to go on"
    ] = "disable",
    ctx: NodeContext,
) -> Latent:
    """Paint only some of the steps, to hand a half-finished picture from one sampler to the next.

    For example: steps 0 to 12 with one prompt or model (*leftover noise* enabled), then 12 to the end with another
    (*add noise* disabled, the same number of steps). For everything else Sampler is simpler.
    """
    whole = add_noise == "enable" and start_at_step == 0
    concerns.start_of_sampling(
        ctx, latent_image, starts_whole=whole, steps_left=min(steps, end_at_step) - start_at_step
    )
    concerns.size_of_canvas(ctx, model, latent_image, starts_whole=whole)
    concerns.guidance(ctx, model, cfg)
    with cancellable(ctx) as cancelled:
        return diffusion.sample.sample(
            model,
            positive,
            negative,
            latent_image,
            seed=noise_seed,
            steps=steps,
            cfg=cfg,
            sampler_name=sampler_name,
            scheduler=scheduler,
            start_step=start_at_step,
            last_step=end_at_step,
            add_noise=add_noise == "enable",
            force_full_denoise=return_with_leftover_noise == "disable",
            on_step=report_to(ctx),
            cancelled=cancelled,
        )


class Path(NamedTuple):
    """A run from noise to picture, state by state."""

    result: Annotated[Latent, "What Sampler gives with the same settings"]
    x: Annotated[list[Latent], "What was there at each state, noise and all, at the variance of a picture"]
    x0: Annotated[list[Latent], "The picture that the model saw in it at each state"]
    levels: Annotated[list[float], "The noise level of each state; the last is 0"]


@node(
    "ShowPath",
    title="Show the path",
    category="sampling",
    lane="device",
    side_effect=True,
    writes="temp",
    aliases=("trajectory", "steps", "film", "how diffusion works"),
)
def show_path(
    *,
    model: _ModelInput,
    seed: _SeedInput = 0,
    steps: _Steps = 20,
    cfg: _Guidance = 8.0,
    sampler_name: _Sampler = "euler",
    scheduler: _Scheduler = "simple",
    positive: _Positive,
    negative: _Negative,
    latent_image: _LatentInput,
    denoise: _Denoise = 1.0,
    vae: Annotated[Vae, "The VAE of the checkpoint, which makes pictures of the states"],
    states: Annotated[
        int, Number(2, MOST_STATES, 1), "How many states to show at most, spread evenly from noise to picture"
    ] = 24,
    ctx: NodeContext,
) -> Path:
    """See how a picture comes out of noise: what is there at each noise level, and what the model sees in it.

    It does what Sampler does, and shows the way on the node: on the left the noisy picture, on the right the clean one
    that the model predicts. Go through it with the slider or the arrow keys. List to Each gives the states one by one
    to other nodes.
    """
    if vae.latent_format.channels != model.latent_format.channels:
        raise NodeError(
            f"the VAE makes pictures of latents of {vae.latent_format.channels} channels, and the model paints "
            f"{model.latent_format.channels}",
            input="vae",
            remedy="connect the VAE of the checkpoint that paints",
        )
    concerns.start_of_sampling(ctx, latent_image, starts_whole=denoise >= 1, steps_left=steps)
    concerns.size_of_canvas(ctx, model, latent_image, starts_whole=denoise >= 1)
    concerns.guidance(ctx, model, cfg)
    with cancellable(ctx) as cancelled:
        done, path = diffusion.sample_path.sample_path(
            model,
            positive,
            negative,
            latent_image,
            most=states,
            seed=seed,
            steps=steps,
            cfg=cfg,
            sampler_name=sampler_name,
            scheduler=scheduler,
            denoise=denoise,
            on_step=report_to(ctx, beyond=min(states, steps + 1)),
            cancelled=cancelled,
        )
        path_strip.show(ctx, vae, done, path, cancelled)
    return Path(
        done,
        [{**done, "samples": state.x} for state in path],
        [{**done, "samples": state.x0} for state in path],
        [state.sigma for state in path],
    )
