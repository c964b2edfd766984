"""The drawing program: a scene and a seed in, a 128x128 picture out. The same seed gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tools.picturebook.palette import COLOURS, Rgb, Tints, tints
from tools.picturebook.scenes import SETTINGS
from tools.picturebook.shapes import SUBJECTS, Patch, Points

SIZE = 128
OVERSAMPLING = 3
OUTLINE = 0.011  # of the picture's width

_SKY = ("sun", "moon", "star")
_NATURAL_COLOURS = {
    "cat": ("black", "white", "grey", "orange"),
    "dog": ("brown", "black", "white"),
    "fish": ("orange", "blue"),
    "bird": ("blue", "red", "brown"),
    "house": ("red", "white"),
    "tree": ("green",),
    "flower": ("red", "pink", "yellow"),
    "car": ("red", "blue"),
    "boat": ("red", "white", "brown"),
    "sun": ("yellow", "orange"),
    "moon": ("yellow", "white"),
    "star": ("yellow",),
}
_NATURAL_SETTINGS = {
    "fish": ("underwater",),
    "boat": ("sea",),
    "moon": ("night sky",),
    "star": ("night sky",),
    "sun": ("meadow", "beach", "sea"),
    "tree": ("meadow",),
    "flower": ("meadow",),
    "house": ("meadow", "snow"),
}


class Scene(NamedTuple):
    """What a picture shows; each word is a key of SUBJECTS, COLOURS and SETTINGS."""

    subject: str
    colour: str
    setting: str


def is_natural_colour(scene: Scene) -> bool:
    """Say whether the subject often has that colour, so that a caption may leave it out."""
    return scene.colour in _NATURAL_COLOURS[scene.subject]


def random_scene(rng: np.random.Generator) -> Scene:
    """Choose any combination; the usual ones come up a little more often."""
    subject = str(rng.choice(list(SUBJECTS)))
    usual_colour, usual_setting = rng.random(2) < 0.18
    colours = _NATURAL_COLOURS[subject] if usual_colour else tuple(COLOURS)
    settings = _NATURAL_SETTINGS.get(subject, tuple(SETTINGS)) if usual_setting else tuple(SETTINGS)
    return Scene(subject, str(rng.choice(colours)), str(rng.choice(settings)))


Subject = Callable[[Tints, np.random.Generator], list[Patch]]


def draw(scene: Scene, seed: int, subject: Subject | None = None) -> NDArray[np.uint8]:
    """Return the picture as uint8 (128, 128, 3); `subject` is drawn in place of the one that the scene names."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (SIZE * OVERSAMPLING, SIZE * OVERSAMPLING))
    pen = ImageDraw.Draw(image)
    for patch in SETTINGS[scene.setting](rng):
        _fill(pen, patch.points, patch.colour)

    paint = tints(scene.colour)
    patches = (subject or SUBJECTS[scene.subject])(paint, rng)
    placed = _place([patch.points for patch in patches], scene.subject, rng)
    for patch, points in zip(patches, placed, strict=True):
        if patch.body:
            _fill(pen, _grown(points, OUTLINE), paint.edge)
    for patch, points in zip(patches, placed, strict=True):
        _fill(pen, points, patch.colour)
    return np.asarray(image.reduce(OVERSAMPLING))


def _place(shapes: list[Points], subject: str, rng: np.random.Generator) -> list[Points]:
    size = rng.uniform(0.29, 0.37)
    x = 0.5 + rng.uniform(-0.09, 0.09)
    y = (0.44 if subject in _SKY else 0.56) + rng.uniform(-0.06, 0.06)
    mirror = rng.choice([-1.0, 1.0])
    stretch = rng.uniform(0.94, 1.06)
    turn = rng.uniform(-0.06, 0.06)
    cos, sin = size * np.cos(turn), size * np.sin(turn)
    matrix = np.array([[mirror * cos * stretch, mirror * sin * stretch], [-sin / stretch, cos / stretch]])
    return [points @ matrix + (x, y) for points in shapes]


def _grown(points: Points, width: float) -> Points:
    """Return the polygon with every edge moved outwards; sharp corners are cut off at 1.6 widths."""
    after = np.roll(points, -1, 0) - points
    area = np.sum(points[:, 0] * np.roll(points[:, 1], -1) - np.roll(points[:, 0], -1) * points[:, 1])
    normal = np.stack([after[:, 1], -after[:, 0]], axis=1) * np.sign(area)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    corner = normal + np.roll(normal, 1, 0)
    length = np.linalg.norm(corner, axis=1, keepdims=True) + 1e-9
    return points + corner / length * width * np.minimum(2 / length, 1.6)


def _fill(pen: ImageDraw.ImageDraw, points: Points, colour: Rgb) -> None:
    pen.polygon((points * SIZE * OVERSAMPLING - 0.5).ravel().tolist(), fill=colour)
