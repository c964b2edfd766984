"""Nodes that take picture batches apart and put them together."""

from __future__ import annotations

from typing import Annotated

import diffusion
from graph.api import Each, NodeContext, NodeError, Number, node
from nodes import concerns
from nodes.types import Image

MOST = 4096
"""Pictures in a batch, as other tools limit it."""


@node(
    "ImageFromBatch",
    title="Select from Batch",
    category="image/batch",
    aliases=("SelectFromBatch", "pick", "slice", "one image"),
)
def select_from_batch(
    *,
    image: Annotated[Image, "The batch to choose from"],
    batch_index: Annotated[int, Number(0, MOST - 1, 1), "The number of the first picture to keep; the first is 0"] = 0,
    length: Annotated[int, Number(1, MOST, 1), "How many pictures to keep from there on"] = 1,
    ctx: NodeContext,
) -> Image:
    """Take one picture, or a few in a row, out of a batch.

    Make four pictures at once, look at them, and send only the best one on to be enlarged. A number beyond the end
    gives the last picture.
    """
    concerns.selection(ctx, "pictures", int(image.shape[0]), batch_index, length, MOST)
    return diffusion.batches.select(image, batch_index, length)


@node("RepeatImageBatch", title="Repeat Images", category="image/batch", aliases=("copy", "duplicate"))
def repeat_images(
    *,
    image: Annotated[Image, "The pictures to repeat"],
    amount: Annotated[int, Number(1, MOST, 1), "How many times the batch appears in the result"] = 1,
) -> Image:
    """Repeat a batch of pictures, one time after the other.

    With an *amount* of 3, a batch of two pictures becomes a batch of six. For one picture that is to be made in
    several versions, encode it and use Repeat Latents, which gives each copy noise of its own.
    """
    return diffusion.batches.repeat(image, amount)


@node("RebatchImages", title="Rebatch Images", category="image/batch", aliases=("split", "chunk", "group"))
def rebatch_images(
    *,
    images: Annotated[list[Image], "Pictures from a stream, a list, or one large batch"],
    batch_size: Annotated[int, Number(1, MOST, 1), "How many pictures each of the new batches holds at most"] = 1,
) -> Annotated[Each[Image], "The new batches, one after the other"]:
    """Cut pictures into batches of one size; the nodes after it run once for each batch.

    Larger batches are faster and need more memory. Pictures of different sizes cannot share a batch, so a new size
    begins a new batch.
    """
    return diffusion.batches.rebatch(images, batch_size)


@node("BatchToList", title="Batch to List", category="image/batch", aliases=("split", "unbatch", "each image"))
def batch_to_list(
    *, image: Annotated[Image, "The batch to take apart"]
) -> Annotated[Each[Image], "The pictures, one after the other"]:
    """Take a batch apart: the nodes after it run once for each picture.

    Use it for what shall be done picture by picture, such as saving each under a name of its own, or when a batch is
    too large for the memory. List to Batch puts the pictures together again.
    """
    return diffusion.batches.singles(image)


@node("ListToBatch", title="List to Batch", category="image/batch", aliases=("join", "collect", "merge", "stack"))
def list_to_batch(*, images: Annotated[list[Image], "All pictures of a stream or a list; they need one size"]) -> Image:
    """Put all pictures of a stream together into one batch.

    It waits for the last picture. All need the same size: put Resize Image before it where they differ.
    """
    if not images:
        raise NodeError("there are no pictures to put together", input="images", remedy="connect at least one picture")
    return diffusion.batches.join(images)
