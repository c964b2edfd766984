"""Picture files, whatever their bytes: a picture or a `PictureError`; and one answer to all who ask for it."""

import io
import os
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from PIL import Image, ImageCms

import pictures
from pictures import plain
from pictures.formats import MAX_PIXELS, PictureError
from tests.support.examples import examples

GRADIENT = Image.merge("RGB", [Image.linear_gradient("L").resize((24, 18)).rotate(turn) for turn in (0, 90, 180)])
MODES = (
    "1", "L", "LA", "P", "PA", "I;16", "I;16B", "I", "F", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB", "HSV", "RGBa",
    "La",
)  # fmt: skip
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")


def in_mode(mode: str) -> Image.Image:
    """The gradient as a picture of a mode."""
    if mode.startswith("I"):
        grey = np.asarray(GRADIENT.convert("L"), dtype=np.uint16) * 257
        if mode == "I":
            return Image.fromarray(grey.astype(np.int32))
        return Image.fromarray(grey.astype(">u2" if mode == "I;16B" else "<u2"))
    if mode == "F":
        return Image.fromarray(np.asarray(GRADIENT.convert("L"), dtype=np.float32) / 255)
    if mode == "LAB":
        space = ImageCms.createProfile("LAB")
        return ImageCms.profileToProfile(GRADIENT, ImageCms.createProfile("sRGB"), space, outputMode="LAB")
    if mode in ("PA", "La", "RGBa"):
        return GRADIENT.convert({"PA": "P", "La": "LA", "RGBa": "RGBA"}[mode]).convert(mode)
    picture = GRADIENT.convert(mode)
    if mode in ("RGBA", "LA"):
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture


