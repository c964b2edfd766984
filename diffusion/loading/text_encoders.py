"""Loads text encoders alone, each from a file of its own, and joins them as a family does.

Which encoder a file is shows in its tensors, so the order of files does not matter.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.layouts.plan import LAYOUT_OF_ROLE
from diffusion.loading.assembly import assemble
from diffusion.loading.devices import device_of, type_of
from diffusion.loading.files import text_part, tokenizer_of
from diffusion.loading.refusals import recognised
from diffusion.loading.reports import Reports
from diffusion.loading.sources import Source, read_file
from diffusion.model_files.prefixes import split
from diffusion.model_files.recognise import recognise
from diffusion.text_models import ROLES, check_roles, make_text_encoder
from diffusion.weight_files.component_files import refuse_pipes
from diffusion.weight_files.names import short

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import torch

    from diffusion.stored.contract import Stored
    from diffusion.text_models import TextEncoder


_MARKS = {
    "text_model.embeddings.token_embedding.weight": "clip",
    "embeddings.token_embedding.weight": "clip",
    "token_embedding.weight": "clip",
    "shared.weight": "t5",
    "encoder.embed_tokens.weight": "t5",
    "token_embd.weight": "t5",
}
"""The table of words, which every encoder has -> its layout; the width of the encoder is that of a word."""
_ROLES = {("clip", 768): "clip_l", ("clip", 1024): "clip_h", ("clip", 1280): "clip_g", ("t5", 4096): "t5xxl"}
"""Encoders of other widths are taken for the first of their kind that the style wants and nobody has given."""
_USUAL = {"clip": "clip_l", "t5": "t5xxl"}
_UNUSUAL = ("t5",)
"""What is inside a file with a T5 of such a width."""
_PREFIXES = ("", "transformer.", "text_encoder.", "text_encoders.")


def load_text_encoders(
    paths: Sequence[Path],
    style: str,
    *,
    device: str = "auto",
    dtype: torch.dtype | None = None,
    tokenizers: Sequence[Path] = (),
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> TextEncoder:
    """Loads the text encoders of files, in any order, and joins them in a style: the id of a family.

    Raises DiffusionError for files that are no text encoders, for two of the same role, for roles that are not the
    style's, and as `load_checkpoint` does; Cancelled.
    """
    where, reports = device_of(device), Reports(on_progress, cancelled)
    half = dtype or type_of(where)
    wanted = ROLES.get(style, ())
    found: dict[str, tuple[Path, Source, Mapping[str, Stored]]] = {}
    for path in map(Path, paths):
        source = _read(path)
        for role, weights in _encoders(path, source, wanted, list(found)).items():
            if role in found:
                raise DiffusionError(
                    f"{short(path)} and {short(found[role][0])} are the same encoder, {role}.",
                    remedy=f"Choose a file for each of {', '.join(wanted)}.",
                    input="clip_name",
                )
            found[role] = (path, source, weights)
    check_roles(style, list(found))
    cutters = {role: tokenizer_of(path, source, role, tokenizers) for role, (path, source, _) in found.items()}
    parts = [text_part(source, weights, role, half) for role, (_, source, weights) in found.items()]
    modules = dict(zip(found, assemble(parts, where, reports), strict=True))
    return make_text_encoder(style, {role: (module, cutters[role]) for role, module in modules.items()})


def _read(path: Path) -> Source:
    refuse_pipes(path)
    found = recognise(path)
    if found.kind != "unknown" and found.parts != _UNUSUAL:  # those may still be encoders that the style wants
        recognised(path, ("text_encoder", "checkpoint"), "clip_name")
    return read_file(path)


def _encoders(
    path: Path, source: Source, roles: Sequence[str], given: Sequence[str]
) -> dict[str, Mapping[str, Stored]]:
    """The text encoders in a file by role, without what stands in front of their tensors."""
    parts = split(source.shapes)
    inside: dict[str, Mapping[str, Stored]] = {r: source.below(parts[r].prefix) for r in roles if r in parts}
    if inside:
        return inside
    for prefix in _PREFIXES:
        weights = source.below(prefix)
        layout = next((layout for mark, layout in _MARKS.items() if mark in weights), None)
        if layout is None:
            continue
        width = next(weights[mark].shape[-1] for mark in _MARKS if mark in weights)
        fitting = [role for role in roles if LAYOUT_OF_ROLE[role] == layout]
        free = [role for role in fitting if role not in given]
        return {_ROLES.get((layout, width)) or next(iter(free or fitting), _USUAL[layout]): weights}
    recognised(path, ("text_encoder",), "clip_name")
    raise DiffusionError(
        f"{short(path)} holds no text encoder that is known.",
        remedy=f"Choose a file for each of {', '.join(roles)}.",
        input="clip_name",
    )
