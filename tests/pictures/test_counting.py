"""Counting frames: as Pillow counts them, and no further than the limit. Work is counted in reads, not in seconds."""

import io

import pytest
from PIL import Image

from pictures.counting import count_frames
from pictures.formats import MAX_FRAMES, PictureError
from pictures.opening import look
from tests.support.films import gif, tiff


class Counted(io.BytesIO):
    """A file that counts how often it is read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reads = 0

    def read(self, size=-1):
        self.reads += 1
        return super().read(size)


def counted(data: bytes, most: int) -> tuple[int, int]:
    file = Counted(data)
    with Image.open(io.BytesIO(data)) as picture:
        return count_frames(picture, file, most), file.reads


@pytest.mark.parametrize("make", [gif, tiff])
@pytest.mark.parametrize("frames", [1, 2, 7])
def test_it_counts_what_pillow_counts(make, frames):
    with Image.open(io.BytesIO(make(frames))) as picture:
        assert picture.n_frames == frames
    assert counted(make(frames), 100)[0] == frames


@pytest.mark.parametrize("make", [gif, tiff])
def test_twice_the_frames_are_twice_the_reads_and_no_more_are_counted_than_asked_for(make):
    (_, one), (_, two) = counted(make(500), 10_000), counted(make(1_000), 10_000)
    assert two <= 2 * one
    assert counted(make(5_000), 100) == counted(make(50_000), 100)
    assert counted(make(5_000), 100)[0] == 101


def test_a_chain_of_pages_that_leads_back_has_an_end():
    assert counted(tiff(5, loop=True), 100)[0] == 5


@pytest.mark.parametrize("data", [gif(3)[:20], gif(3)[:14], tiff(3)[:12], tiff(3)[:130]])
def test_what_is_cut_off_is_counted_as_far_as_it_goes(data):
    file = io.BytesIO(data)
    picture = Image.new("L", (1, 1))
    picture.format = "GIF" if data.startswith(b"GIF") else "TIFF"
    assert 1 <= count_frames(picture, file, 100) <= 3


@pytest.mark.parametrize("make", [gif, tiff])
@pytest.mark.long
def test_a_film_of_five_million_tiny_frames_is_refused_by_its_first_ten_thousand(tmp_path, make):
    path = tmp_path / "film"
    path.write_bytes(make(5_000_000 if make is gif else 200_000))
    with pytest.raises(PictureError, match=f"more than {MAX_FRAMES:,} frames"):
        look(path)
