"""Nodes that load a folder as a set to train on: pictures, and captions as prompts.

A set is a stream of batches of one size. As a rule it is one batch; with *buckets* there is one for each shape. What
reads the stream runs once for each batch, and a node that trains takes LATENT and CONDITIONING as lists: entry i of the
i-th conditioning belongs to picture i of the i-th batch.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import diffusion
import pictures
from graph.api import Each, Files, Items, NodeContext, NodeError, Number, Text, Toggle, node
from nodes import set_folder
from nodes.cancelling import cancellable
from nodes.set_folder import Entry, LeftOuts
from nodes.types import MAX_SIDE, Clip, Conditioning, Image

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

FEWEST = 2
"""Pictures that a set needs: of one alone a model learns that one picture."""
_NAMED = 5
"""How many pictures an error names."""

Folder = Annotated[
    str,
    "A folder inside the input folder, such as 'my cat'. Pictures of a folder in it that is called '3_best' count "
    "three times",
]
ResizeMethod = Annotated[
    Literal["None", "Stretch", "Crop", "Pad"],
    "How pictures come to one size: Crop cuts edges off, Pad adds black ones, Stretch changes proportions; None takes "
    "only pictures that have it already, and crops where they are sorted into buckets",
]
Width = Annotated[int, Number(-1, MAX_SIDE, 1), "Width in pixels; -1 is that of the first picture"]
Height = Annotated[int, Number(-1, MAX_SIDE, 1), "Height in pixels; -1 is that of the first picture"]
Buckets = Annotated[
    bool,
    Toggle(),
    "Sort pictures by shape, so that hardly anything is cut off: a batch for wide ones, one for tall ones ... Width x "
    "height is then the area that all of them have",
]
Report = Annotated[Each[str], "Which picture has which caption, size and weight, and what was left out"]


class PictureSet(NamedTuple):
    """A set of pictures."""

    IMAGE: Annotated[Each[Image], "The pictures, all as one batch; with buckets a batch for each shape"]
    report: Report


class CaptionedSet(NamedTuple):
    """A set of pictures with their captions."""

    IMAGE: Annotated[Each[Image], "The pictures, all as one batch; with buckets a batch for each shape"]
    CONDITIONING: Annotated[Each[Conditioning], "The captions as prompts, one for each picture, in the same order"]
    captions: Annotated[Each[str], "The captions as text, a line for each picture"]
    report: Report


def _fingerprint_pictures(
    files: Files, folder: str, resize_method: str, width: int, height: int, buckets: bool
) -> object:
    return set_folder.facts(files, folder)


def _fingerprint_captioned(
    files: Files, folder: str, resize_method: str, width: int, height: int, caption: str, buckets: bool
) -> object:
    return set_folder.facts(files, folder)


@node(
    "LoadImageSetFromFolderNode",
    title="Load Image Dataset from Folder",
    category="training",
    lane="io",
    aliases=("lora", "train", "directory"),
    fingerprint=_fingerprint_pictures,
)
def load_image_set(
    *,
    folder: Folder = "",
    resize_method: ResizeMethod = "None",
    width: Width = -1,
    height: Height = -1,
    buckets: Buckets = False,
    ctx: NodeContext,
) -> PictureSet:
    """Load all pictures of a folder at once, to train on them.

    Ten to thirty pictures of one thing, each with another background, are a good set. Use *Load Image and Text Dataset
    from Folder* where each picture has a caption. What cannot be used is left out and named.
    """
    left_out = LeftOuts()
    entries = _enough(set_folder.look(ctx.files, folder, left_out), folder)
    batches = _batches(entries, resize_method, (width, height), buckets, left_out, ctx)
    _enough([entry for found in batches.values() for entry, _ in found], folder)
    return _told(batches, left_out, ctx, lambda found, report: PictureSet(_tensor(found, ctx), report))


@node(
    "LoadImageTextSetFromFolderNode",
    title="Load Image and Text Dataset from Folder",
    category="training",
    lane="device",
    aliases=("lora", "train", "directory", "captions"),
    fingerprint=_fingerprint_captioned,
)
def load_image_text_set(
    *,
    folder: Folder = "",
    clip: Annotated[Clip, "The text encoder of the checkpoint that is trained"],
    resize_method: ResizeMethod = "None",
    width: Width = -1,
    height: Height = -1,
    caption: Annotated[
        str,
        Text(multiline=True, placeholder="a photo of my cat"),
        "The caption of all pictures without one of their own",
    ] = "",
    buckets: Buckets = False,
    ctx: NodeContext,
) -> CaptionedSet:
    """Load all pictures of a folder with their captions, to train on them.

    The caption of `cat.png` is the text in `cat.txt` beside it. Say in it what the model is to keep apart from the
    thing itself ("a striped cat in the snow"): what is named can be changed later by the prompt. What cannot be used is
    left out and named.
    """
    left_out = LeftOuts()
    entries = _enough(set_folder.look(ctx.files, folder, left_out), folder)
    fallback = " ".join(caption.split())
    _refuse_without_captions(entries, fallback)
    batches = _batches(entries, resize_method, (width, height), buckets, left_out, ctx)
    _enough([entry for found in batches.values() for entry, _ in found], folder)
    prompts: dict[str, Conditioning] = {}
    with cancellable(ctx) as cancelled:
        for text in dict.fromkeys(entry.caption or fallback for found in batches.values() for entry, _ in found):
            prompts[text] = diffusion.text_encoding.encode(clip, text, cancelled=cancelled)

    def row(found: list[tuple[Entry, Picture]], report: str) -> CaptionedSet:
        texts = [entry.caption or fallback for entry, _ in found for _ in range(entry.repeats)]
        conditioning = [entry for text in texts for entry in prompts[text]]
        return CaptionedSet(_tensor(found, ctx), conditioning, "\n".join(texts), report)  # type: ignore[arg-type]

    return _told(batches, left_out, ctx, row)


_Batches = dict[tuple[int, int], list[tuple[Entry, "Picture"]]]


def _enough(entries: list[Entry], folder: str) -> list[Entry]:
    if len(entries) >= FEWEST:
        return entries
    found = "no picture" if not entries else "one picture only"
    raise NodeError(
        f"input/{folder} holds {found} that can be used; training needs at least {FEWEST}",
        input="folder",
        remedy="put pictures there, ten to thirty are a good number, or correct the folder's name",
    )


def _refuse_without_captions(entries: list[Entry], fallback: str) -> None:
    bare = [entry.name for entry in entries if not entry.caption]
    if not bare or fallback:
        return
    named = ", ".join(bare[:_NAMED]) + (f" and {len(bare) - _NAMED} more" if len(bare) > _NAMED else "")
    raise NodeError(
        f"{len(bare)} of {len(entries)} pictures have no caption: {named}",
        input="caption",
        remedy=f"put a text file beside each, such as {bare[0].rpartition('.')[0]}.txt, or write one caption for all",
    )


def _batches(
    entries: list[Entry], method: str, size: tuple[int, int], buckets: bool, left_out: LeftOuts, ctx: NodeContext
) -> _Batches:
    """The pictures by size, each read and brought to it at once, so that large ones are not in memory together."""
    found: _Batches = {}
    shapes: list[tuple[int, int]] = []
    for number, entry in enumerate(entries):
        ctx.progress(number, len(entries))
        picture = _read(entry, left_out, ctx)
        if picture is None:
            continue
        if not shapes:
            size = tuple(given if given > 0 else side for given, side in zip(size, picture.size, strict=True))  # type: ignore[assignment]
            shapes = pictures.fitting.shapes(size[0] * size[1]) if buckets else [size]
        target = pictures.fitting.nearest_shape(picture.size, shapes)
        if method == "None" and not buckets and picture.size != target:
            _refuse_other_size(entry, picture.size, target)
        way: Any = "Crop" if method == "None" else method
        found.setdefault(target, []).append((entry, pictures.fitting.fitted(picture, target, way)))
    return dict(sorted(found.items()))


def _read(entry: Entry, left_out: LeftOuts, ctx: NodeContext) -> Picture | None:
    try:
        read = pictures.reading.read(Path(entry.listed.path))
    except pictures.formats.PictureError as error:
        left_out(entry.name, str(error))
        return None
    for note in read.notes:
        ctx.warn(f"{entry.name}: {note}")
    if len(read.frames) > 1:
        ctx.warn(f"{entry.name}: only the first of its {len(read.frames)} frames is used")
    return read.frames[0]


def _refuse_other_size(entry: Entry, found: tuple[int, int], expected: tuple[int, int]) -> None:
    raise NodeError(
        f"{entry.name} has {found[0]} x {found[1]} pixels; a batch has one size, here {expected[0]} x {expected[1]}",
        input="resize_method",
        remedy="choose Crop, or switch buckets on, which cuts less off",
    )


def _tensor(found: list[tuple[Entry, Picture]], ctx: NodeContext) -> Any:
    repeated = [picture for entry, picture in found for _ in range(entry.repeats)]
    width, height = repeated[0].size
    diffusion.memory.check_room(
        f"{len(repeated):,} pictures of {width:,} x {height:,} pixels",
        (len(repeated), height, width, 3),
        remedy="Choose a smaller width and height, or take fewer pictures.",
        input="folder",
    )
    ctx.check_cancelled()
    return diffusion.pixels.from_pil(repeated)[0]


def _told(batches: _Batches, left_out: LeftOuts, ctx: NodeContext, row: Any) -> Any:
    left_out.tell(ctx.warn)
    rows = [row(found, _report(size, found, left_out)) for size, found in batches.items()]
    return Items(rows, len(rows))


def _report(size: tuple[int, int], found: list[tuple[Entry, Picture]], left_out: LeftOuts) -> str:
    lines = [f"{size[0]} x {size[1]}: {len(found)} pictures"]
    for entry, _ in found:
        times = f" ({entry.repeats} times)" if entry.repeats > 1 else ""
        lines.append(f"{entry.name}{times}: {entry.caption or 'without a caption of its own'}")
    return "\n".join([*lines, *left_out.lines()])
