"""Loading pictures: every kind that people have, upright, with the right mask; and clear words for what is none."""

import zlib
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from graph.api import NodeError
from nodes.load_image import load_image, load_mask
from tests.support.colour_profiles import P3_LIKE

RED, GREEN, BLUE, WHITE = [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]


def test_pixels_come_in_rows_from_the_top_left(ctx, put, colours):
    image, mask = load_image(image=put("a.png", colours), ctx=ctx)
    assert image.dtype == torch.float32
    assert image.tolist() == [[[RED, GREEN], [BLUE, WHITE]]]
    assert mask.shape == (1, 64, 64)
    assert mask.sum() == 0


def test_transparent_parts_become_the_mask_and_keep_their_colour(ctx, put):
    picture = Image.new("RGBA", (2, 1), (255, 0, 0, 255))
    picture.putpixel((1, 0), (0, 255, 0, 0))
    image, mask = load_image(image=put("a.png", picture), ctx=ctx)
    assert image.tolist() == [[[RED, GREEN]]]
    assert mask.tolist() == [[[0, 1]]]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_upright(ctx, put, orientation):
    upright = Image.new("RGB", (48, 32), "blue")
    ImageDraw.Draw(upright).rectangle((0, 0, 15, 15), fill="red")
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the orientation's inverse, in Pillow's order of transposes
    stored = upright.transpose(Image.Transpose(turns[orientation])) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    image, _ = load_image(image=put("a.png", stored, exif=exif), ctx=ctx)
    assert image.shape == (1, 32, 48, 3)
    assert image[0, 4, 4].tolist() == RED
    assert image[0, 28, 44].tolist() == BLUE


def test_a_damaged_exif_does_not_spoil_the_picture(ctx, put, colours):
    name = put("a.png", colours, exif=b"no EXIF at all")
    assert load_image(image=name, ctx=ctx).IMAGE.shape == (1, 2, 2, 3)


class TestPictureModes:
    def test_palette(self, ctx, put, colours):
        image, _ = load_image(image=put("a.png", colours.quantize(4)), ctx=ctx)
        assert image[0, 0, 0].tolist() == RED

    def test_palette_with_transparency(self, ctx, put, colours):
        quantized = colours.quantize(4)
        name = put("a.png", quantized, transparency=quantized.getpixel((1, 0)))
        _, mask = load_image(image=name, ctx=ctx)
        assert mask.tolist() == [[[0, 1], [0, 0]]]

    def test_grey(self, ctx, put):
        image, _ = load_image(image=put("a.png", Image.new("L", (2, 2), 51)), ctx=ctx)
        assert image.shape == (1, 2, 2, 3)
        assert image.unique().tolist() == pytest.approx([0.2])

    def test_grey_with_alpha(self, ctx, put):
        image, mask = load_image(image=put("a.png", Image.new("LA", (2, 2), (51, 0))), ctx=ctx)
        assert image.unique().tolist() == pytest.approx([0.2])
        assert mask.eq(1).all()

    def test_black_and_white(self, ctx, put):
        image, _ = load_image(image=put("a.png", Image.new("1", (2, 2), 1)), ctx=ctx)
        assert image.eq(1).all()

    def test_sixteen_bits(self, ctx, put):
        deep = Image.fromarray(np.array([[0, 32896, 65535]], dtype=np.uint16))
        image, _ = load_image(image=put("a.png", deep), ctx=ctx)
        assert image[0, 0, :, 0].tolist() == pytest.approx([0, 128 / 255, 1])

    def test_floats(self, ctx, put):
        exact = Image.fromarray(np.array([[0.0, 0.6, 7.0, np.nan]], dtype=np.float32))
        image, _ = load_image(image=put("a.tiff", exact), ctx=ctx)
        assert image[0, 0, :, 0].tolist() == pytest.approx([0, 0.6, 1, 0])

    def test_cmyk(self, ctx, put):
        image, _ = load_image(image=put("a.jpg", Image.new("CMYK", (8, 8), (0, 255, 255, 0)), quality=95), ctx=ctx)
        assert image[0, 4, 4].tolist() == pytest.approx(RED, abs=0.05)

    @pytest.mark.parametrize("ending", ["webp", "avif", "bmp", "gif", "tif"])
    def test_other_formats(self, ctx, put, ending):
        image, _ = load_image(image=put(f"a.{ending}", Image.new("RGB", (16, 16), "red")), ctx=ctx)
        assert image.shape == (1, 16, 16, 3)
        assert image[0, 8, 8].tolist() == pytest.approx(RED, abs=0.05)


