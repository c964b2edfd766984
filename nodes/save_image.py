"""Nodes that write pictures: to keep (output folder) or to look at (temp folder).

Nothing is written before every picture of the batch is known to be good and is encoded. Files appear whole or not at
all, never over another file, and carry the workflow and its run.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Any

import diffusion
import pictures
from graph.api import Artifact, Files, NodeContext, NodeError, NumberedNames, Text, node, why_disk_refused
from nodes import concerns, file_names, picture_metadata
from nodes.types import Image

_SMALL, _QUICK = 4, 1
"""zlib levels: for files that stay, and for previews that should be there at once."""

_numbers = NumberedNames()
_preview_prefix = f"preview_{secrets.token_hex(4)}"
"""Of this process, so that two workers never meet in the temp folder."""


@node(
    "SaveImage", title="Save Image", category="image", lane="io", side_effect=True, writes="output",
    aliases=("export", "png"),
)  # fmt: skip
def save_image(
    *,
    images: Annotated[Image, "The pictures to save; each becomes a file"],
    filename_prefix: Annotated[
        str,
        Text(file_name=True, words=file_names.WORDS),
        "How file names begin. 'cats/red' saves into the folder cats; %date:yyyy-MM-dd%, %width%, %batch_num% or "
        "%KSampler.seed% are filled in",
    ] = "Jacquard",
    ctx: NodeContext,
) -> None:
    """Save pictures as PNG files in the output folder.

    Files are numbered and never overwritten. Each holds the workflow that made it, with seed, versions and models:
    drop it on the editor to get the workflow back.
    """
    _refuse_unusable(images)
    concerns.values_to_save(ctx, images)
    if warning := file_names.warning(filename_prefix, ctx.words):
        ctx.warn(warning)
    size = (images.shape[2], images.shape[1])
    now = datetime.now().astimezone()
    places = [
        file_names.place(filename_prefix, size=size, number=number, now=now, words=ctx.words)
        for number in range(len(images))
    ]
    _write(images, "output", places, _SMALL, ctx)


@node(
    "PreviewImage", title="Preview Image", category="image", lane="io", side_effect=True, writes="temp",
    aliases=("show", "view"),
)  # fmt: skip
def preview_image(*, images: Annotated[Image, "The pictures to look at"], ctx: NodeContext) -> None:
    """Look at pictures without keeping them.

    Connect it anywhere to see what comes out of a node. The files go into the temp folder, not among your pictures.
    """
    _refuse_unusable(images)
    concerns.values_to_save(ctx, images)
    _write(images, "temp", [(PurePosixPath(), _preview_prefix)] * len(images), _QUICK, ctx)


def _refuse_unusable(images: Any) -> None:
    if 0 in images.shape:
        raise NodeError(
            f"there is nothing to save: the pictures have the shape {tuple(images.shape)}",
            input="images",
            remedy="check the sizes in the nodes before this one",
        )
    if not images.isfinite().all():
        raise NodeError(
            "the pictures hold values that are no numbers (NaN or infinite)",
            input="images",
            remedy="check the model and the VAE: they may not belong together, or overflow at this precision",
        )


def _write(
    images: Any, folder: str, places: list[tuple[PurePosixPath, str]], compression: int, ctx: NodeContext
) -> None:
    root = ctx.files.root(folder)
    record = picture_metadata.describe(ctx)
    files: list[tuple[PurePosixPath, str, bytes]] = []
    for parent in {parent for parent, _ in places}:
        _refuse_place(ctx.files, folder, parent)
    for number, (image, (parent, name)) in enumerate(zip(images, places, strict=True)):
        ctx.progress(number, 2 * len(images))
        png = pictures.writing.png(diffusion.pixels.to_pil(image), compression)
        files.append((parent, name, picture_metadata.embed(png, record)))

    def write() -> None:
        for number, (parent, name, data) in enumerate(files):
            try:
                path = _numbers.write(root / parent, name, ".png", data, names_its_run=True)
            except OSError as error:
                where, cause = (PurePosixPath(folder) / parent).as_posix(), why_disk_refused(error)
                remedy = "look at the disk and its rights, and run it again"
                raise NodeError(f"nothing could be saved in {where}/: {cause}", remedy=remedy) from error
            ctx.show(Artifact(folder, (parent / path.name).as_posix()))
            ctx.report(len(files) + number + 1, 2 * len(files), None)

    ctx.in_turn(write)


def _refuse_place(files: Files, folder: str, parent: PurePosixPath) -> None:
    """What was not known before the run, or is no more so: a folder that cannot be written, or that leads elsewhere."""
    refusal = files.refusal_to_write(folder, parent)
    if refusal is not None:
        raise NodeError(str(refusal), input="filename_prefix" if parent.parts else "", remedy=refusal.remedy)
