"""Pictures: what each operation does to pixels that can be reckoned by hand."""

import io

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from diffusion import pixels
from diffusion.errors import DiffusionError
from tests.support.examples import examples


def plain(height, width, *colour, batch=1):
    return torch.tensor(colour or (0.5, 0.5, 0.5), dtype=torch.float32).expand(batch, height, width, -1).contiguous()


def random_image(height=12, width=10, channels=3, batch=1, seed=0):
    return torch.rand(batch, height, width, channels, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("method", pixels.RESIZE_METHODS)
class TestEveryResizeMethod:
    def test_gives_the_size_that_was_asked_for(self, method):
        assert pixels.resize(random_image(), 7, 31, method).shape == (1, 31, 7, 3)

    def test_keeps_a_plain_colour(self, method):
        resized = pixels.resize(plain(9, 9, 0.2, 0.4, 0.6), 20, 5, method)
        torch.testing.assert_close(resized, plain(5, 20, 0.2, 0.4, 0.6), atol=1e-5, rtol=0)

    def test_stays_between_0_and_1(self, method):
        checks = (torch.arange(16).view(1, 4, 4, 1) % 3 == 0).float().expand(-1, -1, -1, 3)
        resized = pixels.resize(checks, 13, 13, method)
        assert resized.min() >= 0
        assert resized.max() <= 1

    def test_leaves_its_input_alone(self, method):
        image = random_image()
        before = image.clone()
        pixels.resize(image, 5, 5, method, "center")
        assert torch.equal(image, before)


def test_a_missing_side_follows_in_proportion():
    assert pixels.resize(random_image(10, 20), 40, 0).shape == (1, 20, 40, 3)
    assert pixels.resize(random_image(10, 20), 0, 5).shape == (1, 5, 10, 3)
    assert pixels.resize(random_image(10, 20), 0, 0).shape == (1, 10, 20, 3)


def test_a_very_flat_picture_keeps_one_pixel():
    assert pixels.resize(random_image(1, 500), 10, 0).shape == (1, 1, 10, 3)


def test_center_crop_cuts_the_sides_instead_of_squeezing():
    image = plain(4, 8, 0.0, 0.0, 0.0)
    image[:, :, 2:6] = 1.0
    assert torch.equal(pixels.resize(image, 4, 4, crop="center"), plain(4, 4, 1.0, 1.0, 1.0))


def test_an_unknown_method_is_refused_by_name():
    with pytest.raises(DiffusionError, match="seam") as caught:
        pixels.resize(random_image(), 5, 5, "seam")
    assert caught.value.input == "upscale_method"


@given(
    height=st.integers(1, 9), width=st.integers(1, 9), new_width=st.integers(1, 20), new_height=st.integers(1, 20),
    method=st.sampled_from(pixels.RESIZE_METHODS), crop=st.sampled_from(["disabled", "center"]),
)  # fmt: skip
@examples(40)
def test_any_size_resizes_to_any_size(height, width, new_width, new_height, method, crop):
    resized = pixels.resize(random_image(height, width), new_width, new_height, method, crop)
    assert resized.shape == (1, new_height, new_width, 3)


def test_scaling_by_a_factor_never_loses_the_last_pixel():
    assert pixels.scale_by(random_image(10, 20), 0.5).shape == (1, 5, 10, 3)
    assert pixels.scale_by(random_image(10, 20), 0.01).shape == (1, 1, 1, 3)


def test_inverting_keeps_transparency_and_twice_is_the_same():
    image = random_image(channels=4)
    inverted = pixels.invert(image)
    assert torch.equal(inverted[..., 3], image[..., 3])
    torch.testing.assert_close(pixels.invert(inverted), image)


def test_blur_spreads_a_point_evenly_and_keeps_its_light():
    image = plain(21, 21, 0.0)
    image[0, 10, 10] = 1.0
    blurred = pixels.blur(image, 3, 1.0)
    assert blurred.sum().item() == pytest.approx(1.0, abs=1e-5)
    assert blurred[0, 10, 10] > blurred[0, 10, 12] > blurred[0, 10, 13] > 0
    assert blurred[0, 10, 14] == 0
    torch.testing.assert_close(blurred, blurred.transpose(1, 2))


def test_blur_may_reach_further_than_the_picture():
    assert pixels.blur(random_image(2, 3), 31, 1.0).shape == (1, 2, 3, 3)


def test_sharpening_raises_the_contrast_of_an_edge_and_nothing_else():
    image = plain(8, 8, 0.4)
    image[:, :, 4:] = 0.6
    sharp = pixels.sharpen(image, 1, 1.0, 0.1)
    assert sharp[0, 4, 4] > 0.6
    assert sharp[0, 4, 3] < 0.4
    assert sharp[0, 4, 0].item() == pytest.approx(0.4)
    torch.testing.assert_close(pixels.sharpen(image, 1, 1.0, 0.0), image)


@pytest.mark.parametrize(
    ("mode", "under", "over", "expected"),
    [
        ("normal", 0.2, 0.8, 0.8),
        ("multiply", 0.5, 0.5, 0.25),
        ("screen", 0.5, 0.5, 0.75),
        ("overlay", 0.25, 0.5, 0.25),
        ("overlay", 0.75, 0.5, 0.75),
        ("soft_light", 0.3, 0.5, 0.3),
        ("soft_light", 0.25, 1.0, 0.5),
        ("soft_light", 0.5, 0.0, 0.25),
        ("difference", 0.2, 0.7, 0.5),
        ("difference", 0.7, 0.2, 0.5),
    ],
)
def test_blend_formulas(mode, under, over, expected):
    blended = pixels.blend(plain(2, 2, under), plain(2, 2, over), 1.0, mode)
    torch.testing.assert_close(blended, plain(2, 2, expected))


def test_blending_with_factor_0_gives_the_lower_picture():
    assert torch.equal(pixels.blend(random_image(), random_image(seed=1), 0.0, "overlay"), random_image())


def test_blending_fits_size_batch_and_channels_of_the_upper_picture():
    under, over = random_image(8, 8, 3), random_image(5, 9, 4, batch=3)
    assert pixels.blend(under, over, 0.5).shape == (3, 8, 8, 4)
    assert pixels.blend(random_image(8, 8, 1), random_image(8, 8, 3), 0.5).shape == (1, 8, 8, 3)


def test_crop_keeps_what_is_inside():
    image = random_image(10, 10)
    assert torch.equal(pixels.crop(image, 2, 3, 4, 5), image[:, 3:8, 2:6])
    assert pixels.crop(image, 8, 8, 10, 10).shape == (1, 2, 2, 3)
    assert pixels.crop(image, 500, 500, 10, 10).shape == (1, 1, 1, 3)


def test_a_crop_does_not_share_memory_with_the_picture():
    image = random_image()
    before = image.clone()
    pixels.crop(image, 0, 0, 5, 5).zero_()
    assert torch.equal(image, before)


class TestPadForOutpaint:
    def test_puts_the_picture_between_grey_borders(self):
        image = random_image(8, 6)
        padded, mask = pixels.pad_for_outpaint(image, (1, 2, 3, 4), 0)
        assert padded.shape == (1, 14, 10, 3)
        assert torch.equal(padded[:, 2:10, 1:7], image)
        assert (padded[:, :2] == 0.5).all()
        assert mask.shape == (1, 14, 10)
        assert mask[:, 2:10, 1:7].sum() == 0
        assert mask.sum() == 14 * 10 - 8 * 6

    def test_feathers_only_along_new_borders(self):
        _, mask = pixels.pad_for_outpaint(plain(40, 40), (8, 0, 0, 0), 10)
        row = mask[0, 20]
        assert row[:8].eq(1).all()
        assert row[8] == 1
        assert row[8] > row[10] > row[14] > 0
        assert row[18:].eq(0).all()
        assert mask[0, 0, 30] == 0

    def test_feathering_wider_than_the_picture_stops_before_its_middle(self):
        _, mask = pixels.pad_for_outpaint(plain(16, 16), (8, 8, 8, 8), 400)
        assert mask[0, 16, 16] == 0
        assert mask.isfinite().all()

    def test_the_border_of_a_transparent_picture_is_opaque(self):
        padded, _ = pixels.pad_for_outpaint(torch.zeros(1, 4, 4, 4), (2, 0, 0, 0), 0)
        assert padded[0, 0, :, 3].tolist() == [1, 1, 0, 0, 0, 0]


class TestComposite:
    def test_lays_the_source_at_its_place(self):
        under, over = plain(6, 6, 0.0), plain(2, 3, 1.0)
        pasted = pixels.composite(under, over, 1, 2)
        assert pasted.sum() == 6
        assert pasted[0, 2:4, 1:4].eq(1).all()
        assert under.sum() == 0

    def test_cuts_off_what_reaches_beyond(self):
        assert pixels.composite(plain(4, 4, 0.0), plain(4, 4, 1.0), 3, 3).sum() == 1
        assert pixels.composite(plain(4, 4, 0.0), plain(4, 4, 1.0), 9, 9).sum() == 0
        assert pixels.composite(plain(4, 4, 0.0), plain(4, 4, 1.0), -3, -3).sum() == 1

    def test_goes_through_the_mask_stretched_to_the_source(self):
        mask = torch.tensor([[[0.0, 1.0]]])
        pasted = pixels.composite(plain(4, 8, 0.0), plain(4, 8, 1.0), 0, 0, mask)
        assert pasted[0, 0, 0] == 0
        assert pasted[0, 0, 7] == 1

    def test_can_stretch_the_source_over_everything(self):
        assert pixels.composite(plain(4, 8, 0.0), plain(2, 2, 1.0), 0, 0, fit=True).eq(1).all()

    def test_repeats_a_shorter_batch(self):
        assert pixels.composite(plain(4, 4, 0.0, batch=3), plain(4, 4, 1.0, batch=2), 0, 0).sum() == 3 * 16


def test_joining_batches_fits_the_second_to_the_first():
    joined = pixels.join_batch(random_image(6, 6, 3, batch=2), random_image(9, 3, 4))
    assert joined.shape == (3, 6, 6, 4)
    assert joined[:2, ..., 3].eq(1).all()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_every_8_bit_level_survives_the_way_to_a_file_and_back(channels):
    levels = torch.arange(256, dtype=torch.float32).view(1, 16, 16, 1).expand(-1, -1, -1, channels) / 255
    decoded = np.asarray(Image.open(io.BytesIO(pixels.encode(pixels.to_pil(levels[0]), "PNG"))))
    assert np.array_equal(decoded.reshape(16, 16, -1)[..., 0].ravel(), np.arange(256))


def test_values_out_of_range_are_clipped_not_wrapped():
    assert pixels.to_pil(torch.tensor([[[1.5, -0.5, 0.5]]])).getpixel((0, 0)) == (255, 0, 128)


def test_pillow_pictures_become_batches():
    red, clear = Image.new("RGB", (3, 2), "red"), Image.new("RGBA", (3, 2), (0, 0, 0, 0))
    image, alpha = pixels.from_pil([red, clear])
    assert image.shape == (2, 2, 3, 3)
    assert image[0, 0, 0].tolist() == [1, 0, 0]
    assert alpha.mean(dim=(1, 2)).tolist() == [1, 0]
    assert pixels.from_pil([red])[1] is None
