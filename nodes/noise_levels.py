"""Nodes that decide which noise levels a sampler visits."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import diffusion
from graph.api import Number, Slider, node
from nodes.types import Model, SchedulerName, Sigmas

MAX_STEPS = 10_000


@node("BasicScheduler", title="Noise Levels", category="sampling/custom", aliases=("scheduler", "sigmas"))
def schedule(
    *,
    model: Annotated[Model, "The model that will paint; it says how much noise there is"],
    scheduler: Annotated[
        SchedulerName, "How noise is spread over the steps. normal and simple are good first choices"
    ] = "simple",
    steps: Annotated[int, Number(1, MAX_STEPS, 1), "In how many steps noise becomes a picture"] = 20,
    denoise: Annotated[
        float, Slider(0, 1, 0.01), "How much to repaint: 1 starts from pure noise, less keeps more of a given picture"
    ] = 1.0,
) -> Sigmas:
    """Decide which noise levels a sampler visits on its way from noise to picture.

    The same settings as in Sampler, as a part of its own: connect it to Sampler (Custom).
    """
    return diffusion.custom_sampling.noise_levels(model, scheduler, steps, denoise)


@node("SDTurboScheduler", title="Noise Levels (Turbo)", category="sampling/custom", aliases=("scheduler", "sigmas"))
def schedule_turbo(
    *,
    model: Annotated[Model, "The model that will paint: one that was made for few steps, such as SDXL Turbo"],
    steps: Annotated[int, Number(1, 10, 1), "In how many steps noise becomes a picture: 1 to 4 as a rule"] = 1,
    denoise: Annotated[
        float, Slider(0, 1, 0.01), "How much to repaint: 1 starts from pure noise, less keeps more of a given picture"
    ] = 1.0,
) -> Sigmas:
    """Decide which noise levels a turbo model visits: the few that it was made for.

    Connect it to Sampler (Custom) with the sampler euler_ancestral and a *cfg* of 1. Such models paint in one step,
    and a little better in two to four.
    """
    return diffusion.custom_sampling.turbo_levels(model, steps, denoise)


class Split(NamedTuple):
    """Noise levels in two parts."""

    high_sigmas: Annotated[Sigmas, "The levels down to the step: for the sampler that begins"]
    low_sigmas: Annotated[Sigmas, "The levels from the step on: for the sampler that ends"]


@node("SplitSigmas", title="Split Noise Levels", category="sampling/custom", aliases=("sigmas",))
def split(
    *,
    sigmas: Annotated[Sigmas, "The noise levels of the whole run"],
    step: Annotated[int, Number(0, MAX_STEPS, 1), "After how many steps the second sampler takes over"] = 0,
) -> Split:
    """Share noise levels between two samplers, so that the second one goes on where the first one stops.

    For example to change the prompt or the model on the way. Give the second sampler No Noise: its picture is noisy
    already.
    """
    return Split(*diffusion.custom_sampling.split_levels(sigmas, step))
