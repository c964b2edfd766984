"""The picture and mask nodes: that each does what its help says. The arithmetic is tested in tests/diffusion."""

import pytest
import torch

from graph.api import Files, NodeContext, NodeError
from graph.node_types.context import RunRecord
from nodes.image_filter import blur_image, invert_image, sharpen_image
from nodes.image_mix import batch_images, blend_images, composite_images
from nodes.image_size import crop_image, pad_for_outpaint, scale_image, scale_image_by
from nodes.mask import grow_mask, image_to_mask, invert_mask, mask_to_image

CTX = NodeContext(Files(), RunRecord("run"))
IMAGE = torch.rand(2, 12, 16, 3, generator=torch.Generator().manual_seed(5))
MASK = IMAGE[..., 0].round()

EVERY_CALL = {
    "resize": lambda: scale_image(image=IMAGE, width=8, height=8, crop="center"),
    "resize by": lambda: scale_image_by(image=IMAGE, upscale_method="lanczos", scale_by=2.0),
    "crop": lambda: crop_image(image=IMAGE, width=4, height=4, x=2, y=2, ctx=CTX),
    "pad": lambda: pad_for_outpaint(image=IMAGE, left=8, feathering=4, ctx=CTX).IMAGE,
    "invert": lambda: invert_image(image=IMAGE),
    "blur": lambda: blur_image(image=IMAGE, blur_radius=2),
    "sharpen": lambda: sharpen_image(image=IMAGE),
    "blend": lambda: blend_images(image1=IMAGE, image2=IMAGE, blend_mode="overlay", ctx=CTX),
    "paste": lambda: composite_images(destination=IMAGE, source=IMAGE, x=3, y=3, mask=MASK, ctx=CTX),
    "batch": lambda: batch_images(image1=IMAGE, image2=IMAGE),
    "invert mask": lambda: invert_mask(mask=MASK),
    "grow mask": lambda: grow_mask(mask=MASK, expand=2),
    "mask to image": lambda: mask_to_image(mask=MASK),
    "image to mask": lambda: image_to_mask(image=IMAGE, channel="green"),
}


@pytest.mark.parametrize("name", EVERY_CALL)
def test_inputs_stay_as_they_were_and_results_are_in_range(name):
    image, mask = IMAGE.clone(), MASK.clone()
    result = EVERY_CALL[name]()
    assert torch.equal(IMAGE, image)
    assert torch.equal(MASK, mask)
    assert result.dtype == torch.float32
    assert result.min() >= 0
    assert result.max() <= 1
    assert torch.equal(EVERY_CALL[name](), result)


def test_resizing_with_one_side_keeps_the_proportions():
    assert scale_image(image=IMAGE, width=32, height=0).shape == (2, 24, 32, 3)
    assert scale_image_by(image=IMAGE, scale_by=0.5).shape == (2, 6, 8, 3)


@pytest.mark.parametrize(
    "call",
    [
        lambda: scale_image(image=torch.rand(1, 1, 4000, 3), width=0, height=16000),
        lambda: scale_image_by(image=torch.rand(1, 3000, 4, 3), scale_by=8.0),
        lambda: pad_for_outpaint(image=torch.rand(1, 8, 8, 3), left=16384, right=16384, ctx=CTX),
    ],
)
def test_a_result_that_would_fill_the_memory_is_refused(call):
    with pytest.raises(NodeError, match="limit is 16384"):
        call()


def test_padding_gives_the_mask_of_what_is_new():
    padded = pad_for_outpaint(image=IMAGE, right=8, feathering=0, ctx=CTX)
    assert padded.MASK.shape == (1, 12, 24)
    assert padded.MASK[0, 0].tolist() == [0] * 16 + [1] * 8


def test_pasting_through_the_inpainting_mask_brings_back_the_rest():
    painted = torch.zeros_like(IMAGE)
    result = composite_images(destination=IMAGE, source=painted, mask=MASK, ctx=CTX)
    assert torch.equal(result[MASK == 0], IMAGE[MASK == 0])
    assert result[MASK == 1].sum() == 0


def test_a_mask_survives_being_a_picture():
    assert torch.equal(image_to_mask(image=mask_to_image(mask=MASK), channel="red"), MASK)


def test_the_difference_of_a_picture_to_itself_is_black():
    assert blend_images(image1=IMAGE, image2=IMAGE, blend_factor=1.0, blend_mode="difference", ctx=CTX).sum() == 0
