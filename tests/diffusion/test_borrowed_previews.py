"""Previews of models in parts: by the VAE that was loaded last."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import pytest
import torch

from diffusion import borrowed_previews
from diffusion.families.latent_format import LatentFormat
from diffusion.latents import empty
from diffusion.loading import load_vae
from diffusion.models import Vae
from diffusion.preview import LatentPreview
from diffusion.sample import sample
from tests.support import tiny_families, tiny_modules

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _none_lent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borrowed_previews, "newest", {})


def pictures(model: Any) -> list[Any]:
    """The previews of a run of two steps."""
    seen: list[Any] = []
    prompt = tiny_families.prompt(model, seed=1)
    sample(
        model,
        prompt,
        prompt,
        empty(64, 32),
        seed=1,
        steps=2,
        cfg=1.0,
        sampler_name="euler",
        scheduler="simple",
        on_step=lambda step: seen.append(step.preview()),
    )
    return seen


def test_a_model_without_a_vae_borrows_from_the_one_that_was_loaded(tmp_path: Path) -> None:
    model = tiny_families.model("flux")
    assert pictures(model) == [None, None]
    tiny_modules.vae(channels=4).save_pretrained(tmp_path / "other")
    other = load_vae(tmp_path / "other", device="cpu")
    assert pictures(model) == [None, None]
    tiny_modules.vae(channels=16).save_pretrained(tmp_path / "vae")
    vae = load_vae(tmp_path / "vae", device="cpu")
    assert pictures(model)[-1].size == (64, 32)
    assert (other.latent_format.channels, vae.latent_format.channels) == (4, 16)


def test_it_is_the_picture_that_the_vae_would_show_whatever_its_scale() -> None:
    own = LatentFormat(16, 8, scale=0.5, shift=0.2)
    vae = Vae(tiny_modules.vae(channels=16), LatentFormat(16, 8, scale=2.0, shift=-1.0), CPU, torch.float32)
    borrowed_previews.lend(vae)
    raw = tiny_families.random(16, 4, 4, seed=1)
    shown = borrowed_previews.picture(own.to_model(raw), own)
    wanted = LatentPreview(vae).picture(vae.latent_format.to_model(raw))
    assert shown is not None
    assert wanted is not None
    assert shown.tobytes() == wanted.tobytes()


def test_it_keeps_no_vae_in_memory_and_what_was_learned_of_one_stays() -> None:
    own = LatentFormat(16, 8)
    latent = torch.zeros(16, 4, 4)
    vae = Vae(tiny_modules.vae(channels=16), own, CPU, torch.float32)
    borrowed_previews.lend(vae)
    del vae
    gc.collect()
    assert borrowed_previews.picture(latent, own) is None
    vae = Vae(tiny_modules.vae(channels=16), own, CPU, torch.float32)
    borrowed_previews.lend(vae)
    assert borrowed_previews.picture(latent, own) is not None
    del vae
    gc.collect()
    assert borrowed_previews.picture(latent, own) is not None
