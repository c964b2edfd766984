"""What tests of nodes share: a real context on a folder of the test's own, and small pictures."""

import pytest
import torch
from PIL import Image

import nodes
from graph.api import Files, NodeContext, Registry, node
from graph.engine import Engine
from graph.node_types.context import RunRecord
from nodes.types import Conditioning

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


@pytest.fixture
def called():
    """What the nodes `Note` and `Sum` were called with, in any order."""
    return []


@pytest.fixture
def engine(files, called):
    """An engine with the built-in nodes and a few more, of which `Note` and `Sum` can be watched."""
    registry = Registry()
    nodes.add_to(registry)

    @node("Note", category="test")
    def note(number: int, add: int = 0) -> int:
        """Note a number and hand it on."""
        called.append(number)
        return number + add

    @node("Sum", category="test")
    def total(numbers: list[int]) -> int:
        """Add numbers."""
        called.append(list(numbers))
        return sum(numbers)

    @node("Text", category="test")
    def text(words: list[str]) -> str:
        """Join words."""
        return " ".join(words)

    @node("Below", category="test")
    def below(number: int, limit: int = 100) -> bool:
        """Compare numbers."""
        return number < limit

    @node("Twice", category="test")
    def twice(number: int) -> list[int]:
        """A list of two."""
        return [number, number]

    @node("Say", category="test")
    def say(number: int) -> Conditioning:
        """A prompt, which is a list itself."""
        return [[torch.full((1, 1, 1), float(number)), {}]]

    @node("Read", category="test")
    def read(prompt: Conditioning) -> int:
        """The number of a prompt that was said."""
        return sum(int(part) for part, _ in prompt)

    @node("Either", category="test")
    def either(value: int | float) -> int:
        """Take one of two."""
        return int(value)

    @node("Clock", category="test", cache=False)
    def clock(number: int) -> int:
        """Run every time."""
        return number

    for function in (clock, note, total, text, below, twice, say, read, either):
        registry.add(function.__node_type__)
    with Engine(registry, files) as engine:
        yield engine


@pytest.fixture
def run(engine):
    """Run a document and return what its node `end` gives."""

    def run(workflow):
        outcome = engine.run(workflow, ["end"])
        assert outcome.status == "finished", [str(problem) for problem in outcome.problems]
        (value,) = outcome.values["end"].values()
        return value

    return run
