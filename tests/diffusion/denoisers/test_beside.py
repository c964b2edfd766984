"""Pictures and masks that a network sees beside x: from the prompt, or from the run itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from diffusion import conditioning as c
from diffusion.denoisers.contract import CONCAT
from diffusion.errors import DiffusionError
from diffusion.latents import empty, set_noise_mask
from diffusion.sample import sample
from tests.support import tiny_families

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffusion.start import Start

    StartOf = Callable[..., Start]

pytestmark = pytest.mark.network

INPAINTING = [("sd1", "inpaint"), ("sdxl", "inpaint"), ("flux", "fill")]
by_name = pytest.mark.parametrize("kind", INPAINTING, ids=" ".join)


def seen(model: Any, start: Start, **settings: Any) -> torch.Tensor:
    """What of the conditions lies beside x."""
    ((embeds, own),) = tiny_families.prompt(model, seed=1)
    kept = {name: value for name, value in own.items() if not name.startswith("concat")}
    conditions = model.family.denoiser(model).condition(embeds, {**kept, **settings}, start, "positive")
    beside: torch.Tensor = conditions[CONCAT]
    return beside


def test_a_unet_for_inpainting_sees_the_mask_and_then_what_is_kept_in_its_scale(start_of: StartOf) -> None:
    model = tiny_families.shared("sd1", "inpaint")
    picture, hole = tiny_families.latent(model, seed=3), tiny_families.hole((8, 8))
    beside = seen(model, start_of(model), concat_latent_image=picture, concat_mask=hole)
    assert beside.shape == (1, 5, 8, 8)
    assert torch.equal(beside[:, 0], hole[:, ::8, ::8])
    assert torch.equal(beside[:, 1:], model.latent_format.to_model(picture))


def test_flux_fill_sees_what_is_kept_and_then_every_pixel_of_the_mask(start_of: StartOf) -> None:
    model = tiny_families.shared("flux", "fill")
    picture, hole = tiny_families.latent(model, seed=3), torch.zeros(1, 64, 64)
    hole[0, 17, 26] = 1.0
    beside = seen(model, start_of(model), concat_latent_image=picture, concat_mask=hole)
    assert beside.shape == (1, 16 + 64, 8, 8)
    assert torch.equal(beside[:, :16], model.latent_format.to_model(picture))
    assert beside[0, 16:].nonzero().tolist() == [[8 * 1 + 2, 2, 3]]


@by_name
def test_picture_and_mask_come_from_the_prompt_or_each_from_the_run(start_of: StartOf, kind: tuple[str, str]) -> None:
    model = tiny_families.shared(*kind)
    picture, hole = tiny_families.latent(model, seed=3), tiny_families.hole((8, 8))
    both = seen(model, start_of(model), concat_latent_image=picture, concat_mask=hole)
    for start, settings in (
        (start_of(model, samples=picture, noise_mask=hole), {}),
        (start_of(model, samples=picture), {"concat_mask": hole}),
        (start_of(model, noise_mask=hole), {"concat_latent_image": picture}),
    ):
        assert torch.equal(seen(model, start, **settings), both)


@by_name
def test_with_neither_it_is_refused_in_words(kind: tuple[str, str]) -> None:
    model = tiny_families.shared(*kind)
    bare = [
        [embeds, {name: value for name, value in own.items() if not name.startswith("concat")}]
        for embeds, own in tiny_families.prompt(model, seed=1)
    ]
    with pytest.raises(DiffusionError, match="paints into a picture") as caught:
        paint(model, bare)
    assert (caught.value.input, "VAEEncodeForInpaint" in caught.value.remedy) == ("positive", True)


@pytest.mark.parametrize("kind", [("sd1", "instruct"), ("flux", "control")], ids=" ".join)
def test_a_network_that_is_led_by_a_picture_needs_one(kind: tuple[str, str]) -> None:
    model = tiny_families.shared(*kind)
    prompt = c.set_values(tiny_families.prompt(model, seed=1), {"concat_latent_image": None})
    with pytest.raises(DiffusionError, match="there is none with this prompt") as caught:
        paint(model, prompt)
    assert caught.value.input == "positive"


def test_a_picture_of_another_vae_is_refused(start_of: StartOf) -> None:
    model = tiny_families.shared("sd1", "instruct")
    with pytest.raises(DiffusionError, match=r"\[batch, 4, height, width\], got \[1, 16, 8, 8\]"):
        seen(model, start_of(model), concat_latent_image=torch.zeros(1, 16, 8, 8))


def test_a_picture_of_another_size_is_fitted_and_a_short_batch_repeated(start_of: StartOf) -> None:
    model = tiny_families.shared("sd1", "instruct")
    start = start_of(model, samples=torch.zeros(3, 4, 8, 8))
    beside = seen(model, start, concat_latent_image=torch.ones(1, 4, 4, 16))
    assert torch.equal(beside, torch.ones(3, 4, 8, 8))


@by_name
def test_a_region_sees_its_part_of_the_picture(kind: tuple[str, str]) -> None:
    model = tiny_families.shared(*kind)
    everywhere = tiny_families.prompt(model, seed=1)
    there = c.set_area(tiny_families.prompt(model, seed=4), width=32, height=48, x=16, y=8)
    assert paint(model, c.combine(everywhere, there)).isfinite().all()


def test_a_soft_mask_is_cut_at_its_half_for_the_network_and_stays_soft_for_the_picture() -> None:
    model = tiny_families.shared("sd1", "inpaint")
    latent = {"samples": tiny_families.latent(model, seed=2)}
    soft = torch.linspace(0, 1, 8).repeat_interleave(8).expand(1, 64, 64)
    hard = soft.round()
    bare = [[embeds, {}] for embeds, _ in tiny_families.prompt(model, seed=1)]
    painted = [paint(model, bare, set_noise_mask(latent, mask)) for mask in (soft, hard)]
    assert not torch.equal(*painted)


def paint(model: Any, positive: c.Conditioning, latent: dict[str, Any] | None = None) -> torch.Tensor:
    settings: dict[str, Any] = {"seed": 1, "steps": 2, "cfg": 1.0, "sampler_name": "euler", "scheduler": "normal"}
    given = latent or empty(64, 64)
    samples: torch.Tensor = sample(model, positive, [], given, **settings)["samples"]
    return samples
