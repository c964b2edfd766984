"""Nodes that load text encoders on their own, one to three files."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import diffusion
from graph.api import Choice, FileChoice, Label, NodeContext, node
from nodes.load_reports import watched
from nodes.tokenizer_files import tokenizers_beside
from nodes.types import Clip

_File = FileChoice("text_encoders", fits=("text_encoder",))
_Device = Annotated[
    Literal["default", "cpu"],
    Label("Device", advanced=True),
    "Where it works: cpu leaves the memory of the graphics card to the rest, and takes longer",
]
_TYPE_TOOLTIP = "The family of the model that paints; it decides how prompts are read"


@node(
    "CLIPLoader",
    title="Load Text Encoder",
    category="advanced/loaders",
    lane="device",
    aliases=("clip",),
    fingerprint=tokenizers_beside("text_encoders", "clip_name"),
)
def load_one(
    *,
    clip_name: Annotated[str, _File, Label("Text encoder"), "The file, from models/text_encoders"],
    type: Annotated[str, Choice(diffusion.choices.TEXT_TYPES_OF_ONE), _TYPE_TOOLTIP] = "stable_diffusion",  # noqa: A002
    device: _Device = "default",
    ctx: NodeContext,
) -> Clip:
    """Load one text encoder: the part that reads your prompt.

    For checkpoints without one inside. Stable Diffusion 1 and 2 and the refiner of SDXL have one text encoder each;
    Stable Diffusion 3 can do with one of its three. For Flux and SDXL use Load Two Text Encoders.
    """
    return _load(ctx, {"clip_name": clip_name}, type, device)


@node(
    "DualCLIPLoader",
    title="Load Two Text Encoders",
    category="advanced/loaders",
    lane="device",
    aliases=("clip",),
    fingerprint=tokenizers_beside("text_encoders", "clip_name1", "clip_name2"),
)
def load_two(
    *,
    clip_name1: Annotated[str, _File, Label("Text encoder 1"), "One of the files, such as t5xxl; in any order"],
    clip_name2: Annotated[str, _File, Label("Text encoder 2"), "The other file, such as clip_l"],
    type: Annotated[str, Choice(diffusion.choices.TEXT_TYPES_OF_TWO), _TYPE_TOOLTIP] = "sdxl",  # noqa: A002
    device: _Device = "default",
    ctx: NodeContext,
) -> Clip:
    """Load the two text encoders of a family that reads prompts twice.

    Flux wants clip_l and t5xxl, SDXL clip_l and clip_g; Stable Diffusion 3 can do with two of its three. T5 also needs
    its tokenizer: most files hold it, and if yours does not, the message says where to put it.
    """
    return _load(ctx, {"clip_name1": clip_name1, "clip_name2": clip_name2}, type, device)


@node(
    "TripleCLIPLoader",
    title="Load Three Text Encoders",
    category="advanced/loaders",
    lane="device",
    aliases=("clip",),
    fingerprint=tokenizers_beside("text_encoders", "clip_name1", "clip_name2", "clip_name3"),
)
def load_three(
    *,
    clip_name1: Annotated[str, _File, Label("Text encoder 1"), "One of the files, such as clip_l; in any order"],
    clip_name2: Annotated[str, _File, Label("Text encoder 2"), "Another one, such as clip_g"],
    clip_name3: Annotated[str, _File, Label("Text encoder 3"), "The third one, such as t5xxl"],
    ctx: NodeContext,
) -> Clip:
    """Load the three text encoders of Stable Diffusion 3 and 3.5: clip_l, clip_g and t5xxl.

    Without t5xxl the model still works and needs much less memory; load the other two with Load Two Text Encoders then.
    """
    return _load(ctx, {"clip_name1": clip_name1, "clip_name2": clip_name2, "clip_name3": clip_name3}, "sd3", "default")


def _load(ctx: NodeContext, names: dict[str, str], kind: str, device: str) -> Any:
    paths = {socket: ctx.files.path("text_encoders", name) for socket, name in names.items()}
    where = "auto" if device == "default" else device
    try:
        style = diffusion.text_types.style_of(kind, diffusion.text_types.roles_in(paths.values()))
        with watched(ctx) as watching:
            return diffusion.loading.load_text_encoders(
                list(paths.values()),
                style,
                device=where,
                override=ctx.files.kinds.override,
                tokenizers=ctx.files.roots.get("tokenizers", ()),
                **watching,
            )
    except diffusion.errors.DiffusionError as error:
        if error.input == "clip_name":  # the loader's word for the file that its message names
            error.input = next((socket for socket, path in paths.items() if path.name in str(error)), next(iter(paths)))
        raise
