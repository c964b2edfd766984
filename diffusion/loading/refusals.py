"""Why what lies at a path is not what a loader loads, and which loader does. Free of torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.model_files.companions import goes_with
from diffusion.model_files.model_file import KINDS
from diffusion.model_files.overriding import overridden
from diffusion.model_files.recognise import recognise
from diffusion.weight_files.names import short

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from diffusion.model_files.model_file import ModelFile

LOADERS = {
    "checkpoint": "Load Checkpoint (CheckpointLoaderSimple)",
    "denoiser": "Load Diffusion Model (UNETLoader)",
    "text_encoder": "Load Text Encoder (CLIPLoader), Load Two (DualCLIPLoader) or Load Three (TripleCLIPLoader)",
    "vae": "Load VAE (VAELoader)",
}
"""Kind -> the node that loads it, by its title and id."""


def recognised(path: Path, kinds: tuple[str, ...], socket: str, override: Mapping[str, str] | None = None) -> ModelFile:
    """What lies at a path, with what a person set instead, once it is one of `kinds` and can be used; raises
    DiffusionError otherwise."""
    if not path.exists():
        raise DiffusionError(
            f"There is no file or folder {short(path)}.", remedy="Choose one of those listed.", input=socket
        )
    found = overridden(recognise(path), override or {})
    if not found.is_usable:
        raise DiffusionError(f"{short(path)} cannot be used. {found.problem}", remedy=found.remedy, input=socket)
    if found.kind not in kinds:
        raise _other_kind(path, found, kinds[0], socket)
    return found


def missing(path: Path, found: ModelFile, what: str) -> tuple[str, str]:
    """That a checkpoint has no text encoder or no VAE, and what to load instead: a message and a remedy."""
    kind = "vae" if what == "VAE" else "text_encoder"
    wanted = [need for need in goes_with(found) if need.kind == kind]
    names = " and ".join(need.names[0] for need in wanted if need.names)
    remedy = f"Load one with {LOADERS[kind]}" + (f": {names}." if names else ".")
    return f"{short(path)} holds no {what}.", remedy


def _other_kind(path: Path, found: ModelFile, wanted: str, socket: str) -> DiffusionError:
    name = KINDS[found.kind]
    if found.kind == "denoiser" and wanted == "checkpoint":
        needs = " and ".join(need.names[0] for need in goes_with(found) if need.names)
        return DiffusionError(
            f"{short(path)} holds only the denoiser of {found.name}, without text encoder and VAE.",
            remedy=f"Load it with {LOADERS['denoiser']}, and add the text encoder and the VAE: {needs}.",
            input=socket,
        )
    loader = LOADERS.get(found.kind)
    return DiffusionError(
        f"{short(path)} is a {name}; expected a {KINDS[wanted]}.",
        remedy=f"Load it with {loader}." if loader else "Choose another file.",
        input=socket,
    )
