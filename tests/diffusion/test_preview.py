"""Previews: what a linear map of the latent shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit

from diffusion.families.latent_format import LatentFormat
from diffusion.models import Vae
from diffusion.preview import LatentPreview

if TYPE_CHECKING:
    from diffusion.models import Checkpoint


class Latents(NamedTuple):
    latents: torch.Tensor


class Averages(torch.nn.Module):
    """An autoencoder whose latent is a known linear image of the picture at low resolution."""

    MIX = torch.tensor([[1.0, 0.5, 0.0], [0.0, 1.0, -1.0], [0.2, 0.0, 1.0], [0.0, 0.0, 0.5]])

    def encode(self, x: torch.Tensor) -> Latents:
        return Latents(torch.einsum("lc,bchw->blhw", self.MIX, F.avg_pool2d(x, 8)))


def test_the_map_is_learned_from_the_vae() -> None:
    module: Any = Averages()
    vae = Vae(module, LatentFormat(4, 8, scale=0.2), torch.device("cpu"), torch.float32)
    colours = torch.rand((1, 3, 4, 6), generator=torch.Generator().manual_seed(1))
    latent = module.encode(F.interpolate(colours, scale_factor=8) * 2 - 1).latents
    picture = LatentPreview(vae).picture(vae.latent_format.to_model(latent)[0])
    assert picture.size == (48, 32)
    shown = np.asarray(picture.resize((6, 4), resample=0), dtype=np.float32) / 255
    assert shown == pytest.approx(colours[0].movedim(0, -1).numpy(), abs=0.12)


def test_previews_are_small_and_learned_once_from_one_small_picture() -> None:
    """So that one costs less than a step: the autoencoder works once, on 128 by 128 pixels, and never decodes."""
    encoded: list[tuple[int, ...]] = []

    class Counted(Averages):
        def encode(self, x: torch.Tensor) -> Latents:
            encoded.append(tuple(x.shape))
            return super().encode(x)

    module: Any = Counted()
    preview = LatentPreview(Vae(module, LatentFormat(4, 8, scale=0.2), torch.device("cpu"), torch.float32))
    assert preview.picture(torch.randn(4, 64, 96)).size == (256, 171)
    assert preview.picture(torch.zeros(4, 4, 4)).size == (32, 32)
    assert encoded == [(1, 3, 128, 128)]


@pytest.mark.network
def test_models_of_other_channels_have_previews_too(wide_checkpoint: Checkpoint) -> None:
    assert wide_checkpoint.model.preview is not None
    assert wide_checkpoint.model.preview(torch.randn(8, 8, 8)).size == (32, 32)
