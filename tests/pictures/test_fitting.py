"""Pictures brought to a size, and sizes by shape: what is kept, cut and added, and that the area stays bounded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pictures.fitting import fitted, nearest_shape, shapes
from tests.support.examples import examples


def striped(width, height):
    """Red on the left third, green in the middle, blue on the right."""
    picture = Image.new("RGB", (width, height), "lime")
    picture.paste("red", (0, 0, width // 3, height))
    picture.paste("blue", (width - width // 3, 0, width, height))
    return picture


def columns(picture):
    """The colours of three columns: the left edge, the middle, the right edge."""
    pixels = np.asarray(picture)[picture.height // 2]
    return [tuple(map(int, pixels[i])) for i in (0, picture.width // 2, picture.width - 1)]


RED, LIME, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)


@pytest.mark.parametrize(
    ("method", "expected"),
    [("Stretch", [RED, LIME, BLUE]), ("Crop", [LIME, LIME, LIME]), ("Pad", [RED, LIME, BLUE])],
)
def test_a_wide_picture_becomes_square(method, expected):
    picture = fitted(striped(90, 30), (30, 30), method)
    assert picture.size == (30, 30)
    assert columns(picture) == expected


@given(st.tuples(*[st.integers(1, 40)] * 2), st.tuples(*[st.integers(1, 40)] * 2))
@examples(50)
def test_any_size_becomes_any_other(old, new):
    for method in ("Stretch", "Crop", "Pad"):
        assert fitted(Image.new("RGB", old), new, method).size == new


def test_padding_is_black_and_even():
    pixels = np.asarray(fitted(striped(90, 30), (30, 30), "Pad"))
    assert not pixels[:10].any()
    assert not pixels[20:].any()
    assert pixels[10:20].any(axis=-1).all()


@pytest.mark.parametrize("method", ["Stretch", "Crop", "Pad"])
def test_a_picture_of_that_size_is_left_as_it_is(method):
    picture = striped(9, 6)
    assert np.array_equal(np.asarray(fitted(picture, (9, 6), method)), np.asarray(picture))


def test_transparency_is_dropped_and_the_colour_below_it_stays():
    assert fitted(Image.new("RGBA", (4, 4), (10, 20, 30, 0)), (2, 2), "Crop").getpixel((0, 0)) == (10, 20, 30)


def test_shapes_of_the_usual_area():
    assert shapes(512 * 512) == [
        *[(320, 768), (320, 704), (384, 640), (448, 576), (512, 512)],
        *[(576, 448), (640, 384), (704, 320), (768, 320)],
    ]
    assert (1152, 896) in shapes(1024 * 1024)
    assert (160, 96) in shapes(128 * 128)


@given(st.integers(1, 4096), st.integers(1, 4096))
@examples(100)
def test_no_shape_is_larger_than_the_area_or_hard_for_a_vae(width, height):
    found = shapes(width * height)
    assert found
    for wide, tall in found:
        assert wide % 8 == tall % 8 == 0
        assert (tall, wide) in found
        assert wide * tall <= max(64, width * height)
        assert max(wide, tall) <= 3 * min(wide, tall)


@pytest.mark.parametrize(
    ("size", "shape"),
    [((100, 100), (512, 512)), ((3000, 2000), (640, 384)), ((9, 16), (384, 640)), ((9999, 10), (768, 320))],
)
def test_a_picture_takes_the_shape_most_like_its_own(size, shape):
    assert nearest_shape(size, shapes(512 * 512)) in (shape, (576, 448) if size == (3000, 2000) else shape)
