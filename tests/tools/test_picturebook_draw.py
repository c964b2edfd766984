"""The drawing program: the same seed draws the same picture, and every word of a scene can be seen in it."""

import itertools

import numpy as np
import pytest

from tools.picturebook.dataset import picture, scene_of
from tools.picturebook.draw import SIZE, Scene, draw
from tools.picturebook.palette import COLOURS
from tools.picturebook.scenes import SETTINGS
from tools.picturebook.shapes import SUBJECTS


def share_of_colour(image, colour):
    return float(np.mean(np.abs(image.astype(int) - COLOURS[colour]).max(axis=2) <= 2))


def test_same_seed_gives_same_bytes():
    scene = Scene("cat", "red", "snow")
    assert draw(scene, 5).tobytes() == draw(scene, 5).tobytes()
    assert draw(scene, 5).tobytes() != draw(scene, 6).tobytes()


def test_numbered_pictures_do_not_change_from_call_to_call():
    assert scene_of(11) == scene_of(11)
    assert np.array_equal(picture(11), picture(11))


def test_a_picture_is_128_pixels_of_rgb_bytes():
    image = draw(Scene("boat", "white", "sea"), 0)
    assert image.shape == (SIZE, SIZE, 3) == (128, 128, 3)
    assert image.dtype == np.uint8


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_shows_its_colour(subject):
    for colour in COLOURS:
        assert share_of_colour(draw(Scene(subject, colour, "plain"), 1), colour) > 0.04, colour


def test_settings_differ_at_the_edges_of_the_picture():
    edges = [draw(Scene("star", "red", setting), 2)[[4, 124]].mean(axis=1).ravel() for setting in SETTINGS]
    for first, second in itertools.combinations(edges, 2):
        assert np.abs(first - second).max() > 20


def test_subjects_stay_inside_the_frame():
    for subject, seed in itertools.product(SUBJECTS, range(8)):
        image = draw(Scene(subject, "red", "plain"), seed).astype(int)
        rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
        assert np.ptp(rim, axis=0).max() == 0, (subject, seed)


def test_random_scenes_use_every_word():
    scenes = [scene_of(i) for i in range(600)]
    for column, table in enumerate((SUBJECTS, COLOURS, SETTINGS)):
        assert {scene[column] for scene in scenes} == set(table)
