"""What a built-in node depends on is in its key: with everything around it changed it is not reused, or gives the same.

Shadow mode works out again what is remembered, in every node of the catalogue at once (`tests.support.surroundings`).
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import nodes
from graph.node_types.registry import Registry
from tests.support.surroundings import CASES

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]
NOT_COMPARED = {"SaveImage", "PreviewImage", "CheckpointLoaderSimple", "VAELoader", "CLIPSetLastLayer"}
"""They give nothing that could be compared: pictures on the disk, and models. What reads the models is compared."""
NOT_WITH_THIS_MODEL = {
    "BasicGuider", "BasicScheduler", "CFGGuider", "CLIPLoader", "CLIPTextEncodeFlux", "CLIPTextEncodeSD3",
    "CLIPTextEncodeSDXL", "CLIPTextEncodeSDXLRefiner", "DiffusersLoader", "DisableNoise", "DualCLIPLoader",
    "InpaintModelConditioning", "InstructPixToPixConditioning", "KSamplerSelect", "LoraLoader", "LoraLoaderModelOnly",
    "LoraModelLoader", "LossGraphNode", "ModelSamplingAuraFlow", "ModelSamplingContinuousEDM", "ModelSamplingDiscrete",
    "ModelSamplingFlux", "ModelSamplingSD3", "RandomNoise", "ReferenceLatent", "SDTurboScheduler", "SamplerCustom",
    "SamplerCustomAdvanced", "SaveLoRANode", "SplitSigmas", "TrainLoraNode", "TrainModel", "TripleCLIPLoader",
    "UNETLoader",
}  # fmt: skip
"""They load or ask for models of other families, or give what only a sampler takes; `test_loaders`,
`test_family_nodes`, `test_custom_sampling`, `test_loras`, `test_training` and `test_loss_graph` try them."""
FROM_FILES = {
    "LoadImage", "LoadImageMask", "LoadImagesFromFolder", "LoadImageSetFromFolderNode",
    "LoadImageTextSetFromFolderNode", "CheckpointLoaderSimple", "VAELoader",
}  # fmt: skip


def paint(path, colour):
    """A picture without compression, and beside it another one of the same size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for name, shift in ((path.name, 0), (f".{path.name}.other", 90)):
        picture = Image.new("RGB", (64, 64))
        picture.putdata(
            [((x + shift) % 256, (3 * y + colour) % 256, x * y % 256) for y in range(64) for x in range(64)]
        )
        picture.save(path.with_name(name), format="PNG", compress_level=0)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A data folder with pictures and a model of its own, that was run in once."""
    folder = tmp_path_factory.mktemp("house")
    for number, name in enumerate(["a.png", "m.png", "album/1.png", "album/2.png"]):
        paint(folder / "input" / name, 50 * number)
    for place, source in (("checkpoints", ""), ("vae", "vae")):
        shutil.copytree(ROOT / "models" / "picturebook" / source, folder / "models" / place / "painter")
    return folder


def run(folder, part, **environment):
    answer = subprocess.run(
        [sys.executable, "-m", "tests.support.surroundings", str(folder), part],
        cwd=environment.pop("cwd", ROOT), capture_output=True, text=True, timeout=115,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "2", **environment},
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    return [json.loads(line) for line in answer.stdout.splitlines()]


@pytest.fixture(scope="module")
def first(house):
    """The runs of the first process: all that is new, and other surroundings."""
    return run(house, "process", PYTHONHASHSEED="1")


def checked(found):
    return {node for node, code in found["reasons"].items() if code == "checked"}


def comparable():
    """The nodes whose results can be compared; of a stream what collects it."""
    registry = Registry()
    nodes.add_to(registry)
    return {f"all of {name}" if registry.get(name).streams else name for name in set(CASES) - NOT_COMPARED}


def assert_well(found):
    assert (found["status"], found["problems"]) == ("finished", [])


def test_every_node_of_the_catalogue_has_a_case():
    registry = Registry()
    nodes.add_to(registry)
    assert set(CASES) | NOT_WITH_THIS_MODEL == {node_type.id for node_type in registry}
    assert not set(CASES) & NOT_WITH_THIS_MODEL


@pytest.mark.model
def test_other_random_numbers_another_clock_and_another_folder_change_nothing(first):
    plain, again = first
    assert_well(plain)
    assert {*plain["reasons"], *plain["reused"]} >= set(CASES)
    assert_well(again)
    assert comparable() - checked(again) == set(), "not worked out again"


@pytest.fixture(scope="module")
def second(house, first, tmp_path_factory):
    """The runs of another process on what the first has stored; in its second one values lie otherwise in memory."""
    home = tmp_path_factory.mktemp("home")
    surroundings = {"PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kolkata", "HOME": str(home)}
    return run(house, "restart", cwd=home, LANG="C", **surroundings)


@pytest.mark.model
def test_another_process_with_other_hashes_language_and_time_zone_changes_nothing(second):
    found, _ = second
    assert_well(found)
    assert comparable() - checked(found) == set(), "not worked out again"


@pytest.mark.model
def test_how_values_lie_in_memory_changes_nothing(second):
    """Marks do not tell it, and a convolution gives other last bits for another layout."""
    _, found = second
    assert_well(found)
    assert comparable() - checked(found) == set(), "not worked out again"


@pytest.mark.model
def test_other_files_of_the_same_names_sizes_and_times_are_noticed(house, second):
    """The last test here: the files are others from now on."""
    plain, again = run(house, "files")
    assert_well(plain)
    assert_well(again)
    assert {again["reasons"][name] for name in FROM_FILES} == {"changed"}
    assert len(again["pictures"]) == len(plain["pictures"]) + 1, "what was saved is of the new ones"
