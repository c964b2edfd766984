"""Which tensors of a file nobody reads when it is loaded, told without loading it. Free of torch.

Takes longer than recognising: it is for one file that somebody asks about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.families.table import FAMILIES
from diffusion.layouts.leftovers import beside
from diffusion.layouts.plan import LAYOUT_OF_ROLE, plan
from diffusion.model_files.prefixes import MARKS, split, strip
from diffusion.stored.spellings import entries
from diffusion.weight_files.reading import read_header

if TYPE_CHECKING:
    from pathlib import Path

    from diffusion.families.family import Shapes
    from diffusion.weight_files.header import TensorInfo


def unread(path: Path, kind: str, family: str) -> list[str]:
    """The names of the tensors in a file of a kind ("checkpoint", "denoiser", "vae") and a family that nobody reads and
    nobody expects. Empty for other kinds, for folders, and for what cannot be read."""
    try:
        if kind not in ("checkpoint", "denoiser", "vae") or path.is_dir():
            return []
        header = read_header(path)

        def content(info: TensorInfo) -> bytes:
            with path.open("rb") as file:
                file.seek(info.start)
                return file.read(info.end - info.start)

        shapes = {name: entry.shape for name, entry in entries(header, content).items()}
        return _unread(shapes, kind, family)
    except (DiffusionError, OSError, KeyError):
        return []


def _unread(shapes: Shapes, kind: str, family: str) -> list[str]:
    """Raises DiffusionError for tensors that are not those of the kind, KeyError for an unknown family."""
    parts = {role: part.prefix for role, part in split(shapes).items()}
    if kind == "checkpoint":
        roles = {"denoiser", "vae", *(part.role for part in FAMILIES[family].text)}
        used = {role: prefix for role, prefix in parts.items() if role in roles}
    else:
        used = {kind: parts.get(kind) if kind in parts else strip(shapes).prefix if kind == "denoiser" else ""}
    found: list[str] = []
    for role, prefix in used.items():
        start = prefix or ""
        inside = {name[len(start) :]: shape for name, shape in shapes.items() if name.startswith(start)}
        layout, style = FAMILIES[family].layout if role == "denoiser" else LAYOUT_OF_ROLE[role], role
        if role == "denoiser":
            inside, style = {name: shape for name, shape in inside.items() if name not in MARKS}, family
        found += [start + name for name in plan(layout, inside, style).leftover]
    return found + beside(shapes, [prefix or "" for prefix in used.values()])
