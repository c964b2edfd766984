"""What a family of models declares. Free of torch.

A family is one declared value in a file of its own: how its files are recognised, how its latents look, how noise is
counted, who reads the prompt, how its denoiser is asked, and what it is good at. Everything else reads these fields
and names no family.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from diffusion.families.latent_format import LatentFormat
    from diffusion.noise_models import NoiseModel

Shapes: TypeAlias = "Mapping[str, tuple[int, ...]]"
"""The names of a denoiser's tensors, without what an all-in-one file puts in front of them, and their shapes as they
count for the model: of packed values the unpacked shape, of GGUF in the order of torch."""


@dataclass(frozen=True)
class Licence:
    """Under which terms a family's original weights are given, as far as a source says so. Not legal advice.

    `limits`: what a person should know before using pictures, in a few words; empty where there are none.
    """

    name: str
    source: str
    """The page that says so."""
    limits: str = ""


@dataclass(frozen=True)
class Native:
    """What a family (or a variant of it) was trained for: what a person should begin with."""

    width: int
    height: int
    steps: int
    cfg: float
    least_side: int
    most_side: int
    """Beyond these sides, in pixels, pictures repeat themselves or fall apart."""
    side_multiple: int = 8


@dataclass(frozen=True)
class TextPart:
    """A text encoder that a family's prompts go through: its `role` ("clip_l", "clip_g", "t5xxl") and the `prefix` of
    its tensors in an all-in-one file."""

    role: str
    prefix: str = ""


@dataclass(frozen=True)
class Family:
    """One family of models.

    `recognise` gives the name of the variant ("" for the plain one) that tensors belong to, None when they are of no
    model of this family. `noise` makes the noise model of a variant. `denoiser` makes what predicts x0 from a
    `DiffusionModel` (contract: `diffusion.denoisers.contract`). `layout` is the module with the places of the tensors
    in the family's files (contract: `diffusion.layouts.contract`). Functions that need torch are given by `late`.
    """

    id: str
    name: str
    recognise: Callable[[Shapes], str | None]
    latent_format: LatentFormat
    noise: Callable[[str], NoiseModel]
    denoiser: Callable[..., Any]
    layout: str
    text: tuple[TextPart, ...]
    native: Native
    licence: Licence | None = None
    """That of the plain variant; None where no source says so."""
    variants: Mapping[str, str] = field(default_factory=dict)
    """The id of each variant besides the plain one, and its name for persons."""
    variant_natives: Mapping[str, Native] = field(default_factory=dict)
    """What variants were trained for where it is not what the plain one was."""
    variant_licences: Mapping[str, Licence | None] = field(default_factory=dict)
    """Their terms where those are not the plain one's."""
    repeats_context: bool = False
    """Whether a prompt's tokens may be repeated without a change of the prediction: true of pure cross-attention,
    where each then counts k times; false where text and picture attend to each other."""
    latent_multiple: int = 1
    """Sides of a latent, in cells, are made a multiple of this by the denoiser: the patch of a transformer."""

    def __repr__(self) -> str:
        return f"Family({self.id!r})"

    def native_of(self, variant: str) -> Native:
        """What a variant was trained for."""
        return self.variant_natives.get(variant, self.native)

    def licence_of(self, variant: str) -> Licence | None:
        """The terms of a variant's original weights, None where no source says them."""
        return self.variant_licences.get(variant, self.licence)


def late(place: str) -> Callable[..., Any]:
    """The function `module:name`, imported when it is called."""

    def call(*arguments: Any, **settings: Any) -> Any:
        module, name = place.split(":")
        return getattr(import_module(module), name)(*arguments, **settings)

    return call
