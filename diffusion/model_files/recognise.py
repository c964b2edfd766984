"""What a file or folder of weights is: kind, family, variant, precision, parts, or why it cannot be used.

Looks at names and shapes, and at a few notes of some bytes. Metadata and names of files are asked only for what names
and shapes cannot tell.
"""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.families.table import FAMILIES, recognise_family
from diffusion.model_files.adapters import find_adapter, find_image_encoder
from diffusion.model_files.cards import with_card
from diffusion.model_files.embeddings import find_embedding
from diffusion.model_files.folders import recognise_folder
from diffusion.model_files.hints import hinted
from diffusion.model_files.known import KNOWN, find_known
from diffusion.model_files.likenesses import Likenesses
from diffusion.model_files.loras import lora_family, lora_method
from diffusion.model_files.model_file import KINDS, USABLE_KINDS, ModelFile
from diffusion.model_files.pickles import PROBLEM, REMEDY, SUFFIXES
from diffusion.model_files.precision import precision_of, unreadable
from diffusion.model_files.prefixes import split, strip
from diffusion.model_files.shapes import logical_shapes
from diffusion.model_files.text_encoders import TOKENIZERS, USABLE_ROLES, find_text_encoder
from diffusion.model_files.upscalers import find_upscaler
from diffusion.model_files.vaes import find_vae
from diffusion.weight_files.disguises import LOOK, disguise
from diffusion.weight_files.names import shown
from diffusion.weight_files.reading import begin_header, open_plain

if TYPE_CHECKING:
    from pathlib import Path

    from diffusion.families.family import Shapes
    from diffusion.weight_files.header import Header, UnreadHeader

_PIECE = re.compile(r"-(\d{5})-of-(\d{5})\.")
_LIKENESSES = Likenesses()
_OTHER = "Use a model of another family until then."


def recognise(path: Path, likenesses: Likenesses = _LIKENESSES) -> ModelFile:
    """What lies at a path. Never raises for what is there: what is wrong is said in the answer.

    Reads the header alone, in bounded time and memory, and never waits for a pipe. What is in `likenesses` saves time,
    and changes no answer.
    """
    try:
        state = path.stat()
        if stat.S_ISDIR(state.st_mode):
            return with_card(path, told(recognise_folder(path)))
        if path.suffix.lower() in SUFFIXES:
            return _pickle(path, state.st_size)
        found = told(_by_header(path, begin_header(path), likenesses))
    except DiffusionError as error:
        return _refused(path, error.args[0], error.remedy)
    except (OSError, ValueError):
        return ModelFile("unknown", problem="There is nothing, or it may not be looked at.", remedy="Check the file.")
    if (piece := _PIECE.search(path.name)) and int(piece[2]) > 1:
        return found.refused(
            f"It is piece {int(piece[1])} of {int(piece[2])} of a model.", "Choose the folder that it lies in."
        )
    return found


def _by_header(path: Path, unread: UnreadHeader, likenesses: Likenesses) -> ModelFile:
    """What a file is by its header. Raises DiffusionError for a header that is not as it should be."""
    if known := likenesses.find(unread):
        return hinted(path, unread.metadata, lambda: unread.read().tensors, known)
    header = unread.read()
    found = _by_tensors(path, header)
    likenesses.keep(unread, header, found)
    return hinted(path, header.metadata, lambda: header.tensors, found)


def _by_tensors(path: Path, header: Header) -> ModelFile:
    shapes = logical_shapes(header)
    precision = precision_of(path, header)
    found = _by_shapes(shapes, header)
    found = replace(
        found,
        size=header.size,
        format=header.format,
        precision=precision,
        tokenizers=tuple(name for name in TOKENIZERS if name in shapes),
    )
    is_later = found.problem and found.family  # then the family is the greater hindrance
    if found.kind in USABLE_KINDS and unreadable(precision) and not is_later:
        return replace(
            found,
            problem=f"Its weights are stored as {precision}, which cannot be read here.",
            remedy="Get the same model as fp8 scaled, int8, GGUF (Q4_0 to Q8_0, K) or in 16 bits.",
        )
    return found


def _by_shapes(shapes: Shapes, header: Header) -> ModelFile:
    if not shapes:
        return ModelFile("unknown", problem="It holds no tensors.", remedy="Get the file from another place.")
    if method := lora_method(shapes):
        return _lora(ModelFile("lora", family=lora_family(shapes, header.metadata), name=method))
    parts = split(shapes)
    if "controlnet" in parts:
        return _adapter(parts["controlnet"].shapes) or _single(shapes)
    if "denoiser" in parts:
        kind = "checkpoint" if len(parts) > 1 else "denoiser"
        found = _denoiser(parts["denoiser"].shapes) or ModelFile(
            kind,
            name="model of a family that is not known",
            problem="It is a diffusion model of a family that is not known.",
            remedy=_OTHER,
        )
        return replace(found, kind=kind, parts=("denoiser", *(role for role in parts if role != "denoiser")))
    if parts:
        return _alone(parts[next(iter(parts))].shapes, tuple(parts))
    return _single(shapes)


