"""The example sets: always drawn the same, small, captioned, and nothing that is judged is learned."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.training_sets import sets, write
from tools.training_sets.striped_cat import EYE, STRIPE

ROOT = Path(__file__).resolve().parents[2]
each_set = pytest.mark.parametrize("example", sets.EXAMPLE_SETS, ids=[example.name for example in sets.EXAMPLE_SETS])


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def near(picture, colour):
    """The share of pixels of a colour."""
    return float((np.abs(picture.astype(int) - colour).max(axis=-1) < 24).mean())


@each_set
def test_what_is_committed_is_what_the_program_draws(example, tmp_path):
    write.write(example, tmp_path)
    there = ROOT / "workflows/pictures" / example.name
    assert sorted(path.name for path in there.iterdir()) == sorted(path.name for path in tmp_path.iterdir())
    for path in tmp_path.iterdir():
        if path.suffix == ".txt":
            assert path.read_text() == (there / path.name).read_text()
        else:
            assert np.array_equal(pixels(path), pixels(there / path.name)), path.name


@each_set
def test_a_set_has_twenty_small_pictures_with_captions(example):
    there = ROOT / "workflows/pictures" / example.name
    assert len(list(there.glob("*.png"))) == len(list(there.glob("*.txt"))) == 20
    assert sum(path.stat().st_size for path in there.iterdir()) < 150_000


@each_set
def test_what_is_held_out_is_not_in_the_set(example):
    assert example.held_out
    assert not {example.words(scene) for scene in example.held_out} & {example.words(scene) for scene in example.scenes}


def test_each_picture_shows_the_marks_of_the_one_cat():
    for number, scene in enumerate(sets.STRIPED_CAT.scenes, start=1):
        picture = sets.STRIPED_CAT.picture(scene, number)
        assert near(picture, STRIPE) > 0.01
        assert near(picture, EYE) > 0.002


def test_a_blueprint_is_blue_all_over():
    for number, scene in enumerate(sets.BLUEPRINT.scenes, start=1):
        red, _, blue = np.moveaxis(sets.BLUEPRINT.picture(scene, number).astype(int), -1, 0)
        assert (blue > red).all()
