"""Nodes that give a prompt pictures to go by: to paint into, to edit, to refer to."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import diffusion
from graph.api import NodeContext, Toggle, node
from nodes import concerns
from nodes.cancelling import cancellable
from nodes.types import Conditioning, Image, Latent, Mask, Vae

_Positive = Annotated[Conditioning, "The prompt that says what you want to see"]
_Negative = Annotated[Conditioning, "The prompt that says what you do not want"]
_Coder = Annotated[Vae, "The VAE of the checkpoint that will paint"]


class Prepared(NamedTuple):
    """Both prompts with the picture, and what to sample from."""

    positive: Annotated[Conditioning, "The first prompt with the picture. Connect it to the sampler's positive"]
    negative: Annotated[Conditioning, "The second prompt with the picture. Connect it to the sampler's negative"]
    latent: Annotated[Latent, "What to sample from. Connect it to the sampler's latent image"]


@node(
    "InpaintModelConditioning",
    title="Prepare Inpainting",
    category="conditioning/inpaint",
    lane="device",
    aliases=("inpaint", "fill"),
)
def prepare_inpainting(
    *,
    positive: _Positive,
    negative: _Negative,
    vae: _Coder,
    pixels: Annotated[Image, "The picture to change"],
    mask: Annotated[Mask, "White (1) where something new should be painted, black (0) where the picture is kept"],
    noise_mask: Annotated[
        bool, Toggle(), "On keeps everything outside the mask exactly; off lets the model repaint all of it"
    ] = True,
    ctx: NodeContext,
) -> Prepared:
    """Show a picture and the place to repaint to a model that was made for inpainting, such as Flux Fill.

    These models look at what surrounds the hole, so what they paint fits in. They take a *denoise* of 1. With an
    ordinary checkpoint use Paint Only Inside Mask instead.
    """
    concerns.mask_for_painting(ctx, mask, (int(pixels.shape[2]), int(pixels.shape[1])), int(pixels.shape[0]), least=0.5)
    with cancellable(ctx) as cancelled:
        made = diffusion.picture_prompts.for_inpainting(
            positive, negative, vae, pixels, mask, noise_mask=noise_mask, cancelled=cancelled
        )
    return Prepared(*made)


@node(
    "InstructPixToPixConditioning",
    title="Prepare Editing by Instruction",
    category="conditioning/instruct",
    lane="device",
    aliases=("pix2pix", "canny", "depth"),
)
def prepare_editing(
    *,
    positive: Annotated[Conditioning, 'The instruction, such as "make it winter"'],
    negative: _Negative,
    vae: _Coder,
    pixels: Annotated[Image, "The picture to edit, or the edges or depths to follow"],
    ctx: NodeContext,
) -> Prepared:
    """Show a picture to a model that edits by instruction, or that follows edges or depths (Flux Canny and Depth).

    The model sees the picture at every step while it paints a new one of the same size, so *denoise* stays at 1. An
    ordinary checkpoint has no place for the picture and is refused by the sampler.
    """
    with cancellable(ctx) as cancelled:
        made = diffusion.picture_prompts.for_instruction(positive, negative, vae, pixels, cancelled=cancelled)
    return Prepared(*made)


@node("ReferenceLatent", title="Refer to Picture", category="conditioning/edit", aliases=("kontext", "edit"))
def refer(
    *,
    conditioning: Annotated[Conditioning, "The prompt that says what to do with the picture"],
    latent: Annotated[Latent | None, "The picture as a latent, from VAE Encode; without one nothing changes"] = None,
) -> Conditioning:
    """Let a prompt refer to a picture, for models such as Flux Kontext that edit what they are shown.

    "Make the car red" then speaks of the car in the picture. Several of these behind each other refer to several
    pictures.
    """
    return conditioning if latent is None else diffusion.picture_prompts.with_reference(conditioning, latent)