def _lora(found: ModelFile) -> ModelFile:
    """Refused where nothing here can use its method or its family."""
    if found.name == "GLoRA":
        return found.refused("It is a GLoRA, which cannot be read here.", "Get the same as LoRA, LoHa or LoKr.")
    if found.family and found.family not in FAMILIES:
        name = next((row.name for row in KNOWN if row.id == found.family), found.family)
        return found.refused(f"It was made for {name}, which Jacquard cannot use yet.", "Keep it for later.")
    return found


def _single(shapes: Shapes) -> ModelFile:
    """A file of one part, whose names begin as they like."""
    inner = strip(shapes).shapes
    found = _adapter(shapes) or _denoiser(inner)
    if found is not None:
        return found
    if name := find_upscaler(shapes):
        return ModelFile("upscaler", name=name)
    return _alone(shapes, ())


def _adapter(shapes: Shapes) -> ModelFile | None:
    row = find_adapter(shapes)
    return None if row is None else ModelFile(row.kind, family=row.family, name=row.name)


def _denoiser(shapes: Shapes) -> ModelFile | None:
    if later := find_known(shapes):
        row, variant = later
        name = variant.name if variant else row.name
        return ModelFile(
            "denoiser",
            family=row.id,
            variant=variant.id if variant else "",
            parts=("denoiser",),
            name=name,
            licence=(variant.licence if variant else None) or row.licence,
            problem=f"{name}, which makes {row.makes}, is known, but Jacquard cannot use it yet.",
            remedy=_OTHER,
        )
    if now := recognise_family(shapes):
        family, kind = now
        return ModelFile("denoiser", family=family.id, variant=kind, parts=("denoiser",))
    return None


def _alone(shapes: Shapes, roles: tuple[str, ...]) -> ModelFile:
    """A VAE, a text encoder, or something small."""
    if vae := find_vae(shapes):
        found = ModelFile("vae", name=vae.name, parts=("vae",), serves=vae.serves)
        return found if vae.is_usable else found.refused(f"Jacquard cannot use the {vae.name} yet.", _OTHER)
    if text := find_text_encoder(shapes):
        parts = roles if len(roles) > 1 else (text.role,)
        found = ModelFile("text_encoder", name=text.name, parts=parts, serves=text.serves)
        usable = text.role in USABLE_ROLES
        return found if usable else found.refused(f"{text.name} is known, but no family uses it here yet.", _OTHER)
    if images := find_image_encoder(shapes):
        return ModelFile("clip_vision", name=images)
    if embedding := find_embedding(shapes):
        return ModelFile("embedding", family=embedding[0], parts=embedding[1], name=KINDS["embedding"])
    if set(shapes) <= set(TOKENIZERS):
        return ModelFile("tokenizer", name=KINDS["tokenizer"])
    first = next(iter(shapes))
    return ModelFile(
        "unknown",
        problem=f"Its {len(shapes):,} tensors, {shown(first)} first, are of no kind that is known.",
        remedy="Say what it is, if you know, or get the model from another place.",
    )


def _pickle(path: Path, size: int) -> ModelFile:
    with open_plain(path) as file:
        begin = file.read(LOOK)
    found = disguise(begin, size)
    if found is not None and found.kind != "pickle":
        return _refused(path, f"It holds no weights: this is {found.what}.", found.remedy)
    return ModelFile("pickle", size=size, format="pickle", name=KINDS["pickle"], problem=PROBLEM, remedy=REMEDY)


def _refused(path: Path, problem: str, remedy: str) -> ModelFile:
    try:
        size = path.stat().st_size
    except (OSError, ValueError):
        size = 0
    return ModelFile("unknown", size=size, problem=problem, remedy=remedy)


def told(found: ModelFile) -> ModelFile:
    """With the name and licence of its family, and with a reason when nothing here uses its kind yet."""
    family = FAMILIES.get(found.family)
    if family is not None and found.kind in ("checkpoint", "denoiser"):
        found = replace(
            found,
            name=family.variants.get(found.variant, family.name),
            licence=family.licence_of(found.variant),
        )
    if found.kind not in USABLE_KINDS and found.kind not in ("unknown", "pickle"):
        return found.refused(f"It is known ({KINDS[found.kind]}), but no node uses these yet.", "Keep it for later.")
    return found
