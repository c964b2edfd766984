"""The page for scripts: every block of Python on it runs, in order, with a tiny model and fewer steps."""

import re
from pathlib import Path

import pytest
import torch

import workflow
from commands.model_library.opening import open_places
from commands.scripting import ScriptSession
from tests.support.tiny_models import write_checkpoint

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/python.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
FEWER = (("steps=12", "steps=2"), ("steps=8", "steps=2"), ("(4, 8, 20)", "(1, 2, 3)"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a model of the bundled one's name."""
    home = tmp_path_factory.mktemp("home")
    write_checkpoint(home / "models" / "checkpoints" / "picturebook")
    return home


@pytest.fixture(scope="module")
def ran(home):
    """Run the whole page once; returns its names."""
    names = {}
    session = ScriptSession(home, home / "models", home / "packs", disk_cache=False)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(home)
        patched.setattr(workflow, "default_session", lambda: session)
        patched.setattr("commands.model_library.named.open_places", lambda: open_places(home, home / "models"))
        torch.manual_seed(0)
        torch.set_num_threads(1)
        for number, block in enumerate(BLOCKS):
            for whole, reduced in FEWER:
                block = block.replace(whole, reduced)
            exec(compile(block, f"block {number} of docs/python.md", "exec"), names)  # noqa: S102
    session.close()
    return names


@pytest.mark.long
def test_every_block_runs_and_leaves_what_it_says(ran, home):
    assert ran["first"].shape == ran["softer"].shape == (2, 128, 128, 3)
    assert ran["size"] == 128
    assert len(ran["paths"]) == 1
    assert ran["outcome"].status == "finished"
    assert len(ran["cats_and_fish"]) == 2
    assert ran["grid"].size == (384, 512)
    assert {"blurred.png", "cat.json", "changed.json", "samplers.png", "samplers.json"} <= {
        each.name for each in home.iterdir()
    }
    changed = workflow.Workflow.open(home / "changed.json", session=ran["session"])
    assert changed["Paint"].inputs["steps"] == 10
    assert changed["SaveImage"].inputs["images"].node.type == "ImageInvert"


@pytest.mark.network
def test_the_error_on_the_page_is_what_python_says(home, capsys):
    session = ScriptSession(home, home / "models", home / "packs", disk_cache=False)
    w = workflow.Workflow(session=session)
    _, clip, _ = w.CheckpointLoaderSimple(ckpt_name="picturebook")
    for _ in range(5):
        w.EmptyLatentImage()
    names = {"w": w, "clip": clip, "canvas": w["2"]}
    exec(next(block for block in BLOCKS if block.startswith("try:")), names)  # noqa: S102
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert capsys.readouterr().out == shown
    session.close()


def test_a_grid_takes_twenty_lines():
    (grid,) = [block for block in BLOCKS if "SAMPLERS" in block]
    assert len([line for line in grid.splitlines() if line.strip()]) <= 20


def test_the_arguments_and_pictures_that_it_names_are_there():
    import inspect

    import stable_diffusion

    arguments = re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)))
    assert sorted(arguments) == sorted(inspect.signature(stable_diffusion.create_model).parameters)
    for name in re.findall(r"\]\(([^)]+)\)", PAGE):
        assert (ROOT / "docs" / name).is_file()
    for name in re.findall(r"`((?:diffusion|graph)/[\w/]+\.py)`", PAGE):
        assert (ROOT / name).is_file()
