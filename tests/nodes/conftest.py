"""What tests of nodes share: a real context on a folder of the test's own, and small pictures."""

import pytest
import torch
from PIL import Image

from graph.api import Files, NodeContext
from graph.context import RunRecord

torch.set_num_threads(1)


@pytest.fixture
def files(tmp_path):
    for folder in ("input", "output", "temp"):
        (tmp_path / folder).mkdir()
    return Files({folder: [tmp_path / folder] for folder in ("input", "output", "temp")})


@pytest.fixture
def ctx(files):
    workflow = {
        "jacquard": 1,
        "nodes": {
            "3": {"type": "KSampler", "inputs": {"seed": 77, "model": {"from": ["4", "MODEL"]}}},
            "6": {"type": "CLIPTextEncode", "title": "What to paint", "inputs": {"text": "a red cat: 2/3?"}},
        },
    }
    details = {"seeds": {"3.seed": 77}, "models": {"checkpoints/picturebook": "ab" * 32}, "versions": {"jacquard": "1"}}
    return NodeContext(files, RunRecord("run-1", lambda: workflow, lambda: details))


@pytest.fixture
def put(files):
    """Save a Pillow picture into the input folder; returns its name."""

    def put(name, picture, **options):
        picture.save(files.root("input") / name, **options)
        return name

    return put


@pytest.fixture
def colours():
    """A picture of four pixels: red, green, blue, white."""
    picture = Image.new("RGB", (2, 2))
    picture.putdata([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)])
    return picture
