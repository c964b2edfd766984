"""Nodes that load models from files. What a file is made of is `diffusion.loading`'s business."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import diffusion
from graph.api import FileChoice, Label, NodeContext, node
from nodes.load_reports import watched
from nodes.tokenizer_files import tokenizers_beside
from nodes.types import Clip, Model, Vae


class Checkpoint(NamedTuple):
    """The three parts of a checkpoint."""

    MODEL: Annotated[Model, "The part that paints. Connect it to a sampler"]
    CLIP: Annotated[Clip, "The part that reads your prompt. Connect it to the prompt nodes"]
    VAE: Annotated[Vae, "The part that turns latents into pictures and back. Connect it to VAE Decode"]


@node(
    "CheckpointLoaderSimple",
    title="Load Checkpoint",
    category="loaders",
    lane="device",
    fingerprint=tokenizers_beside("checkpoints", "ckpt_name"),
)
def load_checkpoint(
    *,
    ckpt_name: Annotated[
        str,
        FileChoice("checkpoints", fits=("checkpoint",)),
        Label("Checkpoint"),
        "The model file. 'picturebook' comes with Jacquard; your own files go into models/checkpoints",
    ],
    ctx: NodeContext,
) -> Checkpoint:
    """Load a checkpoint: one file or folder that holds a whole painter.

    This is where most workflows begin. The checkpoint decides what your pictures can look like: its style, what it
    knows how to draw, and which sizes it is comfortable with. `picturebook` is small, comes with Jacquard, draws simple
    scenes of 128 x 128 pixels and needs no graphics card. Files of Stable Diffusion 1, 2, XL, 3 and 3.5 and of Flux.1
    can be loaded.
    """
    path = ctx.files.path("checkpoints", ckpt_name)
    with watched(ctx) as watching:
        checkpoint = diffusion.loading.load_checkpoint(
            path,
            override=ctx.files.kinds.override(path),
            tokenizers=ctx.files.roots.get("tokenizers", ()),
            **watching,
        )
    return Checkpoint(checkpoint.model, checkpoint.clip, checkpoint.vae)


@node("DiffusersLoader", title="Load Diffusers Folder", category="advanced/loaders", lane="device")
def load_folder(
    *,
    model_path: Annotated[
        str,
        FileChoice("diffusers", fits=("checkpoint",)),
        Label("Folder"),
        "The folder with a model_index.json, from models/diffusers",
    ],
    ctx: NodeContext,
) -> Checkpoint:
    """Load a whole painter from a folder as the library diffusers writes it, with its parts in folders of their own.

    Load Checkpoint does the same for folders in models/checkpoints. Use this one for workflows that name it.
    """
    path = ctx.files.path("diffusers", model_path)
    with watched(ctx) as watching:
        checkpoint = diffusion.loading.load_checkpoint(
            path,
            override=ctx.files.kinds.override(path),
            tokenizers=ctx.files.roots.get("tokenizers", ()),
            **watching,
        )
    return Checkpoint(checkpoint.model, checkpoint.clip, checkpoint.vae)


@node("UNETLoader", title="Load Diffusion Model", category="advanced/loaders", lane="device", aliases=("unet", "flux"))
def load_denoiser(
    *,
    unet_name: Annotated[
        str,
        FileChoice("diffusion_models", fits=("denoiser",)),
        Label("Diffusion model"),
        "The file with the part that paints, from models/diffusion_models",
    ],
    weight_dtype: Annotated[
        Literal["default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2"],
        "How to hold the weights: default as they are in the file; fp8 takes half the memory of fp16, and loses detail",
    ] = "default",
    ctx: NodeContext,
) -> Model:
    """Load only the part that paints, for models that come in several files, such as Flux and Stable Diffusion 3.5.

    Load its text encoders (Load Two Text Encoders) and its VAE (Load VAE) beside it. GGUF and scaled fp8 files are
    loaded here too, and stay as small in memory as they are on the disk.
    """
    path = ctx.files.path("diffusion_models", unet_name)
    with watched(ctx) as watching:
        return diffusion.loading.load_denoiser(
            path, weights=weight_dtype, override=ctx.files.kinds.override(path), **watching
        )


@node("VAELoader", title="Load VAE", category="loaders", lane="device")
def load_vae(
    *,
    vae_name: Annotated[
        str,
        FileChoice("vae", fits=("vae",)),
        Label("VAE"),
        "The VAE file, from models/vae. It must suit the checkpoint's family",
    ],
    ctx: NodeContext,
) -> Vae:
    """Load a VAE on its own, to use instead of the one inside the checkpoint.

    You need this when a checkpoint comes without a VAE, or when its pictures look washed out and its author recommends
    another one. A VAE of another model family gives coloured noise.
    """
    path = ctx.files.path("vae", vae_name)
    with watched(ctx) as watching:
        return diffusion.loading.load_vae(path, override=ctx.files.kinds.override(path), **watching)
