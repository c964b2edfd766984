"""Prompts that carry pictures: what they carry, and that models which need it paint from it."""

from __future__ import annotations

import pytest
import torch

from diffusion.latents import empty
from diffusion.models import Vae
from diffusion.picture_prompts import for_inpainting, for_instruction, with_reference
from diffusion.sample import sample
from diffusion.vae import decode_latent, encode, encode_latent
from tests.support import tiny_families, tiny_models

pytestmark = pytest.mark.network

SETTINGS = {"seed": 1, "steps": 2, "cfg": 1.0, "sampler_name": "euler", "scheduler": "normal"}
PICTURE = torch.rand((1, 64, 64, 3), generator=torch.Generator().manual_seed(2))
HOLE = torch.zeros(1, 64, 64)
HOLE[:, 16:, 8:24] = 1.0


def coder(family: str) -> Vae:
    model = tiny_families.model(family)
    module = tiny_models.vae(channels=model.latent_format.channels)
    return Vae(module, model.latent_format, torch.device("cpu"), torch.float32)


def plain(variant: tuple[str, str]) -> list[list[object]]:
    """A prompt without pictures for a model."""
    model = tiny_families.model(*variant)
    ((embeds, settings),) = tiny_families.prompt(model, seed=1)
    return [[embeds, {name: value for name, value in settings.items() if name == "pooled_output"}]]


def test_inpainting_carries_the_picture_with_a_grey_hole_and_the_mask() -> None:
    vae, prompt = coder("sd1"), plain(("sd1", "inpaint"))
    positive, negative, latent = for_inpainting(prompt, prompt, vae, PICTURE, HOLE)
    grey = torch.where(HOLE[..., None] > 0.5, torch.tensor(0.5), PICTURE)
    for ((_, settings),) in (positive, negative):
        assert torch.equal(settings["concat_latent_image"], encode(vae, grey))
        assert torch.equal(settings["concat_mask"], HOLE[:, None])
    assert torch.equal(latent["samples"], encode(vae, PICTURE))
    assert torch.equal(latent["noise_mask"], HOLE[:, None])
    assert "concat_mask" not in prompt[0][1]


def test_without_a_noise_mask_all_of_the_picture_may_change() -> None:
    _, _, latent = for_inpainting(
        plain(("sd1", "inpaint")), plain(("sd1", "inpaint")), coder("sd1"), PICTURE, HOLE, noise_mask=False
    )
    assert "noise_mask" not in latent


@pytest.mark.parametrize(
    "variant", [("sd1", "inpaint"), pytest.param(("sdxl", "inpaint"), marks=pytest.mark.long), ("flux", "fill")]
)
def test_models_that_see_what_they_paint_into_paint_from_it(variant: tuple[str, str]) -> None:
    model, vae, prompt = tiny_families.model(*variant), coder(variant[0]), plain(variant)
    positive, negative, latent = for_inpainting(prompt, prompt, vae, PICTURE, HOLE, noise_mask=False)
    one = sample(model, positive, negative, latent, **SETTINGS)["samples"]
    positive, negative, _ = for_inpainting(prompt, prompt, vae, 1 - PICTURE, HOLE, noise_mask=False)
    other = sample(model, positive, negative, latent, **SETTINGS)["samples"]
    assert not torch.allclose(one, other, atol=1e-3)


@pytest.mark.parametrize("variant", [("sd1", "instruct"), ("flux", "control")])
def test_models_that_edit_or_follow_a_picture_paint_from_it_on_an_empty_canvas(variant: tuple[str, str]) -> None:
    model, vae, prompt = tiny_families.model(*variant), coder(variant[0]), plain(variant)
    positive, negative, latent = for_instruction(prompt, prompt, vae, PICTURE)
    assert torch.equal(positive[0][1]["concat_latent_image"], encode(vae, PICTURE))
    assert not latent["samples"].any()
    one = sample(model, positive, negative, latent, **SETTINGS)["samples"]
    other, _, _ = for_instruction(prompt, prompt, vae, 1 - PICTURE)
    assert not torch.allclose(one, sample(model, other, other, latent, **SETTINGS)["samples"], atol=1e-3)


def test_a_picture_of_a_size_that_is_no_number_of_cells_comes_back_in_its_size() -> None:
    vae, prompt = coder("sd1"), plain(("sd1", "inpaint"))
    odd = PICTURE[:, :60, :50]
    positive, _, latent = for_inpainting(prompt, prompt, vae, odd, HOLE)
    assert latent["samples"].shape == positive[0][1]["concat_latent_image"].shape == (1, 4, 8, 7)
    assert latent["noise_mask"].shape == positive[0][1]["concat_mask"].shape == (1, 1, 64, 56)
    assert decode_latent(vae, latent).shape == (1, 60, 50, 3)
    _, _, canvas = for_instruction(prompt, prompt, vae, odd)
    assert decode_latent(vae, canvas).shape == (1, 60, 50, 3)


def test_references_come_behind_each_other_and_change_what_kontext_paints() -> None:
    model, prompt = tiny_families.model("flux", "kontext"), plain(("flux", "kontext"))
    picture = encode_latent(coder("flux"), PICTURE)
    once = with_reference(prompt, picture)
    twice = with_reference(once, empty(64, 64, channels=16))
    assert [len(entry[0][1].get("reference_latents", ())) for entry in (prompt, once, twice)] == [0, 1, 2]
    painted = [sample(model, entry, entry, empty(64, 64), **SETTINGS)["samples"] for entry in (prompt, once, twice)]
    assert not torch.allclose(painted[0], painted[1], atol=1e-3)
    assert not torch.allclose(painted[1], painted[2], atol=1e-4)
