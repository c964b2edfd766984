"""Colour profiles: pictures become sRGB, what is sRGB stays as it is, and what cannot be understood is said."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

import pictures
from pictures.colour import IGNORED
from tests.support.colour_profiles import P3_LIKE, profile_of

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def saved(tmp_path, picture: Image.Image, profile: bytes | None, kind: str = "PNG", **options) -> Path:
    path = tmp_path / "picture"
    picture.save(path, kind, icc_profile=profile, **options)
    return path


def expected(colour) -> np.ndarray:
    """What a colour of the wide profile is in sRGB, by the way that everybody takes."""
    picture = Image.new("RGB", (1, 1), colour)
    source = ImageCms.ImageCmsProfile(io.BytesIO(P3_LIKE))
    return np.asarray(ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB")), dtype=int)[0, 0]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_a_picture_with_a_profile_becomes_srgb_and_so_does_its_thumbnail(tmp_path, kind):
    path = saved(tmp_path, Image.new("RGB", (32, 32), (200, 40, 40)), P3_LIKE, kind, quality=100)
    read = pictures.reading.read(path)
    assert read.notes == ()
    wanted = expected((200, 40, 40))
    assert wanted[0] > 205
    assert np.abs(np.asarray(read.frames[0], dtype=int)[16, 16] - wanted).max() <= 6
    small = np.asarray(Image.open(io.BytesIO(pictures.small.thumbnail(path, 32))).convert("RGB"), dtype=int)[16, 16]
    assert np.abs(small - wanted).max() <= 8


def test_opacity_is_kept_and_every_frame_is_converted(tmp_path):
    picture = Image.new("RGBA", (8, 8), (200, 40, 40, 100))
    path = saved(tmp_path, picture, P3_LIKE, save_all=True, append_images=[Image.new("RGBA", (8, 8), (0, 99, 0, 7))])
    first, second = pictures.reading.read(path).frames
    assert first.getpixel((0, 0))[3] == 100
    assert np.abs(np.array(first.getpixel((0, 0))[:3]) - expected((200, 40, 40))).max() <= 2
    assert np.abs(np.array(second.getpixel((0, 0))[:3]) - expected((0, 99, 0))).max() <= 2


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
def test_what_is_srgb_already_keeps_every_pixel(tmp_path, mode):
    noise = Image.effect_noise((64, 64), 90)
    picture = Image.merge("RGB", [noise, noise.rotate(90), noise.rotate(180)]).convert(mode)
    path = saved(tmp_path, picture, SRGB)
    (frame,) = pictures.reading.read(path).frames
    assert frame.tobytes() == picture.convert(frame.mode).tobytes()


def test_a_grey_profile_is_heeded_and_one_for_colours_on_a_grey_picture_too(tmp_path):
    dark = Image.new("L", (4, 4), 100)
    linear = profile_of([(0.64, 0.33), (0.3, 0.6), (0.15, 0.06)], gamma=1.0)
    read = pictures.reading.read(saved(tmp_path, dark, linear, "TIFF"))
    assert read.notes == ()
    assert read.frames[0].getpixel((0, 0))[0] > 150


@pytest.mark.parametrize("profile", [b"no profile", P3_LIKE[:200], P3_LIKE[:40] + bytes(len(P3_LIKE) - 40)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_damaged_profile_is_passed_over_and_that_is_said(tmp_path, profile, kind):
    read = pictures.reading.read(saved(tmp_path, Image.new("RGB", (8, 8), (200, 40, 40)), profile, kind))
    assert np.abs(np.array(read.frames[0].getpixel((0, 0))) - (200, 40, 40)).max() <= 3
    assert read.notes == (IGNORED,)


def test_a_profile_of_which_a_part_is_missing_is_told_of_too(tmp_path):
    path = saved(tmp_path, Image.new("RGB", (8, 8), (200, 40, 40)), P3_LIKE + bytes(70_000), "JPEG")
    data = path.read_bytes()
    second = data.index(b"ICC_PROFILE\0\2\2") - 4
    path.write_bytes(data[:second] + data[second + 2 + int.from_bytes(data[second + 2 : second + 4], "big") :])
    assert pictures.reading.read(path).notes == (IGNORED,)


def test_a_large_profile_is_heeded(tmp_path):
    """Those that were measured for one screen or printer may have megabytes, and PNG files hold them compressed."""
    noise = np.random.default_rng(0).bytes(2 * 2**20)
    size = len(P3_LIKE) + len(noise)
    path = saved(tmp_path, Image.new("RGB", (8, 8), (200, 40, 40)), size.to_bytes(4, "big") + P3_LIKE[4:] + noise)
    read = pictures.reading.read(path)
    assert read.notes == ()
    assert np.abs(np.array(read.frames[0].getpixel((0, 0))) - expected((200, 40, 40))).max() <= 2


def test_a_picture_in_lab_is_converted_by_its_own_profile(tmp_path):
    red, space = Image.new("RGB", (8, 8), (200, 40, 40)), ImageCms.createProfile("LAB")
    lab = ImageCms.profileToProfile(red, ImageCms.createProfile("sRGB"), space, outputMode="LAB")
    path = saved(tmp_path, lab, ImageCms.ImageCmsProfile(space).tobytes(), "TIFF")
    read = pictures.reading.read(path)
    assert read.notes == ()
    assert read.frames[0].mode == "RGB"
    assert np.abs(np.array(read.frames[0].getpixel((0, 0))) - (200, 40, 40)).max() <= 3


def test_a_profile_for_another_kind_of_picture_is_passed_over(tmp_path):
    read = pictures.reading.read(saved(tmp_path, Image.new("CMYK", (8, 8), (0, 200, 200, 20)), P3_LIKE, "JPEG"))
    assert read.notes == (IGNORED,)


def test_saved_pictures_say_that_they_are_srgb():
    data = pictures.writing.png(Image.new("RGB", (4, 4), "red"), 4)
    assert data.index(b"sRGB") < data.index(b"IDAT")
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert picture.info["srgb"] == 1
        assert picture.info["gamma"] == pytest.approx(0.45455)
        assert picture.info["chromaticity"] == pytest.approx((0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06))
