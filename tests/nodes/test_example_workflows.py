"""The example workflows, each painted whole on the bundled model: a picture that is what was asked for, not noise."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

import nodes
from commands.installation import find_installation
from graph.api import Registry
from graph.building.seeds import seeds_of
from graph.document import reader
from graph.engine import Engine
from nodes import picture_metadata
from nodes.tensor_values import CODECS

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / "workflows").glob("*.json"))
EXPECTED = {
    "compare-four-seeds": (4, (128, 128)),
    "every-picture-of-a-folder": (2, (128, 128)),
    "evolve-a-picture": (1, (128, 128)),
    "from-noise-to-picture": (1, (128, 128)),
    "image-to-image": (1, (128, 128)),
    "inpainting": (1, (128, 128)),
    "one-picture-many-prompts": (1, (128, 128)),
    "one-recipe-two-pictures": (2, (256, 256)),
    "text-to-image": (1, (128, 128)),
    "train-a-striped-cat": (4, (128, 128)),
    "train-a-style": (4, (128, 128)),
    "two-pass-upscale": (1, (256, 256)),
}

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(not (ROOT / "models/picturebook/model_index.json").exists(), reason="no bundled model here yet"),
]


def with_few_steps_of_training(workflow):
    """The workflow, with two steps where it trains: what hundreds teach is measured by `bench/training.py`."""
    for node_id, node in workflow.nodes.items():
        if node.type == "TrainLoraNode":
            workflow = workflow.with_input(node_id, "steps", 2)
    return workflow


class Painted:
    """Name of a workflow -> (the workflow, the paths of what it saved); each is run when it is first asked for."""

    def __init__(self, data, engine):
        self.data = data
        self.engine = engine
        self.results = {}

    def __getitem__(self, name):
        if name not in self.results:
            workflow = with_few_steps_of_training(reader.read(ROOT / "workflows" / f"{name}.json"))
            outcome = self.engine.run(workflow)
            assert outcome.status == "finished", [str(problem) for problem in outcome.problems]
            assert not outcome.warnings, name
            shown = [artifact for artifacts in outcome.artifacts.values() for artifact in artifacts]
            saved = [
                self.data / "output" / artifact.name
                for artifact in shown
                if artifact.folder == "output" and artifact.media.startswith("image/")
            ]
            self.results[name] = (workflow, saved)
        return self.results[name]


@pytest.fixture(scope="module")
def painted(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    installation = find_installation(data)
    with Engine(installation.registry, installation.files, codecs=CODECS, versions=installation.versions) as engine:
        yield Painted(data, engine)


@pytest.fixture(scope="module")
def registry():
    registry = Registry()
    nodes.add_to(registry)
    return registry


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"), dtype=np.float32) / 255


def roughness(image):
    """How much neighbours differ: 0.33 for white noise, 0.038 for a decoded latent of noise, 0.015 for the drawings."""
    return (np.abs(np.diff(image, axis=0)).mean() + np.abs(np.diff(image, axis=1)).mean()) / 2


def test_every_example_has_its_expectation():
    assert {path.stem for path in WORKFLOWS} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_paints_a_picture_that_is_neither_noise_nor_empty(painted, name):
    _, saved = painted[name]
    count, size = EXPECTED[name]
    assert len(saved) == count
    for path in saved:
        image = pixels(path)
        assert image.shape[:2] == size
        assert roughness(image) < 0.028
        assert image.std() > 0.08


@pytest.mark.parametrize(
    ("name", "channel"), [("text-to-image", 0), ("image-to-image", 0), ("two-pass-upscale", 0), ("inpainting", 2)]
)
def test_the_subject_has_the_colour_of_the_prompt(painted, name, channel):
    _, (saved,) = painted[name]
    image = pixels(saved)
    others = np.delete(image, channel, axis=-1).max(axis=-1)
    assert (image[..., channel] - others > 0.25).mean() > 0.04


@pytest.mark.parametrize("name", EXPECTED)
def test_the_picture_holds_the_workflow_that_made_it(painted, registry, name):
    workflow, saved = painted[name]
    record = picture_metadata.read(saved[0].read_bytes())
    assert reader.from_json(record["workflow"]) == workflow
    assert record["run"]["seeds"] == seeds_of(workflow, registry) != {}
    assert set(record["run"]["models"]) == {"checkpoints/picturebook"}
    assert record["run"]["versions"]["torch"]


def test_one_recipe_paints_what_each_prompt_says(painted):
    """A red flower, and a blue boat on the sea: the same sub-workflow under two prompts."""
    _, saved = painted["one-recipe-two-pictures"]
    redder = [pixels(path)[..., 0] - pixels(path)[..., 2] for path in saved]
    flower, boat = sorted(redder, key=lambda image: -image.mean())
    assert (flower > 0.4).mean() > 0.04
    assert (boat > 0.1).mean() < 0.01
    assert (boat < -0.3).mean() > 0.2


def test_four_seeds_give_four_pictures(painted):
    _, saved = painted["compare-four-seeds"]
    images = [pixels(path) for path in saved]
    distances = [np.abs(one - other).mean() for i, one in enumerate(images) for other in images[:i]]
    assert min(distances) > 0.02


def test_inpainting_leaves_the_rest_of_the_picture_alone(painted):
    _, (saved,) = painted["inpainting"]
    original = Image.open(ROOT / "workflows/pictures/meadow-with-a-hole.png")
    hole = original.getchannel("A").point(lambda alpha: 255 if alpha < 255 else 0)
    kept = np.asarray(hole.filter(ImageFilter.MaxFilter(15))) == 0  # the soft edge reaches 6 pixels over the hole's
    before, after = pixels(ROOT / "workflows/pictures/meadow-with-a-hole.png"), pixels(saved)
    assert np.array_equal(before[kept], after[kept])
    assert np.abs(before - after)[~kept].mean() > 0.05


def test_image_to_image_keeps_the_layout_of_the_sketch(painted):
    _, (saved,) = painted["image-to-image"]
    sketch, after = pixels(ROOT / "workflows/pictures/house-sketch.png"), pixels(saved)
    middle, corner = (slice(70, 95), slice(45, 85)), (slice(0, 20), slice(0, 20))
    assert (after[middle][..., 0] - after[middle][..., 2]).mean() > 0.2  # a red wall where the red blot was
    assert np.abs(after[corner].mean(axis=(0, 1)) - sketch[corner].mean(axis=(0, 1))).max() < 0.2


def test_every_picture_of_the_folder_is_painted_over(painted):
    _, saved = painted["every-picture-of-a-folder"]
    house, cat = (pixels(path) for path in saved)
    wall = (slice(70, 95), slice(45, 85))
    assert (house[wall][..., 0] - house[wall][..., 2]).mean() > 0.2  # the sketch's red wall
    assert (cat[110:, :, 1] - cat[110:, :, 2]).mean() > 0.2  # the meadow below


def test_the_loop_ends_with_the_last_line(painted):
    _, (saved,) = painted["one-picture-many-prompts"]
    red, green, blue = np.moveaxis(pixels(saved)[60:110, 40:90], -1, 0)
    yellow = np.minimum(red, green) - blue > 0.25
    assert yellow.mean() > 0.3


@pytest.mark.parametrize("name", ["train-a-striped-cat", "train-a-style"])
def test_what_was_trained_changes_the_pictures_that_are_painted_with_it(painted, name):
    """The same prompt and noise, before and after."""
    _, saved = painted[name]
    before, after = (sorted(path for path in saved if word in path.name) for word in ("before", "after"))
    assert len(before) == len(after) == 2
    for one, other in zip(before, after, strict=True):
        change = np.abs(pixels(one) - pixels(other)).mean()
        assert 0 < change < 0.1
