"""The example workflows as documents: known nodes, real sockets, room on the canvas. They are painted elsewhere."""

from itertools import combinations
from pathlib import Path

import pytest

import nodes
from graph import workflow_reader, workflow_writer
from graph.api import Registry
from graph.sockets import can_connect
from graph.workflow import Reference

WORKFLOWS = sorted((Path(__file__).parents[2] / "workflows").glob("*.json"))
WIDTH, HEIGHT = 340, 180


@pytest.fixture(scope="module")
def registry():
    registry = Registry()
    nodes.add_to(registry)
    return registry


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request):
    return workflow_reader.read(request.param)


def test_there_are_the_five_that_newcomers_look_for():
    names = {path.stem for path in WORKFLOWS}
    assert names == {"text-to-image", "image-to-image", "inpainting", "two-pass-upscale", "compare-four-seeds"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_saving_a_file_again_changes_nothing(path):
    assert workflow_writer.dump(workflow_reader.read(path)) == path.read_text(encoding="utf-8")


def test_every_input_and_every_edge_fits(workflow, registry):
    for node_id, node in workflow.nodes.items():
        node_type = registry.get(node.type)
        for name, value in node.inputs.items():
            assert name in node_type.by_name, f"{node_id}.{name}"
            if isinstance(value, Reference):
                source = registry.get(workflow.nodes[value.node].type)
                output = source.outputs[source.output_index[value.output]]
                assert can_connect(output.type, node_type.by_name[name].type).ok, f"{node_id}.{name}"


def test_it_introduces_itself_and_shows_what_to_change(workflow, registry):
    assert workflow.title
    assert len(workflow.description) > 40
    assert workflow.notes
    for shown in workflow.app["inputs"]:
        node_id, name = shown.split(".")
        assert name in registry.get(workflow.nodes[node_id].type).by_name


def test_nodes_lie_apart_and_run_from_left_to_right(workflow):
    for one, other in combinations(workflow.nodes.values(), 2):
        across, down = (abs(a - b) for a, b in zip(one.position, other.position, strict=True))
        assert across >= WIDTH or down >= HEIGHT
    for node in workflow.nodes.values():
        for value in node.inputs.values():
            if isinstance(value, Reference):
                assert workflow.nodes[value.node].position[0] <= node.position[0]


def test_it_paints_with_the_bundled_model_at_its_size(workflow):
    for node in workflow.nodes.values():
        if node.type == "CheckpointLoaderSimple":
            assert node.inputs["ckpt_name"] == "picturebook"
        if node.type == "EmptyLatentImage":
            assert (node.inputs["width"], node.inputs["height"]) == (128, 128)


def test_text_to_image_has_the_ids_that_tutorials_use():
    workflow = workflow_reader.read(next(path for path in WORKFLOWS if path.stem == "text-to-image"))
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
