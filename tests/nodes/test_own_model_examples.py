"""The examples for model files of one's own: they begin with what their families know, and paint with such files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import nodes
from diffusion.families.table import FAMILIES
from diffusion.model_files.companions import goes_with
from diffusion.model_files.model_file import ModelFile
from graph.api import Files, Registry
from graph.document import reader
from graph.document.workflow import Workflow
from graph.engine import Engine
from nodes.tensor_values import CODECS
from tests.support import tiny_files

PLACE = Path(__file__).parents[2] / "workflows" / "own-models"
EXAMPLES = {path.stem: path for path in sorted(PLACE.glob("*.json"))}
FAMILY = {"sd15": "sd1", "sdxl": "sdxl", "sd35": "sd3", "flux": "flux", "flux-in-parts": "flux"}
FOLDERS = {"checkpoint": "checkpoints", "denoiser": "diffusion_models", "text_encoder": "text_encoders", "vae": "vae"}


@pytest.fixture(scope="module")
def registry() -> Registry:
    made = Registry()
    nodes.add_to(made)
    return made


def filled(workflow: Workflow, name: str = "{role}.safetensors") -> Workflow:
    """The example with a file for each input that needs one, called by what it is."""
    for place, wanted in workflow.models.items():
        node, _, socket = place.rpartition(".")
        workflow = workflow.with_input(node, socket, name.format(role=wanted.get("role") or wanted["kind"]))
    return workflow


def test_there_is_an_example_for_each_way_in_which_people_have_these_models() -> None:
    assert EXAMPLES.keys() == FAMILY.keys()


@pytest.mark.parametrize("name", FAMILY)
def test_an_example_begins_with_what_its_family_knows(name: str) -> None:
    workflow, native = reader.read(EXAMPLES[name]), FAMILIES[FAMILY[name]].native
    found: dict[str, Any] = {
        socket: value
        for node in workflow.nodes.values()
        for socket, value in node.inputs.items()
        if socket in ("width", "height", "steps", "cfg")
    }
    wanted = {"width": native.width, "height": native.height, "steps": native.steps, "cfg": native.cfg}
    assert found == wanted


@pytest.mark.parametrize("name", FAMILY)
def test_what_it_needs_is_a_whole_model_of_usable_parts_and_each_is_named_by_what_it_is_usually_called(
    name: str, registry: Registry, tmp_path: Path
) -> None:
    workflow = reader.read(EXAMPLES[name])
    wanted = list(workflow.models.values())
    assert {what["family"] for what in wanted} == {FAMILY[name]}
    assert all(what["such_as"] for what in wanted)
    for what in wanted:
        assert {variant for variant in what.get("variants", []) if variant} <= FAMILIES[what["family"]].variants.keys()
    if not any(what["kind"] == "checkpoint" for what in wanted):
        needs = {need.role: need for need in goes_with(ModelFile("denoiser", FAMILY[name], parts=("denoiser",)))}
        assert {what.get("role", what["kind"]) for what in wanted} == {*needs, "denoiser"}
    files = Files({folder: [tmp_path / folder] for folder in (*FOLDERS.values(), "output")})
    for what in wanted:
        path = tmp_path / FOLDERS[what["kind"]] / f"{what.get('role') or what['kind']}.safetensors"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    with Engine(registry, files, codecs=CODECS) as engine:
        assert engine.check(filled(workflow)).targets == ("9",)


@pytest.mark.long
@pytest.mark.network
@pytest.mark.parametrize("name", FAMILY)
def test_an_example_paints_with_files_of_its_family(name: str, registry: Registry, tmp_path: Path) -> None:
    family = FAMILY[name]
    painter = tiny_files.painter(family, **({"guidance": True} if family == "flux" else {}))
    workflow = filled(reader.read(EXAMPLES[name]))
    for what in workflow.models.values():
        role = what.get("role") or what["kind"]
        path = tmp_path / FOLDERS[what["kind"]] / f"{role}.safetensors"
        path.parent.mkdir(exist_ok=True)
        if what["kind"] == "checkpoint":
            tiny_files.all_in_one(path, painter)
        else:
            tiny_files.split_file(path, painter, role)
    for node, small in (("5", {"width": 64, "height": 64}), ("3", {"steps": 1})):
        for socket, value in small.items():
            workflow = workflow.with_input(node, socket, value)
    roots = {folder: [tmp_path / folder] for folder in FOLDERS.values()}
    files = Files({**roots, "output": [tmp_path / "output"]})
    with Engine(registry, files, codecs=CODECS) as engine:
        outcome = engine.run(replace(workflow, title=""))
    assert outcome.status == "finished", [str(problem) for problem in outcome.problems]
    assert len(list((tmp_path / "output").glob("*.png"))) == 1
