"""What the files of loaders give, as far as their headers tell: of which family a model is, in which style a prompt is
read, how many channels the latents of a VAE have, and which part is not in the file at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diffusion.errors import DiffusionError
from diffusion.families.table import FAMILIES
from diffusion.model_files.loadable import missing
from diffusion.model_files.model_file import ModelFile
from diffusion.text_types import ROLES, check_roles, style_of

Told = Callable[[str, str], ModelFile | None]
"""Gives what the file of a folder kind and name is; None where that is not known."""


@dataclass(frozen=True)
class Part:
    """A part that a loader gives, and what is made of it. `name` are its files, for persons; `family` the id of the
    family that it belongs to, "" where any will do; `channels` those of its latents, 0 where they are not known.
    `absent` is the message and the remedy when the file has no such part."""

    name: str
    family: str = ""
    channels: int = 0
    absent: tuple[str, str] | None = None


@dataclass(frozen=True)
class Refused:
    """Why a loader cannot load its files together, at its input `socket`."""

    socket: str
    message: str
    expected: str
    got: str
    remedy: str


_ROLES = {role for roles in ROLES.values() for role in roles}
Parts = dict[str, Part]
"""Output of a loader -> what it gives."""


def checkpoint(literals: Mapping[str, Any], told: Told, folder: str, socket: str) -> Parts:
    """Returns what a loader of whole models gives."""
    name = literals.get(socket)
    found = told(folder, name) if isinstance(name, str) else None
    family = FAMILIES.get(found.family) if found is not None else None
    if found is None or family is None or found.kind != "checkpoint" or not found.is_usable:
        return {}
    shown = repr(name)
    if found.format == "folder":  # its settings decide about the channels
        return dict.fromkeys(("MODEL", "CLIP", "VAE"), Part(shown, family.id))
    whole = Part(shown, family.id, family.latent_format.channels)
    parts = {"MODEL": whole, "CLIP": whole, "VAE": whole}
    texts = [part.role for part in family.text if part.role in found.parts]
    if not texts or (family.id != "sd3" and len(texts) < len(family.text)):
        parts["CLIP"] = Part(shown, absent=missing(shown, found, "text encoder"))
    if "vae" not in found.parts:
        parts["VAE"] = Part(shown, absent=missing(shown, found, "VAE"))
    return parts


def denoiser(literals: Mapping[str, Any], told: Told, folder: str, socket: str) -> Parts:
    """Returns what a loader of denoisers gives."""
    name = literals.get(socket)
    found = told(folder, name) if isinstance(name, str) else None
    family = FAMILIES.get(found.family) if found is not None else None
    if found is None or family is None or not found.is_usable:
        return {}
    channels = 0 if found.format == "folder" else family.latent_format.channels
    return {"MODEL": Part(repr(name), family.id, channels)}


def vae(literals: Mapping[str, Any], told: Told, folder: str, socket: str) -> Parts:
    """Returns what a loader of VAEs gives."""
    name = literals.get(socket)
    found = told(folder, name) if isinstance(name, str) else None
    if found is None or not found.is_usable or found.format == "folder":
        return {}
    families = found.serves if found.kind == "vae" else (found.family,)
    channels = {FAMILIES[family].latent_format.channels for family in families if family in FAMILIES}
    return {"VAE": Part(repr(name), channels=channels.pop())} if len(channels) == 1 else {}


def text_encoders(literals: Mapping[str, Any], told: Told, folder: str, sockets: Sequence[str]) -> Parts | Refused:
    """Returns what a loader of text encoders gives, or why it cannot join its files."""
    kind, names = literals.get("type", "sd3"), [literals.get(socket) for socket in sockets]
    if not isinstance(kind, str) or not all(isinstance(name, str) for name in names):
        return {}
    files = [told(folder, str(name)) for name in names]
    inside = [sorted(set(found.parts) & _ROLES) if found is not None and found.is_usable else () for found in files]
    roles = [role for some in inside for role in some]
    try:
        style = style_of(kind, roles)
        if all(len(some) == 1 for some in inside):  # of a file with several only those of the style are read
            check_roles(style, roles)
    except DiffusionError as error:
        expected = "the type that belongs to the files and to the model that paints"
        got = f"{kind} with {' and '.join(roles) or 'these files'}"
        return Refused("type" if "type" in literals else sockets[0], error.args[0], expected, got, error.remedy)
    if not all(inside) and kind == "stable_diffusion":
        return {}
    shown = " and ".join(map(repr, names))
    return {"CLIP": Part(f"{shown} (type {kind})" if "type" in literals else shown, style)}
