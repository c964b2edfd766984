"""Reading picture files, whatever their bytes: a picture or a `PictureError`, never anything else."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from nodes.picture_files import MAX_PIXELS, PictureError, read_pictures


def encoded(kind):
    buffer = io.BytesIO()
    first = Image.effect_noise((24, 24), 60).convert("P" if kind == "GIF" else "RGB")
    first.save(
        buffer, kind, save_all=kind != "JPEG", **({"append_images": [first.rotate(90)]} if kind != "JPEG" else {})
    )
    return buffer.getvalue()


SAMPLES = {kind: encoded(kind) for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF")}


@given(
    kind=st.sampled_from(sorted(SAMPLES)),
    edits=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=12),
    cut=st.one_of(st.none(), st.integers(0, 4000)),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.filterwarnings("ignore")  # Pillow warns about odd tags; what matters here is that it stays a PictureError
def test_damaged_files_are_read_or_refused(tmp_path, kind, edits, cut):
    data = bytearray(SAMPLES[kind])
    for place, value in edits:
        data[place % len(data)] = value
    path = tmp_path / "fuzzed"
    path.write_bytes(data[:cut] if cut is not None else data)
    try:
        frames = read_pictures(path)
    except PictureError:
        return
    assert {frame.mode for frame in frames} <= {"RGB", "RGBA"}
    assert len({frame.size for frame in frames}) == 1


def test_an_animation_counts_with_all_its_frames(tmp_path, monkeypatch):
    path = tmp_path / "a.gif"
    path.write_bytes(SAMPLES["GIF"])
    monkeypatch.setattr("nodes.picture_files.MAX_PIXELS_IN_ALL", 24 * 24 * 2 - 1)
    with pytest.raises(PictureError, match="2 frames"):
        read_pictures(path)


def test_a_film_of_countless_tiny_frames_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.gif"
    path.write_bytes(SAMPLES["GIF"])
    monkeypatch.setattr("nodes.picture_files.MAX_FRAMES", 1)
    with pytest.raises(PictureError, match="2 frames"):
        read_pictures(path)


def test_a_page_that_is_a_bomb_of_its_own_is_never_decoded(tmp_path):
    path = tmp_path / "a.tiff"
    small, bomb = Image.new("1", (8, 8)), Image.new("1", (9_000, 9_000))
    small.save(path, save_all=True, append_images=[bomb], compression="group4")
    assert [frame.size for frame in read_pictures(path)] == [(8, 8)]


def test_the_limit_lies_below_the_one_that_pillow_warns_at():
    assert MAX_PIXELS < Image.MAX_IMAGE_PIXELS
