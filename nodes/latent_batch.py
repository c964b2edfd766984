"""Nodes that take latent batches apart and repeat them."""

from __future__ import annotations

from typing import Annotated

import diffusion
from graph.api import NodeContext, Number, node
from nodes import concerns
from nodes.types import Latent

MOST = 64
"""Latents in a batch that these nodes count to, as other tools limit it."""


@node("LatentFromBatch", title="Select Latent from Batch", category="latent/batch", aliases=("pick", "slice"))
def select_latent(
    *,
    samples: Annotated[Latent, "The batch to choose from"],
    batch_index: Annotated[int, Number(0, MOST - 1, 1), "The number of the first latent to keep; the first is 0"] = 0,
    length: Annotated[int, Number(1, MOST, 1), "How many latents to keep from there on"] = 1,
    ctx: NodeContext,
) -> Latent:
    """Take one latent, or a few in a row, out of a batch.

    A latent that is taken out keeps its place in the noise: sampling it again with the same seed gives the same
    picture as in the batch. So make four, choose one, and go on with that one alone.
    """
    concerns.selection(ctx, "latents", int(samples["samples"].shape[0]), batch_index, length, MOST)
    return diffusion.batches.select_latent(samples, batch_index, length)


@node("RepeatLatentBatch", title="Repeat Latents", category="latent/batch", aliases=("copy", "duplicate", "versions"))
def repeat_latents(
    *,
    samples: Annotated[Latent, "The latents to repeat"],
    amount: Annotated[int, Number(1, MOST, 1), "How many times the batch appears in the result"] = 1,
) -> Latent:
    """Repeat a batch of latents, for several versions of one picture.

    Encode a picture, repeat it four times and sample with a *denoise* of about 0.6: each copy gets noise of its own,
    so you get four different versions.
    """
    return diffusion.batches.repeat_latent(samples, amount)
