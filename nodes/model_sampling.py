"""Nodes that tell a model another way of counting noise than its file says."""

from __future__ import annotations

from typing import Annotated, Literal

import diffusion
from graph.api import NodeContext, Number, Toggle, node
from nodes import concerns
from nodes.types import MAX_SIDE, Model

_ModelInput = Annotated[Model, "The model to change; the original stays as it is"]
_Shift = Annotated[
    float,
    Number(0, 100, 0.01),
    "How long to stay with coarse shapes: more for large pictures, less for small ones; 1 spreads the steps evenly",
]


@node("ModelSamplingDiscrete", title="Model Sampling (Discrete)", category="advanced/model", aliases=("v_prediction",))
def discrete(
    *,
    model: _ModelInput,
    sampling: Annotated[
        Literal["eps", "v_prediction", "lcm", "x0", "img_to_img"],
        "What the model was trained to give: eps for most, v_prediction or lcm where its author says so",
    ] = "eps",
    zsnr: Annotated[
        bool, Toggle(), "On for models that were trained from nothing but noise (zero terminal SNR); they reach black"
    ] = False,
    ctx: NodeContext,
) -> Model:
    """Tell a Stable Diffusion model how it was trained, when its file does not say.

    You need this for some v-prediction checkpoints, whose pictures are otherwise grey noise, and for LCM models, which
    paint in 4 to 8 steps. The author's page says which one it is.
    """
    concerns.trained_on_flow(ctx, model)
    return diffusion.model_sampling.discrete(model, sampling, zsnr=zsnr)


@node("ModelSamplingSD3", title="Model Sampling (SD3)", category="advanced/model", aliases=("shift", "flow"))
def shifted(*, model: _ModelInput, shift: _Shift = 3.0) -> Model:
    """Change how a flow model, such as Stable Diffusion 3.5, spreads its steps between coarse shapes and details.

    3 is what Stable Diffusion 3 uses. A higher shift makes compositions calmer and details fewer; a lower one does the
    opposite.
    """
    return diffusion.model_sampling.flow(model, shift)


@node("ModelSamplingAuraFlow", title="Model Sampling (AuraFlow)", category="advanced/model", aliases=("shift", "flow"))
def shifted_less(*, model: _ModelInput, shift: _Shift = 1.73) -> Model:
    """Change how a flow model spreads its steps, beginning from the value that AuraFlow was made for.

    It does the same as Model Sampling (SD3); published workflows use it for several families.
    """
    return diffusion.model_sampling.flow(model, shift)


@node("ModelSamplingFlux", title="Model Sampling (Flux)", category="advanced/model", aliases=("shift", "flow"))
def shifted_for_size(
    *,
    model: _ModelInput,
    max_shift: Annotated[float, Number(0, 100, 0.01), "The shift for a picture of 1024 x 1024 pixels"] = 1.15,
    base_shift: Annotated[float, Number(0, 100, 0.01), "The shift for a picture of 256 x 256 pixels"] = 0.5,
    width: Annotated[int, Number(16, MAX_SIDE, 8), "Width of the picture that you paint, in pixels"] = 1024,
    height: Annotated[int, Number(16, MAX_SIDE, 8), "Height of the picture that you paint, in pixels"] = 1024,
) -> Model:
    """Fit how Flux spreads its steps to the size of your picture.

    Without this node Flux is set for 1024 x 1024. Smaller pictures get a little more detail with their own size here,
    and larger ones hold together better.
    """
    return diffusion.model_sampling.flow_for_size(
        model, max_shift=max_shift, base_shift=base_shift, width=width, height=height
    )


@node("ModelSamplingContinuousEDM", title="Model Sampling (EDM)", category="advanced/model", aliases=("edm",))
def continuous(
    *,
    model: _ModelInput,
    sampling: Annotated[
        Literal["v_prediction", "edm", "eps"], "What the model was trained to give; its author says which one it is"
    ] = "v_prediction",
    sigma_max: Annotated[float, Number(0, 1000, 0.001), "The highest noise level that it knows"] = 120.0,
    sigma_min: Annotated[float, Number(0, 1000, 0.001), "The lowest noise level that it knows"] = 0.002,
    ctx: NodeContext,
) -> Model:
    """Tell a model that it was trained on any noise level between two ("EDM"), not on a list of a thousand.

    A few models derived from Stable Diffusion XL, such as CosXL, need this. Leave the limits unless the model's author
    gives others.
    """
    concerns.trained_on_flow(ctx, model)
    return diffusion.model_sampling.continuous(model, sampling, sigma_max=sigma_max, sigma_min=sigma_min)
