"""Nodes that take batches apart and put them together, in the engine; tests/diffusion has what they compute."""

import pytest
import torch

from graph.api import NodeError
from nodes.batch import list_to_batch
from tests.support.documents import document


@pytest.fixture
def three(put):
    """A batch of three pictures, from a file with three frames."""
    from PIL import Image

    frames = [Image.new("RGB", (2, 2), colour) for colour in ("red", "lime", "blue")]
    put("three.png", frames[0], save_all=True, append_images=frames[1:])
    return ("LoadImage", {"image": "three.png"})


def test_a_batch_is_taken_apart_and_put_together(run, three):
    whole = run(document(end=("Reroute", {"value": "@b.IMAGE"}), b=three))
    assert whole.shape[0] == 3
    workflow = document(
        b=three,
        each=("BatchToList", {"image": "@b.IMAGE"}),
        invert=("ImageInvert", {"image": "@each.IMAGE"}),
        end=("ListToBatch", {"images": "@invert.IMAGE"}),
    )
    assert torch.equal(run(workflow), 1 - whole)


def test_pictures_are_cut_into_new_batches(run, three):
    workflow = document(
        b=three,
        again=("RepeatImageBatch", {"image": "@b.IMAGE", "amount": 2}),
        cut=("RebatchImages", {"images": "@again.IMAGE", "batch_size": 4}),
        size=("ImageFromBatch", {"image": "@cut.IMAGE", "batch_index": 9}),
        end=("ListToBatch", {"images": "@size.IMAGE"}),
    )
    assert run(workflow)[:, 0, 0].tolist() == [[1, 0, 0], [0, 0, 1]]


def test_of_nothing_there_is_no_batch():
    with pytest.raises(NodeError, match="no pictures"):
        list_to_batch(images=[])


def test_pictures_of_different_sizes_are_refused_with_the_node_that_helps(engine, put, three):
    from PIL import Image

    put("large.png", Image.new("RGB", (4, 4)))
    workflow = document(
        a=three,
        b=("LoadImage", {"image": "large.png"}),
        all=("JoinLists", {"list0": "@a.IMAGE", "list1": "@b.IMAGE"}),
        end=("ListToBatch", {"images": "@all.output"}),
    )
    (problem,) = engine.run(workflow, ["end"]).problems
    assert (problem.node, problem.socket) == ("end", "images")
    assert "4 x 4" in problem.message
    assert "ImageScale" in problem.remedy
