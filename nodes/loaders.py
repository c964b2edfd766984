"""Nodes that load models from files. What a checkpoint is made of is `diffusion.loading`'s business."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import diffusion
from graph.api import FileChoice, Label, NodeContext, node
from nodes.types import Clip, Model, Vae


class Checkpoint(NamedTuple):
    """The three parts of a checkpoint."""

    MODEL: Annotated[Model, "The part that paints. Connect it to a sampler"]
    CLIP: Annotated[Clip, "The part that reads your prompt. Connect it to the prompt nodes"]
    VAE: Annotated[Vae, "The part that turns latents into pictures and back. Connect it to VAE Decode"]


@node("CheckpointLoaderSimple", title="Load Checkpoint", category="loaders", lane="device")
def load_checkpoint(
    *,
    ckpt_name: Annotated[
        str,
        FileChoice("checkpoints"),
        Label("Checkpoint"),
        "The model file. 'picturebook' comes with Jacquard; your own files go into models/checkpoints",
    ],
    ctx: NodeContext,
) -> Checkpoint:
    """Load a checkpoint: one file or folder that holds a whole painter.

    This is where most workflows begin. The checkpoint decides what your pictures can look like: its style, what it
    knows how to draw, and which sizes it is comfortable with. `picturebook` is small, comes with Jacquard, draws simple
    scenes of 128 x 128 pixels and needs no graphics card.
    """
    checkpoint = diffusion.loading.load_checkpoint(ctx.files.path("checkpoints", ckpt_name))
    return Checkpoint(checkpoint.model, checkpoint.clip, checkpoint.vae)


@node("VAELoader", title="Load VAE", category="loaders", lane="device")
def load_vae(
    *,
    vae_name: Annotated[
        str, FileChoice("vae"), Label("VAE"), "The VAE file, from models/vae. It must suit the checkpoint's family"
    ],
    ctx: NodeContext,
) -> Vae:
    """Load a VAE on its own, to use instead of the one inside the checkpoint.

    You need this when a checkpoint comes without a VAE, or when its pictures look washed out and its author recommends
    another one. A VAE of another model family gives coloured noise.
    """
    return diffusion.loading.load_vae(ctx.files.path("vae", vae_name))
