"""Nodes that write pictures: to keep (output folder) or to look at (temp folder).

Nothing is written before every picture of the batch is known to be good and is encoded. Files appear whole or not at
all, never over another file, and carry the workflow and its run.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import diffusion
import pictures
from graph.api import Artifact, NodeContext, NodeError, NumberedNames, node
from nodes import concerns, file_names, picture_metadata
from nodes.types import Image

if TYPE_CHECKING:
    from pathlib import PurePosixPath

_SMALL, _QUICK = 4, 1
"""zlib levels: for files that stay, and for previews that should be there at once."""

_numbers = NumberedNames()
_preview_prefix = f"preview_{secrets.token_hex(4)}"
"""Of this process, so that two workers never meet in the temp folder."""


@node("SaveImage", title="Save Image", category="image", lane="io", side_effect=True, aliases=("export", "png"))
def save_image(
    *,
    images: Annotated[Image, "The pictures to save; each becomes a file"],
    filename_prefix: Annotated[
        str,
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
    size = (images.shape[2], images.shape[1])
    now = datetime.now().astimezone()
    prefix = file_names.expand(filename_prefix, size=size, now=now, workflow=ctx.record.workflow())
    _write(images, "output", prefix, _SMALL, ctx)


@node("PreviewImage", title="Preview Image", category="image", lane="io", side_effect=True, aliases=("show", "view"))
def preview_image(*, images: Annotated[Image, "The pictures to look at"], ctx: NodeContext) -> None:
    """Look at pictures without keeping them.

    Connect it anywhere to see what comes out of a node. The files go into the temp folder, not among your pictures.
    """
    _refuse_unusable(images)
    concerns.values_to_save(ctx, images)
    _write(images, "temp", _preview_prefix, _QUICK, ctx)


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


def _write(images: Any, folder: str, prefix: str, compression: int, ctx: NodeContext) -> None:
    root = ctx.files.root(folder)
    record = picture_metadata.describe(ctx)
    files: list[tuple[PurePosixPath, str, bytes]] = []
    for number, image in enumerate(images):
        ctx.progress(number, 2 * len(images))
        parent, name = file_names.place(prefix.replace(file_names.BATCH_NUMBER, str(number)))
        _refuse_escape(root, parent)
        png = pictures.writing.png(diffusion.pixels.to_pil(image), compression)
        files.append((parent, name, picture_metadata.embed(png, record)))

    def write() -> None:
        for number, (parent, name, data) in enumerate(files):
            path = _numbers.write(root / parent, name, ".png", data, names_its_run=True)
            ctx.show(Artifact(folder, (parent / path.name).as_posix()))
            ctx.report(len(files) + number + 1, 2 * len(files), None)

    ctx.in_turn(write)


def _refuse_escape(root: Path, parent: PurePosixPath) -> None:
    """A symbolic link inside the output folder may lead out of it; nothing is written through one."""
    if not (root / parent).resolve().is_relative_to(root.resolve()):
        raise NodeError(
            f"the folder {str(parent)!r} leads out of the output folder",
            input="filename_prefix",
            remedy="choose another folder",
        )