@pytest.mark.parametrize("ending", ["gif", "png", "webp"])
def test_an_animation_comes_as_a_batch(ctx, put, ending):
    first, *rest = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    name = put(f"a.{ending}", first, save_all=True, append_images=rest, duration=100)
    image, _ = load_image(image=name, ctx=ctx)
    assert image.shape == (3, 16, 16, 3)
    assert image.mean(dim=(1, 2)).argmax(dim=1).tolist() == [0, 1, 2]


def test_pages_of_another_size_are_left_out(ctx, put):
    pages = [Image.new("RGB", size, "red") for size in ((8, 8), (4, 4), (8, 8))]
    name = put("a.tiff", pages[0], save_all=True, append_images=pages[1:])
    assert load_image(image=name, ctx=ctx).IMAGE.shape == (2, 8, 8, 3)


class TestWhatIsNoPicture:
    def refuse(self, ctx, name):
        with pytest.raises(NodeError) as caught:
            load_image(image=name, ctx=ctx)
        assert caught.value.input == "image"
        assert "choose another picture" in caught.value.remedy
        assert name in str(caught.value)
        return str(caught.value)

    def test_text(self, ctx, files):
        (files.root("input") / "a.png").write_text("not a picture")
        assert "not a picture" in self.refuse(ctx, "a.png")

    def test_an_empty_file(self, ctx, files):
        (files.root("input") / "a.png").write_bytes(b"")
        self.refuse(ctx, "a.png")

    def test_a_folder(self, ctx, files):
        (files.root("input") / "a.png").mkdir()
        self.refuse(ctx, "a.png")

    @pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
    def test_a_file_that_was_cut_off(self, ctx, put, files, ending):
        noise = Image.effect_noise((64, 64), 80).convert("RGB")
        path = files.root("input") / put(f"a.{ending}", noise)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        self.refuse(ctx, path.name)

    def test_a_drawing_program_in_disguise(self, ctx, files):
        (files.root("input") / "a.png").write_bytes(
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n"
        )
        assert "not a picture" in self.refuse(ctx, "a.png")

    @pytest.mark.parametrize("side", [9_500, 20_000, 60_000])
    def test_a_bomb_is_refused_by_its_header(self, ctx, put, files, side):
        path = files.root("input") / put("a.png", Image.new("1", (8, 8)))
        data = bytearray(path.read_bytes())
        header = b"IHDR" + side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
        data[12:33] = header + zlib.crc32(header).to_bytes(4, "big")
        path.write_bytes(data)
        assert "pixels" in self.refuse(ctx, "a.png")


class TestMasks:
    def test_alpha_masks_the_transparent_part(self, ctx, put):
        picture = Image.new("RGBA", (2, 1), (255, 0, 0, 255))
        picture.putpixel((1, 0), (0, 0, 0, 51))
        assert load_mask(image=put("a.png", picture), ctx=ctx).tolist()[0][0] == pytest.approx([0, 0.8])

    def test_a_colour_masks_where_it_is_bright(self, ctx, put, colours):
        name = put("a.png", colours)
        assert load_mask(image=name, channel="red", ctx=ctx).tolist() == [[[1, 0], [0, 1]]]
        assert load_mask(image=name, channel="blue", ctx=ctx).tolist() == [[[0, 0], [1, 1]]]

    def test_an_opaque_picture_masks_nothing(self, ctx, put, colours):
        assert load_mask(image=put("a.png", colours), ctx=ctx).tolist() == [[[0, 0], [0, 0]]]


def heard(ctx):
    """The context, and what is warned of in it."""
    said = []
    return replace(ctx, report_warning=said.append), said


@pytest.mark.parametrize("load", [load_image, partial(load_mask, channel="red")], ids=["picture", "mask"])
def test_a_damaged_colour_profile_is_said(ctx, put, colours, load):
    ctx, said = heard(ctx)
    load(image=put("a.png", colours, icc_profile=b"no profile"), ctx=ctx)
    assert said == ["a.png: its colour profile is damaged or does not fit it, and was passed over: colours may differ"]


def test_a_wide_colour_becomes_what_it_is_in_srgb(ctx, put):
    ctx, said = heard(ctx)
    name = put("a.png", Image.new("RGB", (4, 4), (200, 40, 40)), icc_profile=P3_LIKE)
    image = load_image(image=name, ctx=ctx).IMAGE
    assert image[0, 0, 0, 0] > 205 / 255
    assert image[0, 0, 0, 1] < 35 / 255
    assert said == []


def test_an_ordinary_picture_is_loaded_without_a_word(ctx, put, colours):
    ctx, said = heard(ctx)
    for name, options in (("a.png", {}), ("b.jpg", {}), ("c.gif", {"save_all": True, "append_images": [colours]})):
        load_image(image=put(name, colours, **options), ctx=ctx)
    assert said == []
