"""Pictures to latents and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from diffusion.errors import Cancelled, DiffusionError
from diffusion.padding import pad
from diffusion.vae import decode, encode, encode_for_inpaint

if TYPE_CHECKING:
    from diffusion.models import Checkpoint, Vae

pytestmark = pytest.mark.network


@pytest.fixture
def vae(checkpoint: Checkpoint) -> Vae:
    return checkpoint.vae


def picture(batch: int = 1, height: int = 32, width: int = 48, channels: int = 3) -> torch.Tensor:
    return torch.rand((batch, height, width, channels), generator=torch.Generator().manual_seed(0))


def test_a_picture_becomes_a_latent_and_a_latent_a_picture(vae: Vae) -> None:
    samples = encode(vae, picture(2))
    assert samples.shape == (2, 4, 4, 6)
    back = decode(vae, samples)
    assert back.shape == (2, 32, 48, 3)
    assert 0.0 <= float(back.min()) <= float(back.max()) <= 1.0


def test_channels_and_factor_come_from_the_model(wide_checkpoint: Checkpoint) -> None:
    samples = encode(wide_checkpoint.vae, picture())
    assert samples.shape == (1, 8, 8, 12)
    assert decode(wide_checkpoint.vae, samples).shape == (1, 32, 48, 3)


def test_what_comes_out_lies_in_memory_as_it_would_after_being_stored(vae: Vae) -> None:
    latent = encode(vae, picture(2))
    assert latent.is_contiguous()
    assert decode(vae, latent).is_contiguous()


def test_the_same_picture_always_gives_the_same_latent_the_mean(vae: Vae) -> None:
    assert torch.equal(encode(vae, picture()), encode(vae, picture()))
    with torch.no_grad():
        mean = vae.model.encode(picture().movedim(-1, 1) * 2 - 1).latent_dist.mean
    assert torch.equal(encode(vae, picture()), mean)


def test_an_item_does_not_know_its_batch(vae: Vae) -> None:
    assert torch.equal(encode(vae, picture(3))[1:2], encode(vae, picture(3)[1:2]))
    samples = torch.randn(3, 4, 4, 4)
    assert torch.equal(decode(vae, samples)[2], decode(vae, samples[2:])[0])


def test_sides_are_padded_to_a_multiple(vae: Vae) -> None:
    wide = picture(height=37, width=51)
    assert torch.equal(encode(vae, wide), encode(vae, pad(wide, 8)))
    assert encode(vae, wide).shape == (1, 4, 5, 7)


def test_alpha_is_dropped_and_grey_is_grey(vae: Vae) -> None:
    assert torch.equal(encode(vae, picture(channels=4)), encode(vae, picture(channels=4)[..., :3]))
    grey = picture(channels=1)
    assert torch.equal(encode(vae, grey), encode(vae, grey.expand(-1, -1, -1, 3)))


def test_results_may_be_changed_and_inputs_are_left_alone(vae: Vae) -> None:
    pixels = picture()
    encode_for_inpaint(vae, pixels, torch.ones(1, 32, 48))
    assert torch.equal(pixels, picture())
    assert not decode(vae, encode(vae, pixels)).mul_(2).is_inference()


def test_for_inpainting_what_is_masked_is_grey_and_the_mask_grows(vae: Vae) -> None:
    mask = torch.zeros(1, 32, 48)
    mask[0, 16, 24] = 1.0
    latent = encode_for_inpaint(vae, picture(), mask, grow_mask_by=6)
    grey = picture()
    grey[0, 16, 24] = 0.5
    assert torch.allclose(latent["samples"], encode(vae, grey))
    assert latent["noise_mask"].shape == (1, 1, 32, 48)
    rows = latent["noise_mask"][0, 0].any(dim=1).nonzero().flatten().tolist()
    assert rows == list(range(14, 20))
    assert torch.equal(encode_for_inpaint(vae, picture(), mask, grow_mask_by=0)["noise_mask"][0], mask)


def test_for_inpainting_the_mask_is_fitted_to_the_picture_and_padded_with_it(vae: Vae) -> None:
    latent = encode_for_inpaint(vae, picture(height=37, width=51), torch.ones(1, 64, 64))
    assert latent["noise_mask"].shape == (1, 1, 40, 56)
    assert latent["noise_mask"].all()


def test_work_can_be_cancelled_and_done_again(vae: Vae) -> None:
    samples = torch.randn(1, 4, 4, 4)
    before = decode(vae, samples)
    with pytest.raises(Cancelled):
        decode(vae, samples, cancelled=lambda: True)
    with pytest.raises(Cancelled):
        encode(vae, picture(), cancelled=lambda: True)
    assert torch.equal(decode(vae, samples), before)


def test_what_does_not_fit_is_refused_in_words(vae: Vae) -> None:
    with pytest.raises(DiffusionError, match=r"\[batch, 4, height, width\], got \[1, 8, 4, 4\]") as caught:
        decode(vae, torch.zeros(1, 8, 4, 4))
    assert caught.value.input == "samples"
    with pytest.raises(DiffusionError, match=r"got \[32, 48, 3\]"):
        encode(vae, picture()[0])
    with pytest.raises(DiffusionError, match="not finite") as caught:
        decode(vae, torch.full((1, 4, 4, 4), torch.nan))
    assert caught.value.input == "samples"
