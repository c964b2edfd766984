"""Values of scripts as nodes receive them."""

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from graph.api import ANY, Input, NodeError
from nodes.python_values import own_copy, to_value
from nodes.types import CONDITIONING, IMAGE, LATENT, MASK

PICTURE, PICTURES = Input("image", IMAGE), Input("images", IMAGE, collects=True)
MASKED, PAINTED, SAID = Input("mask", MASK), Input("latent", LATENT), Input("positive", CONDITIONING)


def red(mode="RGB"):
    return Pillow.new(mode, (4, 2), "red")


def is_plain(tensor, given=None):
    return (
        type(tensor) is torch.Tensor
        and tensor.device.type == "cpu"
        and tensor.is_contiguous()
        and not tensor.requires_grad
        and not tensor.is_inference()
    )


@pytest.mark.parametrize(
    "value",
    [
        red(),
        red("P"),
        np.asarray(red()),
        np.asarray(red())[None],
        np.asarray(red()) / 255,
        np.asarray(red(), dtype=np.float32)[:, ::-1] / 255,
        torch.from_numpy(np.asarray(red()).copy()),
        torch.tensor(np.asarray(red()) / 255, requires_grad=True),
    ],
    ids=["Pillow", "palette", "bytes", "batch", "doubles", "strided", "tensor", "gradient"],
)
def test_a_picture_becomes_floats_of_a_batch(value):
    found = to_value(PICTURE, value)
    assert found.shape == (1, 2, 4, 3)
    assert found.dtype == torch.float32
    assert torch.equal(found[0, 0, 0], torch.tensor([1.0, 0.0, 0.0]))
    assert is_plain(found)


def test_transparency_and_grey_are_kept():
    assert to_value(PICTURE, red("RGBA")).shape == (1, 2, 4, 4)
    assert to_value(PICTURE, np.zeros((2, 4))).shape == (1, 2, 4, 1)
    assert to_value(PICTURE, Pillow.new("L", (4, 2))).shape == (1, 2, 4, 3)


def test_white_of_a_mask_is_masked():
    white = Pillow.new("L", (4, 2), 255)
    assert torch.equal(to_value(MASKED, white), torch.ones(1, 2, 4))
    assert to_value(MASKED, np.zeros((2, 4), dtype=bool)).shape == (1, 2, 4)
    assert torch.equal(to_value(MASKED, np.ones((2, 4), dtype=bool)), torch.ones(1, 2, 4))
    assert to_value(MASKED, torch.zeros(3, 2, 4)).shape == (3, 2, 4)


def test_a_latent_is_a_tensor_or_a_dict_with_one():
    samples = torch.zeros(1, 4, 8, 8, dtype=torch.float64)
    assert to_value(PAINTED, samples)["samples"].dtype == torch.float32
    given = {"samples": samples.float(), "batch_index": [0]}
    found = to_value(PAINTED, given)
    assert found["batch_index"] == [0]
    assert is_plain(found["samples"])
    given["samples"].add_(1)
    assert found["samples"].max() == 0


def test_what_is_changed_later_does_not_count():
    array, tensor = np.zeros((2, 4, 3), dtype=np.float32), torch.zeros(1, 2, 4, 3)
    found = [to_value(PICTURE, array), to_value(PICTURE, tensor)]
    array[:], tensor[:] = 1, 1
    assert [float(each.max()) for each in found] == [0, 0]


def test_lists_are_pictures_where_an_input_collects():
    found = to_value(PICTURES, [red(), np.zeros((3, 3, 3), dtype=np.uint8)])
    assert [each.shape for each in found] == [(1, 2, 4, 3), (1, 3, 3, 3)]
    assert to_value(PICTURES, red()).shape == (1, 2, 4, 3)


@pytest.mark.parametrize(
    "value", [np.full((2, 2, 3), 7.0), torch.full((2, 2, 3), -0.5), torch.full((1, 2, 2, 3), np.nan)]
)
def test_values_outside_of_0_to_1_are_refused(value):
    with pytest.raises(NodeError, match="from 0 to 1, and these from"):
        to_value(PICTURE, value)


def test_everything_else_stays_as_it_is():
    model = object()
    assert to_value(Input("model", ANY), model) is model
    assert to_value(PICTURE, "name") == "name"
    said = [[torch.zeros(1, 2, 3), {}]]
    assert to_value(SAID, said) is said


def test_a_copy_for_a_script_shares_no_array_and_every_model():
    model, tensor = object(), torch.ones(2)
    with torch.inference_mode():
        kept = {"samples": tensor + 0}
    copied = own_copy(([kept, np.ones(2)], model, "text"))
    assert copied[1] is model
    assert copied[2] == "text"
    copied[0][0]["samples"].zero_()
    copied[0][1][:] = 0
    assert kept["samples"].tolist() == [1, 1]
    assert not copied[0][0]["samples"].is_inference()
