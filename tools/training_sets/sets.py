"""Which scenes the example sets show, how they are worded, what is held out for judging, and by what one knows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.picturebook.draw import Scene, draw
from tools.training_sets.blueprint import blueness, blueprint
from tools.training_sets.striped_cat import marks, striped_cat

PLACES = {
    "meadow": "in a meadow",
    "beach": "on a beach",
    "snow": "in the snow",
    "night sky": "in the night sky",
    "plain": "on a plain background",
    "desert": "in the desert",
    "underwater": "under water",
    "sea": "on the sea",
}
COUNT = 20


@dataclass(frozen=True)
class ExampleSet:
    """A set of drawings: how a scene is drawn and worded. `held_out` are scenes that are not in it."""

    name: str
    scenes: tuple[Scene, ...]
    held_out: tuple[Scene, ...]
    picture: Callable[[Scene, int], NDArray[np.uint8]]
    words: Callable[[Scene], str]
    mark: Callable[[NDArray[np.uint8]], float]
    """The share of a picture, uint8 (height, width, 3), that has the colours of the set."""


def _cat(scene: Scene, seed: int) -> NDArray[np.uint8]:
    return draw(scene, seed, striped_cat)


def _cat_words(scene: Scene) -> str:
    return f"a striped cat {PLACES[scene.setting]}"


def _blueprint(scene: Scene, seed: int) -> NDArray[np.uint8]:
    return blueprint(draw(scene, seed))


def _blueprint_words(scene: Scene) -> str:
    article = "an" if scene.colour[0] in "aeiou" else "a"
    return f"blueprint, {article} {scene.colour} {scene.subject} {PLACES[scene.setting]}"


_SUBJECTS = ("cat", "fish", "bird", "tree", "flower", "boat", "sun", "star", "moon", "dog")
_COLOURS = ("red", "white", "green", "brown", "yellow", "grey", "orange")

STRIPED_CAT = ExampleSet(
    "striped-cat",
    tuple(Scene("cat", "orange", list(PLACES)[i % 5]) for i in range(COUNT)),
    tuple(Scene("cat", "orange", setting) for setting in ("desert", "underwater", "sea")),
    _cat,
    _cat_words,
    marks,
)
BLUEPRINT = ExampleSet(
    "blueprint",
    tuple(Scene(_SUBJECTS[i % 10], _COLOURS[i % 7], list(PLACES)[(3 * i + i // 10) % 8]) for i in range(COUNT)),
    tuple(
        Scene(subject, colour, setting)
        for subject in ("house", "car")
        for colour, setting in (("red", "snow"), ("purple", "meadow"), ("black", "beach"))
    ),
    _blueprint,
    _blueprint_words,
    blueness,
)
EXAMPLE_SETS = (STRIPED_CAT, BLUEPRINT)
