"""What the built-in nodes warn of: a result that is there, and is hardly what a person wanted.

Each function looks at what a node was given and warns on the node, with what to do about it. Nothing is said of what
is normal use, of what the node says that it does, or of what cannot be known.
"""

from __future__ import annotations

from typing import Any

import diffusion
from graph.api import NodeContext

_DARK = 1 / 510
"""Less than half of the smallest step of 8 bits."""
_MUCH_GUIDANCE = 2.0
"""Up to this a person may know what they do."""
_STRETCH = 0.05
"""Proportions that differ by less come from rounding to whole cells."""
_GET_A_MASK = "erase a part of the picture in an image program and save it as PNG, or connect a mask with a white part"


def mask_for_painting(ctx: NodeContext, mask: Any, size: tuple[int, int], count: int, least: float = _DARK) -> None:
    """A mask that says where to paint, over pictures of some width and height; below `least` nothing is masked."""
    if float(mask.max()) < least:
        ctx.warn(f"the mask is empty, so nothing is painted anew; {_GET_A_MASK}")
        return
    stretched_mask(ctx, mask, size)
    uneven(ctx, "masks", int(mask.shape[0]), "pictures", count)


def mask_for_pasting(ctx: NodeContext, mask: Any) -> None:
    """A mask that says where one picture covers another."""
    if float(mask.max()) < _DARK:
        ctx.warn(f"the mask is empty, so nothing is pasted; {_GET_A_MASK}")


def mask_for_prompt(ctx: NodeContext, mask: Any) -> None:
    """A mask that says where a prompt counts."""
    if float(mask.max()) < _DARK:
        ctx.warn(f"the mask is empty, so this prompt counts nowhere; {_GET_A_MASK}")


def stretched_mask(ctx: NodeContext, mask: Any, size: tuple[int, int]) -> None:
    """A mask of other proportions than the picture."""
    width, height = size
    tall, wide = mask.shape[-2:]
    if abs(wide * height / (tall * width) - 1) > _STRETCH:
        ctx.warn(
            f"the mask is {wide} x {tall} pixels and the picture {width} x {height}: it was stretched, and covers "
            "another place than it was drawn for; use a mask of the picture's size"
        )


def uneven(ctx: NodeContext, what: str, given: int, over: str, wanted: int) -> None:
    """Some things for some others, which do not go into each other."""
    if given > wanted:
        ctx.warn(f"there are {given} {what} and {wanted} {over}: the last {given - wanted} {what} were not used")
    elif wanted % given:
        ctx.warn(f"there are {given} {what} for {wanted} {over}: they were used in turn, not equally often")


def selection(ctx: NodeContext, what: str, count: int, index: int, length: int, most: int) -> None:
    """Part of a batch that reaches beyond it; a `length` of `most` asks for all that there is."""
    if index >= count:
        ctx.warn(
            f"there are only {count} {what}, so number {index} is none of them (the first is 0): the last was taken"
        )
    elif index + length > count and length < most:
        ctx.warn(f"only {count - index} of the {length} {what} asked for are there")


def rectangle(ctx: NodeContext, size: tuple[int, int], place: tuple[int, int], wanted: tuple[int, int]) -> None:
    """A rectangle that reaches beyond the picture it is cut from."""
    left = [max(1, side - min(start, side - 1)) for side, start in zip(size, place, strict=True)]
    if any(start >= side for side, start in zip(size, place, strict=True)):
        ctx.warn(
            f"the rectangle lies beside the picture of {size[0]} x {size[1]} pixels: its last edge was taken instead"
        )
    elif any(want > there for want, there in zip(wanted, left, strict=True)):
        width, height = (min(want, there) for want, there in zip(wanted, left, strict=True))
        ctx.warn(
            f"the rectangle reaches beyond the picture of {size[0]} x {size[1]} pixels: "
            f"the result is {width} x {height}"
        )


