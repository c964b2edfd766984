"""Prompt nodes for one family of models, with what that family wants to be told besides the words."""

from __future__ import annotations

from typing import Annotated, Literal

import diffusion
from graph.api import Label, NodeContext, Number, Slider, Text, node
from nodes.cancelling import cancellable
from nodes.embeddings import embeddings_in, with_embeddings
from nodes.types import MAX_SIDE, Clip, Conditioning

_Size = Number(0, MAX_SIDE, 8)
_Words = Text(multiline=True)


@node(
    "CLIPTextEncodeSDXL",
    title="Prompt (SDXL)",
    category="advanced/conditioning",
    lane="device",
    aliases=("text encode",),
    fingerprint=embeddings_in("text_g", "text_l"),
)
def encode_sdxl(
    *,
    clip: Annotated[Clip, "The text encoder of a Stable Diffusion XL checkpoint"],
    width: Annotated[
        int, _Size, "How wide the training picture was, in pixels: small values give blurry pictures"
    ] = 1024,
    height: Annotated[int, _Size, "How high the training picture was, in pixels"] = 1024,
    crop_w: Annotated[int, _Size, "How much was cut off on its left; 0 keeps your subject in the middle"] = 0,
    crop_h: Annotated[int, _Size, "How much was cut off at its top"] = 0,
    target_width: Annotated[int, _Size, "How wide your picture is to look; as a rule the width of the canvas"] = 1024,
    target_height: Annotated[int, _Size, "How high your picture is to look; as a rule the height of the canvas"] = 1024,
    text_g: Annotated[str, _Words, "The prompt for the large text encoder, which reads for meaning"] = "",
    text_l: Annotated[str, _Words, "The prompt for the small text encoder; as a rule the same words"] = "",
    ctx: NodeContext,
) -> Conditioning:
    """Say what to paint to Stable Diffusion XL, with the picture sizes that it was trained to listen to.

    SDXL learned from pictures of many sizes and was told each size. Asking for 1024 or more gives sharp pictures, and a
    crop of 0 keeps things in the frame. Prompt does the same with your canvas's own size; use this node when you want
    to differ from it.
    """
    clip = with_embeddings(ctx, clip, text_g, text_l)
    with cancellable(ctx) as cancelled:
        prompt = diffusion.text_encoding.encode_apart(clip, {"g": text_g, "l": text_l}, cancelled=cancelled)
    return diffusion.conditioning.set_values(
        prompt,
        {
            "width": width,
            "height": height,
            "crop_w": crop_w,
            "crop_h": crop_h,
            "target_width": target_width,
            "target_height": target_height,
        },
    )


@node(
    "CLIPTextEncodeSDXLRefiner",
    title="Prompt (SDXL Refiner)",
    category="advanced/conditioning",
    lane="device",
    aliases=("text encode",),
    fingerprint=embeddings_in("text"),
)
def encode_refiner(
    *,
    ascore: Annotated[
        float,
        Slider(0, 1000, 0.01),
        Label("Aesthetic score"),
        "How pretty the picture is to be: 6 for what you want, 2.5 in the negative prompt",
    ] = 6.0,
    width: Annotated[int, _Size, "The width of your picture in pixels"] = 1024,
    height: Annotated[int, _Size, "The height of your picture in pixels"] = 1024,
    text: Annotated[str, _Words, "What the picture shows: as a rule the prompt that it was painted with"] = "",
    clip: Annotated[Clip, "The text encoder of the refiner"],
    ctx: NodeContext,
) -> Conditioning:
    """Say what the picture shows to the refiner of Stable Diffusion XL, which paints only the last steps.

    The refiner was trained to know how pretty people found a picture. Connect its result to a Sampler (Advanced) that
    takes over from the base model.
    """
    clip = with_embeddings(ctx, clip, text)
    with cancellable(ctx) as cancelled:
        prompt = diffusion.text_encoding.encode(clip, text, cancelled=cancelled)
    return diffusion.conditioning.set_values(prompt, {"aesthetic_score": ascore, "width": width, "height": height})


@node(
    "CLIPTextEncodeFlux",
    title="Prompt (Flux)",
    category="advanced/conditioning",
    lane="device",
    aliases=("text encode",),
    fingerprint=embeddings_in("clip_l", "t5xxl"),
)
def encode_flux(
    *,
    clip: Annotated[Clip, "The text encoders of Flux"],
    clip_l: Annotated[str, _Words, "The prompt in a few words, for the overall look"] = "",
    t5xxl: Annotated[str, _Words, "The prompt in whole sentences, for everything that is to be seen"] = "",
    guidance: Annotated[
        float, Slider(0, 100, 0.1), "How closely to follow the prompt: 2 to 4 as a rule; lower looks more natural"
    ] = 3.5,
    ctx: NodeContext,
) -> Conditioning:
    """Say what to paint to Flux, with a text for each of its two text encoders, and how closely to follow it.

    The same text in both works well. Set the sampler's *cfg* to 1: Flux was trained to take guidance as a number and
    needs no negative prompt.
    """
    clip = with_embeddings(ctx, clip, clip_l, t5xxl)
    with cancellable(ctx) as cancelled:
        prompt = diffusion.text_encoding.encode_apart(clip, {"l": clip_l, "t5xxl": t5xxl}, cancelled=cancelled)
    return diffusion.conditioning.set_values(prompt, {"guidance": guidance})


@node(
    "CLIPTextEncodeSD3",
    title="Prompt (SD3)",
    category="advanced/conditioning",
    lane="device",
    aliases=("text encode",),
    fingerprint=embeddings_in("clip_l", "clip_g", "t5xxl"),
)
def encode_sd3(
    *,
    clip: Annotated[Clip, "The text encoders of Stable Diffusion 3 or 3.5"],
    clip_l: Annotated[str, _Words, "The prompt for the small CLIP"] = "",
    clip_g: Annotated[str, _Words, "The prompt for the large CLIP"] = "",
    t5xxl: Annotated[str, _Words, "The prompt for T5, which understands whole sentences"] = "",
    empty_padding: Annotated[
        Literal["none", "empty_prompt"],
        "What an empty text means: none switches its encoder off, empty_prompt lets it read nothing",
    ] = "none",
    ctx: NodeContext,
) -> Conditioning:
    """Say what to paint to Stable Diffusion 3, with a text for each of its three text encoders.

    The same text in all three works well. The model was trained with encoders switched off at times, so a prompt for
    only one or two of them works, too.
    """
    texts = {"l": clip_l, "g": clip_g, "t5xxl": t5xxl}
    given = {name: text for name, text in texts.items() if text or empty_padding == "empty_prompt"}
    clip = with_embeddings(ctx, clip, clip_l, clip_g, t5xxl)
    with cancellable(ctx) as cancelled:
        return diffusion.text_encoding.encode_apart(clip, given, cancelled=cancelled)
