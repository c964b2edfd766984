"""What names and shapes of tensors say of a UNet, in the layout of its first release or in that of diffusers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffusion.families.family import Shapes


@dataclass(frozen=True)
class UNetTraits:
    """What tells UNets of one lineage apart.

    `latent_channels` in the latents that it paints, `extra_channels` that it sees beside them; `linear`: whether
    attention is entered by a matrix (in the oldest it is a convolution); `adds_vector`: whether it takes a vector
    beside the prompt's tokens; `levels`: how many resolutions there are.
    """

    latent_channels: int
    extra_channels: int
    linear: bool
    adds_vector: bool
    levels: int

    @property
    def inputs(self) -> str | None:
        """The variant that the channels tell: "" plain, "inpaint", "instruct"; None for others."""
        known = {0: "", self.latent_channels + 1: "inpaint", self.latent_channels: "instruct"}
        return known.get(self.extra_channels)


def unet_traits(shapes: Shapes) -> UNetTraits | None:
    """The traits of a UNet that reads prompts by cross-attention; None when the tensors are of something else."""
    ldm = "input_blocks.0.0.weight" in shapes
    first, last = ("input_blocks.0.0.weight", "out.2.weight") if ldm else ("conv_in.weight", "conv_out.weight")
    if first not in shapes or last not in shapes or len(shapes[first]) != 4:
        return None
    entrance = next((shape for name, shape in shapes.items() if name.endswith(".proj_in.weight")), None)
    reads = any(name.endswith(".transformer_blocks.0.attn2.to_k.weight") for name in shapes)
    together = "\n".join(["", *shapes])  # a search through one text is many times quicker than one through each name
    if entrance is None or not reads or any(f"\n{start}" in together for start in _OTHERS):
        return None
    latent = shapes[last][0]
    vector = "label_emb.0.0.weight" if ldm else "add_embedding.linear_1.weight"
    marks = [f"input_blocks.{3 * level}.0" if ldm else f"down_blocks.{level}." for level in range(1, 8)]
    levels = 1 + sum(f"\n{mark}" in together for mark in marks)
    return UNetTraits(latent, shapes[first][1] - latent, len(entrance) == 2, vector in shapes, levels)


# Inputs that no family here has: a text model of another kind, classes, a ControlNet's side outputs, motion.
_OTHERS = (
    "encoder_hid_proj.",
    "class_embedding.",
    "controlnet_down_blocks.",
    "zero_convs.",
    "time_embedding.cond_proj",
)