def written(picture: Image.Image, kind: str, **options) -> bytes:
    """A picture as a file."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def holds(kind: str, mode: str) -> bool:
    """Whether a format holds a mode, as it is or as another one."""
    try:
        return bool(written(in_mode(mode), kind))
    except (OSError, ValueError):
        return False


HELD = [(kind, mode) for kind in FORMATS for mode in MODES if holds(kind, mode)]
DEEP = ("I", "I;16", "I;16B", "F")


def visible_mean(picture: Image.Image) -> np.ndarray:
    """The mean colour of what is opaque, and the mean opacity."""
    values = np.asarray(picture.convert("RGBA"), dtype=np.float64)
    weight = values[..., 3:] / 255
    return np.concatenate([(values[..., :3] * weight).sum((0, 1)) / max(weight.sum(), 1), [weight.mean() * 255]])


def thumbnail(path, size=16) -> Image.Image:
    return Image.open(io.BytesIO(pictures.small.thumbnail(path, size)))


def test_every_mode_but_one_that_no_format_holds_is_tried():
    assert set(MODES) - {mode for _, mode in HELD} <= {"La"}
    assert len(HELD) > 70


@pytest.mark.parametrize(("kind", "mode"), HELD)
def test_a_thumbnail_shows_what_is_loaded_in_every_mode_of_every_format(tmp_path, mode, kind):
    path = tmp_path / "picture"
    path.write_bytes(written(in_mode(mode), kind))
    (frame,) = pictures.reading.read(path).frames
    assert frame.mode in ("RGB", "RGBA")
    assert frame.size == (24, 18)
    assert np.abs(visible_mean(frame) - visible_mean(thumbnail(path))).max() < 6
    is_grey = len(in_mode(mode).getbands()) < 3 and mode not in ("P", "PA")
    near = visible_mean(GRADIENT.convert("L") if is_grey else GRADIENT)
    told_apart = kind in ("PNG", "TIFF") or mode not in DEEP  # the others are cut to 8 bits when they are written
    if told_apart and mode not in ("1", "LA", "RGBA", "RGBa"):
        assert np.abs(visible_mean(frame)[:3] - near[:3]).max() < 12


def test_the_modes_of_memory_are_all_understood():
    """Also those that no format here can write."""
    for mode in MODES:
        colours = pictures.colour.Colours({})
        assert plain.plain(in_mode(mode), colours).mode in ("RGB", "RGBA"), mode


@pytest.mark.parametrize("mode", ["P", "1", "L", "RGB", "I;16"])
def test_a_colour_that_stands_for_nothing_is_seen_through(tmp_path, mode):
    picture = in_mode(mode)
    corner = picture.getpixel((0, 0))
    path = tmp_path / "picture.png"
    picture.save(path, transparency=corner)
    read, small = pictures.reading.read(path).frames[0], thumbnail(path)
    assert read.mode == small.mode == "RGBA"
    assert read.getpixel((0, 0))[3] == 0
    assert 0 < visible_mean(read)[3] < 255
    assert np.abs(visible_mean(read)[3] - visible_mean(small)[3]) < 8


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", ["RGB", "I;16", "L"])
def test_both_are_upright(tmp_path, orientation, mode):
    picture = in_mode(mode)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "picture"
    path.write_bytes(written(picture, "JPEG" if mode != "I;16" else "PNG", exif=exif))
    (frame,) = pictures.reading.read(path).frames
    assert frame.size == thumbnail(path, 256).size == ((24, 18) if orientation < 5 else (18, 24))
    difference = np.asarray(frame, dtype=int) - np.asarray(thumbnail(path, 256).convert("RGB"), dtype=int)
    assert np.abs(difference).mean() < 8


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize("exif", [b"", b"II", b"MM\0*\0\0\0\x08\0\x05", b"II*\0" + b"\xff" * 40, b"Exif\0\0II*\0\x08"])
def test_a_damaged_exif_says_nothing(tmp_path, exif):
    png = written(GRADIENT, "PNG")
    path = tmp_path / "picture.png"
    path.write_bytes(png[:33] + chunk(b"eXIf", exif) + png[33:])
    assert pictures.reading.read(path).frames[0].tobytes() == GRADIENT.tobytes()
    assert thumbnail(path, 64).size == GRADIENT.size


def animated(kind: str, count: int = 3) -> bytes:
    frames = [GRADIENT.rotate(90 * number).convert("P" if kind == "GIF" else "RGB") for number in range(count)]
    return written(frames[0], kind, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "TIFF", "AVIF"])
def test_the_frames_of_an_animation_are_all_loaded_and_the_first_is_shown(tmp_path, kind):
    path = tmp_path / "film"
    path.write_bytes(animated(kind))
    frames = pictures.reading.read(path).frames
    assert len(frames) == pictures.opening.look(path).frames == 3
    assert np.abs(visible_mean(frames[0]) - visible_mean(thumbnail(path))).max() < 6


def test_other_views_in_one_file_are_not_frames(tmp_path):
    path = tmp_path / "views.mpo"
    GRADIENT.save(path, "MPO", save_all=True, append_images=[GRADIENT.rotate(90)])
    assert len(pictures.reading.read(path).frames) == 1
    assert pictures.small.check(path).format == "MPO"


def test_the_stand_in_of_an_animated_png_is_neither_loaded_nor_shown(tmp_path):
    path = tmp_path / "film.png"
    red, blue = Image.new("RGB", (8, 8), "red"), Image.new("RGB", (8, 8), "blue")
    red.save(path, save_all=True, append_images=[blue, blue.rotate(90)], default_image=True)
    frames = pictures.reading.read(path).frames
    assert [frame.getpixel((0, 0)) for frame in frames[:1]] == [(0, 0, 255)]
    assert thumbnail(path).convert("RGB").getpixel((4, 4))[2] > 200


def test_pages_of_another_size_are_left_out_and_that_is_said(tmp_path):
    path = tmp_path / "pages.tiff"
    GRADIENT.save(path, save_all=True, append_images=[GRADIENT.resize((9, 9)), GRADIENT])
    read = pictures.reading.read(path)
    assert [frame.size for frame in read.frames] == [(24, 18)] * 2
    assert read.notes == ("1 of its 3 pages have another size than the first and were left out",)


def test_a_film_that_is_cut_off_gives_the_frames_before_and_says_so(tmp_path):
    path = tmp_path / "film.gif"
    data = animated("GIF")
    path.write_bytes(data[: len(data) - 250])
    read = pictures.reading.read(path)
    assert len(read.frames) == 2
    assert "behind its first 2 frames" in read.notes[0]
    assert thumbnail(path).size == (16, 12)


def test_a_page_that_is_a_bomb_of_its_own_is_never_decoded(tmp_path):
    path = tmp_path / "a.tiff"
    small, bomb = Image.new("1", (8, 8)), Image.new("1", (9_000, 9_000))
    small.save(path, save_all=True, append_images=[bomb], compression="group4")
    assert [frame.size for frame in pictures.reading.read(path).frames] == [(8, 8)]


def test_an_animation_counts_with_all_its_frames(tmp_path, monkeypatch):
    path = tmp_path / "a.gif"
    path.write_bytes(animated("GIF", 2))
    monkeypatch.setattr("pictures.opening.MAX_PIXELS_IN_ALL", 24 * 18 * 2 - 1)
    for read in (pictures.reading.read, pictures.small.check, pictures.opening.look):
        with pytest.raises(PictureError, match="2 frames"):
            read(path)


def test_the_limit_lies_below_the_one_that_pillow_warns_at():
    assert MAX_PIXELS < Image.MAX_IMAGE_PIXELS


def test_values_beyond_black_and_white_and_no_numbers_are_said(tmp_path):
    path = tmp_path / "deep.tiff"
    values = np.linspace(-0.5, 1.5, 64, dtype=np.float32).reshape(8, 8)
    Image.fromarray(values).save(path)
    assert pictures.reading.read(path).notes == (plain.CUT,)
    values[0, 0] = np.nan
    Image.fromarray(values.clip(0, 1)).save(path)
    read = pictures.reading.read(path)
    assert read.notes == (plain.NO_NUMBERS,)
    assert read.frames[0].getpixel((0, 0)) == (0, 0, 0)


def scan(samples: bytes, width: int, bits: int, meaning: int) -> bytes:
    """A TIFF of one row of grey samples, as scanners and microscopes write them."""
    entries = [
        (256, 4, width), (257, 4, 1), (258, 3, bits), (259, 3, 1), (262, 3, meaning), (273, 4, 8), (277, 3, 1),
        (278, 4, 1), (279, 4, len(samples)),
    ]  # fmt: skip
    body = samples + bytes(len(samples) % 2)
    table = b"".join(struct.pack("<HHLL", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<L", 8 + len(body)) + body + struct.pack("<H", len(entries)) + table + bytes(4)


@pytest.mark.parametrize(
    ("bits", "meaning", "samples"),
    [
        (16, 1, struct.pack("<4H", 0, 21_845, 43_690, 65_535)),
        (16, 0, struct.pack("<4H", 65_535, 43_690, 21_845, 0)),
        (12, 1, bytes.fromhex("000555aaafff")),
        (8, 0, bytes((255, 170, 85, 0))),
    ],
    ids=["16 bits", "16 bits, white is zero", "12 bits", "8 bits, white is zero"],
)
def test_a_scan_is_as_bright_as_its_file_says(tmp_path, bits, meaning, samples):
    path = tmp_path / "scan.tiff"
    path.write_bytes(scan(samples, 4, bits, meaning))
    read = pictures.reading.read(path)
    assert read.notes == ()
    assert [read.frames[0].getpixel((x, 0))[0] for x in range(4)] == [0, 85, 170, 255]


def test_a_deep_picture_is_worked_on_in_strips(tmp_path, monkeypatch):
    path = tmp_path / "deep.png"
    values = np.arange(24 * 18, dtype=np.uint16).reshape(18, 24) * 151
    Image.fromarray(values).save(path, transparency=151)
    whole = pictures.reading.read(path).frames[0].tobytes()
    sizes = []
    levels = plain.levels_of
    monkeypatch.setattr(plain, "AT_ONCE", 60)
    monkeypatch.setattr(plain, "levels_of", lambda part, *rest: sizes.append(part.size) or levels(part, *rest))
    assert pictures.reading.read(path).frames[0].tobytes() == whole
    assert sizes == [48] * 9


@pytest.mark.parametrize("mode", ["RGB", "I;16"])
def test_a_large_text_beside_a_picture_is_no_damage(tmp_path, mode):
    """Programs that make files small compress the record of a workflow, too."""
    path = tmp_path / "picture.png"
    data = written(in_mode(mode), "PNG")
    path.write_bytes(data[:33] + chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(3 * 2**20))) + data[33:])
    assert pictures.reading.read(path).frames[0].size == GRADIENT.size


SAMPLES = {kind: animated(kind, 2) for kind in ("PNG", "WEBP", "GIF", "TIFF", "AVIF")} | {
    kind: written(GRADIENT, kind) for kind in ("JPEG", "BMP")
}


@given(
    kind=st.sampled_from(sorted(SAMPLES)),
    edits=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=12),
    cut=st.one_of(st.none(), st.integers(0, 4000)),
)
@examples(300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_files_are_read_or_refused_by_all_alike(tmp_path, kind, edits, cut):
    data = bytearray(SAMPLES[kind])
    for place, value in edits:
        data[place % len(data)] = value
    path = tmp_path / "fuzzed"
    path.write_bytes(data[:cut] if cut is not None else data)
    answers = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pillow, about odd tags; what matters here is what comes of it
        for name, ask in (("read", pictures.reading.read), ("check", pictures.small.check), ("show", thumbnail)):
            try:
                answers[name] = ask(path)
            except PictureError:
                answers[name] = None
    assert len({answer is None for answer in answers.values()}) == 1, answers
    if answers["read"] is not None:
        frames = answers["read"].frames
        assert {frame.mode for frame in frames} <= {"RGB", "RGBA"}
        assert len({frame.size for frame in frames}) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes among its files")
def test_nobody_waits_for_a_pipe(tmp_path):
    path = tmp_path / "picture.png"
    os.mkfifo(path)
    for ask in (pictures.reading.read, pictures.small.check, pictures.opening.look, thumbnail):
        with pytest.raises(PictureError, match="not a plain file"):
            ask(path)


def test_a_file_that_is_gone_is_told_as_such(tmp_path):
    with pytest.raises(PictureError, match="not there any more"):
        pictures.reading.read(tmp_path / "none.png")
