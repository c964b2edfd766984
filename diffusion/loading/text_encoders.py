"""Loads text encoders alone, each from a file or a component's folder, and joins them as a family does.

Which encoder a file is shows in its tensors, so the order of files does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffusion.errors import DiffusionError
from diffusion.layouts.plan import LAYOUT_OF_ROLE
from diffusion.loading.assembly import assemble
from diffusion.loading.devices import device_of, type_of
from diffusion.loading.files import text_part, tokenizer_of
from diffusion.loading.folders import component
from diffusion.loading.refusals import recognised
from diffusion.loading.reports import Reports
from diffusion.loading.sources import Source, read_file
from diffusion.model_files.loadable import only_loading_tells
from diffusion.model_files.overriding import overridden
from diffusion.model_files.prefixes import split
from diffusion.model_files.recognise import recognise
from diffusion.text_models import make_text_encoder
from diffusion.text_types import ROLES, check_roles
from diffusion.tokenizers.finding import folder_tokenizer, tokenizers_of_folder
from diffusion.weight_files.component_files import refuse_pipes
from diffusion.weight_files.names import short

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import torch

    from diffusion.loading.assembly import Part
    from diffusion.loading.folders import Component
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
_PREFIXES = ("", "transformer.", "text_encoder.", "text_encoders.")


def load_text_encoders(
    paths: Sequence[Path],
    style: str,
    *,
    device: str = "auto",
    dtype: torch.dtype | None = None,
    override: Callable[[Path], Mapping[str, str]] | None = None,
    tokenizers: Sequence[Path] = (),
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    on_notice: Callable[[str], None] | None = None,
) -> TextEncoder:
    """Loads the text encoders of files, in any order, and joins them in a style: the id of a family.

    `override` tells what a person set against what a file looks like; the rest is as of `load_checkpoint`.
    Raises DiffusionError for files that are no text encoders, for two of the same role, for roles that are not the
    style's, and as `load_checkpoint` does; Cancelled.
    """
    where, reports = device_of(device), Reports(on_progress, cancelled, on_notice)
    half = dtype or type_of(where)
    wanted = ROLES.get(style, ())
    found: dict[str, _Encoder] = {}
    for path in map(Path, paths):
        said = override(path) if override is not None else {}
        for role, encoder in _read(path, wanted, list(found), said).items():
            if role in found:
                raise DiffusionError(
                    f"{short(path)} and {short(found[role].source.path)} are the same encoder, {role}.",
                    remedy=f"Choose a file for each of {', '.join(wanted)}.",
                    input="clip_name",
                )
            found[role] = encoder
    check_roles(style, list(found))
    cutters = {role: _tokenizer(encoder, role, tokenizers) for role, encoder in found.items()}
    parts = [_part(encoder, role, half) for role, encoder in found.items()]
    modules = dict(zip(found, assemble(parts, where, reports), strict=True))
    return make_text_encoder(style, {role: (module, cutters[role]) for role, module in modules.items()})


@dataclass(frozen=True)
class _Encoder:
    """One text encoder: its weights without what stands in front of their names, and, of a folder, its plan."""

    source: Source
    weights: Mapping[str, Stored]
    component: Component | None = None


def _part(encoder: _Encoder, role: str, dtype: torch.dtype) -> Part:
    if encoder.component is not None:
        return encoder.component.part(dtype)
    return text_part(encoder.source, encoder.weights, role, dtype)


def _tokenizer(encoder: _Encoder, role: str, folders: Sequence[Path]) -> Any:
    path = encoder.source.path
    if encoder.component is not None and role == "t5xxl" and (beside := tokenizers_of_folder(path)):
        return folder_tokenizer(role, beside[0].parent)
    return tokenizer_of(path, encoder.source, role, folders)


def _read(path: Path, roles: Sequence[str], given: Sequence[str], override: Mapping[str, str]) -> dict[str, _Encoder]:
    """The text encoders at a path by role."""
    refuse_pipes(path)
    looks = recognise(path)
    found = overridden(looks, override)
    if not only_loading_tells(found, "text_encoder"):
        found = recognised(path, "text_encoder", "clip_name", override)
    if found.format != "folder":
        source = read_file(path)
        return {role: _Encoder(source, weights) for role, weights in _encoders(path, source, roles, given).items()}
    whole = component(path, "transformers", looks.name)
    inside = _encoders(path, whole.source, roles, given)
    return {role: _Encoder(whole.source, weights, whole) for role, weights in inside.items()}


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
    recognised(path, "text_encoder", "clip_name")
    raise DiffusionError(
        f"{short(path)} holds no text encoder that is known.",
        remedy=f"Choose a file for each of {', '.join(roles)}.",
        input="clip_name",
    )
