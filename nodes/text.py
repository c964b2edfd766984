"""Nodes that turn a prompt into what the model understands."""

from __future__ import annotations

from typing import Annotated

import diffusion
from graph.api import NodeContext, Number, Text, node
from nodes.cancelling import cancellable
from nodes.embeddings import embeddings_in, with_embeddings
from nodes.types import Clip, Conditioning


@node(
    "CLIPTextEncode",
    title="Prompt",
    category="conditioning",
    lane="device",
    aliases=("text encode", "positive"),
    fingerprint=embeddings_in("text"),
)
def encode_text(
    *,
    text: Annotated[
        str,
        Text(multiline=True, placeholder="a red cat in the snow"),
        "Say what you want to see. (words:1.3) in parentheses weigh more, (words:0.7) less",
    ] = "",
    clip: Annotated[Clip, "The text encoder of your checkpoint"],
    ctx: NodeContext,
) -> Conditioning:
    """Say in words what the picture should show.

    A workflow has two of these as a rule: one for what you want (connected to the sampler's *positive*) and one for
    what you do not want (*negative*; it may stay empty). Short and concrete works best: subject, colour, place. Use
    words that your checkpoint knows. `embedding:name` puts in what the file *name* in models/embeddings has learnt.
    """
    clip = with_embeddings(ctx, clip, text)
    with cancellable(ctx) as cancelled:
        return diffusion.text_encoding.encode(clip, text, cancelled=cancelled)


@node("CLIPSetLastLayer", title="Skip Last Text Layers", category="conditioning", aliases=("clip skip",))
def set_last_layer(
    *,
    clip: Annotated[Clip, "The text encoder to change; the original stays as it is"],
    stop_at_clip_layer: Annotated[
        int,
        Number(-24, -1, 1),
        "Where to stop reading, counted from the end: -1 uses every layer, -2 leaves out the last one",
    ] = -1,
) -> Clip:
    """Take the text encoder's answer from an earlier layer ("clip skip").

    Some checkpoints of Stable Diffusion 1 were trained that way and follow prompts better with -2; their authors say
    so. Leave it at -1 otherwise. Stable Diffusion XL and 3 stop at -2 without this node, and T5 is always read to its
    end.
    """
    return clip.with_stop_at_layer(stop_at_clip_layer)
