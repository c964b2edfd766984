"""The node that shows the losses of a training as a curve."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import diffusion
import pictures
from graph.api import Artifact, NodeContext, NodeError, NumberedNames, Text, node, why_disk_refused
from nodes import file_names
from nodes.types import LossMap

_numbers = NumberedNames()


@node(
    "LossGraphNode", title="Plot Loss Graph", category="training", lane="io", side_effect=True, writes="temp",
    aliases=("curve", "chart", "train"),
)  # fmt: skip
def plot_loss_graph(
    *,
    loss: Annotated[LossMap, "The losses of a training"],
    filename_prefix: Annotated[
        str, Text(file_name=True, words=file_names.WORDS), "How the names of the pictures in the temp folder begin"
    ] = "loss_graph",
    ctx: NodeContext,
) -> None:
    """Look at how the loss of a training fell.

    The pale line is the loss of each step, which jumps, because each step sees other pictures and other noise; the
    dark line is smoothed. A line that has stopped falling says that more steps bring little. A line that rises says
    that the learning rate is too high.
    """
    losses = list(loss["loss"])
    steps = loss.get("steps")
    bad = sum(pictures.curve.number(value) is None for value in losses)
    if not losses:
        ctx.warn("there is no loss to show: the training made no step")
    elif bad:
        ctx.warn(f"{bad} of {len(losses)} losses are not a number: lower the learning rate, or train in fp32")
    picture = pictures.curve.drawn(losses, steps if isinstance(steps, list | tuple) else ())
    now = datetime.now().astimezone()
    parent, name = file_names.place(filename_prefix, size=picture.size, number=0, now=now, words=ctx.words)
    data = diffusion.pixels.encode(picture, "PNG")
    place = ctx.files.root("temp") / parent
    if refusal := ctx.files.refusal_to_write("temp", parent):
        raise NodeError(str(refusal), input="filename_prefix" if parent.parts else "", remedy=refusal.remedy)

    def write() -> None:
        try:
            path = _numbers.write(place, name, ".png", data)
        except OSError as error:
            remedy = "look at the disk and its rights, and run it again"
            raise NodeError(f"nothing could be saved in temp/: {why_disk_refused(error)}", remedy=remedy) from error
        ctx.show(Artifact("temp", (parent / path.name).as_posix()))

    ctx.in_turn(write)
