"""The example workflows as documents: known nodes, real sockets, room on the canvas. They are painted elsewhere."""

from itertools import combinations
from pathlib import Path

import pytest

import nodes
from graph.api import Registry
from graph.document import reader, writer
from graph.document.workflow import Reference
from graph.node_types.sockets import can_connect
from graph.subworkflows.instance_types import type_of

WORKFLOWS = sorted((Path(__file__).parents[2] / "workflows").glob("*.json"))
WIDTH, HEIGHT = 340, 180


@pytest.fixture(scope="module")
def registry():
    registry = Registry()
    nodes.add_to(registry)
    return registry


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request):
    return reader.read(request.param)


def sheets(workflow):
    """What is laid out on a canvas of its own: the document, and each definition."""
    return [workflow.nodes, *(inner.nodes for inner in workflow.subworkflows.values())]


def test_there_are_those_that_newcomers_look_for():
    assert {path.stem for path in WORKFLOWS} >= {
        "text-to-image",
        "image-to-image",
        "inpainting",
        "two-pass-upscale",
        "compare-four-seeds",
        "one-recipe-two-pictures",
        "every-picture-of-a-folder",
        "one-picture-many-prompts",
        "from-noise-to-picture",
        "evolve-a-picture",
        "train-a-striped-cat",
        "train-a-style",
    }


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_saving_a_file_again_changes_nothing(path):
    assert writer.dump(reader.read(path)) == path.read_text(encoding="utf-8")


def test_every_input_and_every_edge_fits(workflow, registry):
    for sheet in sheets(workflow):
        for node_id, node in sheet.items():
            node_type = type_of(node.type, workflow.subworkflows, registry)
            for name, value in node.inputs.items():
                assert name in node_type.by_name, f"{node_id}.{name}"
                if isinstance(value, Reference):
                    source = type_of(sheet[value.node].type, workflow.subworkflows, registry)
                    output = source.outputs[source.output_index[value.output]]
                    assert can_connect(output.type, node_type.by_name[name].type).ok, f"{node_id}.{name}"


def test_every_input_and_output_of_a_subworkflow_leads_somewhere_and_has_a_name_for_people(workflow, registry):
    for inner in workflow.subworkflows.values():
        assert inner.title
        assert inner.description
        for item in inner.inputs:
            assert item.title
            for node_id, name in item.to:
                assert name in registry.get(inner.nodes[node_id].type).by_name
        for item in inner.outputs:
            assert item.title
            assert item.source.output in registry.get(inner.nodes[item.source.node].type).output_index


def test_it_introduces_itself_and_shows_what_to_change(workflow, registry):
    assert workflow.title
    assert len(workflow.description) > 40
    assert workflow.notes
    for shown in workflow.app["inputs"]:
        node_id, name = shown.split(".")
        assert name in type_of(workflow.nodes[node_id].type, workflow.subworkflows, registry).by_name


def test_nodes_lie_apart_and_run_from_left_to_right(workflow):
    for sheet in sheets(workflow):
        for one, other in combinations(sheet.values(), 2):
            across, down = (abs(a - b) for a, b in zip(one.position, other.position, strict=True))
            assert across >= WIDTH or down >= HEIGHT
        for node in sheet.values():
            for value in node.inputs.values():
                if isinstance(value, Reference):
                    assert sheet[value.node].position[0] <= node.position[0]


def test_it_paints_with_the_bundled_model_at_its_size(workflow):
    for sheet in sheets(workflow):
        for node in sheet.values():
            if node.type == "CheckpointLoaderSimple":
                assert node.inputs["ckpt_name"] == "picturebook"
            if node.type == "EmptyLatentImage":
                assert (node.inputs["width"], node.inputs["height"]) == (128, 128)


def test_text_to_image_has_the_ids_that_tutorials_use():
    workflow = reader.read(next(path for path in WORKFLOWS if path.stem == "text-to-image"))
    assert {node_id: node.type for node_id, node in workflow.nodes.items()} == {
        "3": "KSampler",
        "4": "CheckpointLoaderSimple",
        "5": "EmptyLatentImage",
        "6": "CLIPTextEncode",
        "7": "CLIPTextEncode",
        "8": "VAEDecode",
        "9": "SaveImage",
    }
    sampler = workflow.nodes["3"].inputs
    assert (sampler["positive"].node, sampler["negative"].node) == ("6", "7")
