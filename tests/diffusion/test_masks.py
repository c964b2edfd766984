"""Masks: growing, shrinking, and the way from and to pictures."""

import pytest
import torch

from diffusion import masks
from diffusion.errors import DiffusionError


def drawn(*rows):
    return torch.tensor([[float(cell == "#") for cell in row] for row in rows]).unsqueeze(0)


POINT = drawn(".....", ".....", "..#..", ".....", ".....")


def test_tapered_corners_grow_a_point_into_a_diamond():
    expected = drawn("..#..", ".###.", "#####", ".###.", "..#..")
    assert torch.equal(masks.grow(POINT, 2), expected)


def test_plain_corners_grow_a_point_into_a_square():
    expected = drawn(".....", ".###.", ".###.", ".###.", ".....")
    assert torch.equal(masks.grow(POINT, 1, tapered_corners=False), expected)


@pytest.mark.parametrize("tapered", [True, False])
class TestGrowing:
    def test_shrinking_takes_back_what_growing_added(self, tapered):
        square = drawn(".......", ".......", "..###..", "..###..", "..###..", ".......", ".......")
        grown = masks.grow(square, 1, tapered_corners=tapered)
        assert torch.equal(masks.grow(grown, -1, tapered_corners=tapered), square)

    def test_the_edge_of_the_picture_does_not_eat_into_the_mask(self, tapered):
        full = torch.ones(1, 4, 4)
        assert torch.equal(masks.grow(full, -3, tapered_corners=tapered), full)

    def test_reaches_everywhere_in_the_end(self, tapered):
        assert masks.grow(POINT, 16384, tapered_corners=tapered).eq(1).all()
        assert masks.grow(POINT, -16384, tapered_corners=tapered).eq(0).all()

    def test_grey_values_spread_as_they_are(self, tapered):
        assert masks.grow(POINT * 0.3, 1, tapered_corners=tapered)[0, 1, 2].item() == pytest.approx(0.3)

    def test_leaves_its_input_alone(self, tapered):
        before = POINT.clone()
        masks.grow(POINT, 2, tapered_corners=tapered)
        masks.grow(POINT, -2, tapered_corners=tapered)
        assert torch.equal(POINT, before)


def test_growing_by_nothing_changes_nothing():
    assert torch.equal(masks.grow(POINT, 0), POINT)


def test_inverting_twice_is_the_same():
    assert torch.equal(masks.invert(masks.invert(POINT)), POINT)


def test_a_mask_becomes_a_white_on_black_picture_and_back():
    image = masks.to_image(POINT)
    assert image.shape == (1, 5, 5, 3)
    for channel in ("red", "green", "blue"):
        assert torch.equal(masks.from_channel(image, channel), POINT)


def test_each_channel_gives_its_own_mask():
    image = torch.tensor([0.1, 0.2, 0.3, 0.4]).view(1, 1, 1, 4)
    found = [round(masks.from_channel(image, channel).item(), 4) for channel in masks.CHANNELS]
    assert found == [0.1, 0.2, 0.3, 0.4]


def test_a_grey_picture_has_one_brightness_for_every_colour():
    assert masks.from_channel(torch.full((1, 2, 2, 1), 0.7), "blue").mean().item() == pytest.approx(0.7)


@pytest.mark.parametrize(("channels", "channel"), [(3, "alpha"), (1, "alpha"), (3, "cyan")])
def test_a_channel_that_is_not_there_is_refused_with_advice(channels, channel):
    with pytest.raises(DiffusionError) as caught:
        masks.from_channel(torch.zeros(1, 2, 2, channels), channel)
    assert caught.value.input == "channel"
    assert "red" in caught.value.remedy
