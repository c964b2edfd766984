"""A small picture of a latent while it is being sampled, without running the VAE.

A VAE's latent is nearly a linear image of the picture at low resolution, so three weights a channel and an offset
give a recognisable preview for next to nothing. Every VAE has its own weights; they are learned when first needed,
from the latents that the VAE gives for a made-up picture of soft and hard colour fields (least squares).
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit
from PIL import Image

from diffusion import vae as vae_room

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from diffusion.models import Vae

_CELLS = 16
_LONGEST_SIDE = 256


class LatentPreview:
    """Latents of one VAE as small pictures."""

    def __init__(self, vae: Vae) -> None:
        self._vae: Callable[[], Vae | None] = lambda: vae
        self.latent_format = vae.latent_format
        self._lock = threading.Lock()
        self._map: Tensor | None = None

    @classmethod
    def weak(cls, vae: Vae) -> LatentPreview:
        """One that does not keep the VAE in memory; there is no picture when it is gone before it was learned from."""
        made = cls(vae)
        made._vae = weakref.ref(vae)
        return made

    def picture(self, latent: Tensor) -> Image.Image | None:
        """One latent [C, h, w] in the VAE's scale -> an RGB picture, as large as the real one but at most 256
        pixels."""
        weights = self._weights()
        if weights is None:
            return None
        cells = torch.cat(
            [latent.to("cpu", torch.float32), torch.ones_like(latent[:1], device="cpu", dtype=torch.float32)]
        )
        rgb = torch.einsum("chw,cr->hwr", cells, weights).clamp(0, 1)
        picture = Image.fromarray((rgb * 255).round().to(torch.uint8).numpy())
        scale = min(self.latent_format.downscale, _LONGEST_SIDE / max(picture.size))
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        return picture.resize(size, Image.Resampling.BICUBIC)

    def _weights(self) -> Tensor | None:
        """[C + 1, 3]: from a latent cell and a one to RGB."""
        with self._lock:
            vae = self._vae() if self._map is None else None
            if vae is not None:
                self._map = _fit(vae)
            return self._map


def _fit(vae: Vae) -> Tensor:
    colours = _colour_fields()
    pixels = F.interpolate(colours, scale_factor=vae.latent_format.downscale, mode="nearest")
    latent = vae.latent_format.to_model(vae_room.encode(vae, pixels.movedim(1, -1)))
    cells = latent.movedim(1, -1).reshape(-1, latent.shape[1]).double()
    cells = torch.cat([cells, torch.ones(len(cells), 1, dtype=torch.float64)], dim=1)
    target = F.interpolate(colours, size=latent.shape[-2:], mode="area").movedim(1, -1).reshape(-1, 3).double()
    # gelsd copes with channels that say nothing, as in a model that was never trained.
    solution: Tensor = torch.linalg.lstsq(cells, target, driver="gelsd").solution
    return solution.float()


def _colour_fields() -> Tensor:
    """[1, 3, 16, 16]: the left half changes softly, the right half in hard patches."""
    generator = torch.Generator().manual_seed(0)
    half = (_CELLS, _CELLS // 2)
    soft = F.interpolate(torch.rand((1, 3, 5, 3), generator=generator), size=half, mode="bilinear", align_corners=True)
    hard = F.interpolate(torch.rand((1, 3, 8, 4), generator=generator), size=half, mode="nearest")
    return torch.cat([soft, hard], dim=-1)
