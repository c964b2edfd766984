"""All families by id. A family is one file beside this one and one row here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.families.flux import FLUX
from diffusion.families.sd1 import SD1
from diffusion.families.sd2 import SD2
from diffusion.families.sd3 import SD3
from diffusion.families.sdxl import SDXL
from diffusion.families.sdxl_refiner import SDXL_REFINER

if TYPE_CHECKING:
    from diffusion.families.family import Family, Shapes

FAMILIES: dict[str, Family] = {family.id: family for family in (SD1, SD2, SDXL, SDXL_REFINER, SD3, FLUX)}


def recognise_family(shapes: Shapes) -> tuple[Family, str] | None:
    """The family and the variant that a denoiser's tensors belong to; None when they are of no family here."""
    for family in FAMILIES.values():
        variant = family.recognise(shapes)
        if variant is not None:
            return family, variant
    return None