def start_of_sampling(ctx: NodeContext, latent: Any, *, starts_whole: bool, steps_left: int) -> None:
    """What the sampler begins with; `starts_whole` when everything there is covered by new noise."""
    if steps_left < 1:
        ctx.warn(
            "no step lies between the first and the last one, so nothing is painted; raise the end or lower the start"
        )
    elif not starts_whole and diffusion.latents.is_empty(latent["samples"]):
        ctx.warn(
            "the canvas is empty and is not covered by noise as a whole, so the picture stays grey: paint with a "
            "denoise of 1 and all steps, or connect an encoded picture"
        )


def size_of_canvas(ctx: NodeContext, model: Any, latent: Any, *, starts_whole: bool) -> None:
    """A new picture of a size that the model's family was not trained on."""
    family = getattr(model, "family", None)
    if family is None or not starts_whole:
        return
    native = family.native_of(model.variant)
    # A model that was made smaller than its family says for which size it was made.
    made_for = int(getattr(model.module.config, "sample_size", None) or 0) * model.latent_format.downscale
    if 0 < made_for < native.least_side:
        return
    width, height = diffusion.latents.pixel_size(latent)
    if min(width, height) < native.least_side or max(width, height) > native.most_side:
        ctx.warn(
            f"the canvas is {width} x {height} pixels and {family.name} was trained on pictures of "
            f"{native.width} x {native.height}: this far away they fall apart or repeat themselves; paint with sides "
            f"of {native.least_side} to {native.most_side} pixels, and scale the result afterwards"
        )


def guidance(ctx: NodeContext, model: Any, cfg: float) -> None:
    """Guidance by two prompts for a family that was trained to paint without it."""
    family = getattr(model, "family", None)
    if family is not None and family.native_of(model.variant).cfg == 1.0 and cfg > _MUCH_GUIDANCE:
        ctx.warn(
            f"{family.name} was trained to paint with a cfg of 1; {cfg:g} takes twice the time and burns colours: "
            "set cfg to 1, and how closely the prompt is followed with Flux Guidance"
        )


def trained_on_flow(ctx: NodeContext, model: Any) -> None:
    """Another way of counting noise for a model whose family was trained on flow."""
    family = getattr(model, "family", None)
    if family is not None and family.noise(model.variant).is_flow:
        ctx.warn(
            f"{family.name} was trained on flow, so with this setting it paints nothing but noise; "
            "use Model Sampling (SD3) or Model Sampling (Flux) for it"
        )


def only_first_prompt(ctx: NodeContext, conditioning: Any) -> None:
    """A node that takes one prompt was given several."""
    if len(conditioning) > 1:
        ctx.warn(f"conditioning_from holds {len(conditioning)} combined prompts, and only the first of them is used")


def mask_for_evolving(ctx: NodeContext, mask: Any, size: tuple[int, int], count: int) -> None:
    """A mask that says where a picture evolves, over pictures of some width and height."""
    if float(mask.max()) < _DARK:
        ctx.warn(f"the mask is empty, so nothing evolves; {_GET_A_MASK}")
        return
    stretched_mask(ctx, mask, size)
    uneven(ctx, "masks", int(mask.shape[0]), "pictures", count)


def values_to_cut(ctx: NodeContext, field: Any) -> None:
    """A picture that evolved out of the range that pictures have."""
    least, most = float(field.min()), float(field.max())
    if least < -_DARK or most > 1 + _DARK:
        ctx.warn(
            f"the picture grew to values from {least:.2f} to {most:.2f}; what is below 0 or above 1 was cut off: use "
            "less strength or a shorter time"
        )


def values_to_save(ctx: NodeContext, images: Any) -> None:
    """Pictures whose values a file cannot hold."""
    least, most = float(images.min()), float(images.max())
    if least < -_DARK or most > 1 + _DARK:
        ctx.warn(f"the pictures hold values from {least:.2f} to {most:.2f}; what is below 0 or above 1 was cut off")
