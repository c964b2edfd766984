"""Why a loader cannot load what a file is, and what to do: the check before a run and the loader say the same. Free of
torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diffusion.model_files.companions import goes_with
from diffusion.model_files.model_file import KINDS

if TYPE_CHECKING:
    from diffusion.model_files.model_file import ModelFile

LOADERS = {
    "checkpoint": "Load Checkpoint (CheckpointLoaderSimple)",
    "denoiser": "Load Diffusion Model (UNETLoader)",
    "text_encoder": "Load Text Encoder (CLIPLoader), Load Two (DualCLIPLoader) or Load Three (TripleCLIPLoader)",
    "vae": "Load VAE (VAELoader)",
    "lora": "Load LoRA (LoraLoader)",
    "embedding": "a prompt that names it: embedding:name",
}
"""Kind -> the node that loads it, by its title and id."""
_INSIDE = {"denoiser": "denoiser", "vae": "vae", "text_encoder": ""}
"""Kind whose loader takes its part out of a checkpoint, too -> the part, which may not be in there; "" is not told."""
_T5_OF_OTHER_WIDTH = ("t5",)


@dataclass(frozen=True)
class Unfit:
    """Why a file is not loaded: sentences for persons; `expected` and `got` in a few words."""

    message: str
    expected: str
    got: str
    remedy: str


def unfit(name: str, found: ModelFile, kind: str) -> Unfit | None:
    """Why the loader of a kind (`LOADERS`) cannot load the file called `name`; None when it can."""
    expected, got = KINDS[kind], found.name or KINDS[found.kind]
    if not found.is_usable:
        return Unfit(f"{name} cannot be used. {found.problem}", expected, got, found.remedy)
    if found.kind == kind:
        return None
    if found.kind != "checkpoint" or kind not in _INSIDE:
        return _other_kind(name, found, kind)
    if kind == "text_encoder" and found.format == "folder":
        remedy = "Choose a text encoder's folder in it, or load it with Load Checkpoint."
        return Unfit(f"{name} is the folder of a whole model.", expected, got, remedy)
    part = _INSIDE[kind]
    if part and part not in found.parts and found.format != "folder":
        return Unfit(f"{name} holds no {expected}.", expected, got, "Choose a file that does.")
    return None


def only_loading_tells(found: ModelFile, kind: str) -> bool:
    """Whether a loader may load a file that is not recognised as what it loads: a text encoder of unusual width, or a
    whole part of a damaged folder."""
    if kind == "text_encoder":
        is_sound = found.kind == "unknown" and found.format in ("safetensors", "gguf")
        return is_sound or found.parts == _T5_OF_OTHER_WIDTH
    return kind == "vae" and found.kind == "checkpoint" and found.format == "folder"


def missing(name: str, found: ModelFile, what: str) -> tuple[str, str]:
    """That a checkpoint has no "text encoder" or no "VAE", and what to load instead: a message and a remedy."""
    kind = "vae" if what == "VAE" else "text_encoder"
    wanted = [need for need in goes_with(found) if need.kind == kind]
    names = " and ".join(need.names[0] for need in wanted if need.names)
    remedy = f"Load one with {LOADERS[kind]}" + (f": {names}." if names else ".")
    return f"{name} holds no {what}.", remedy


def _other_kind(name: str, found: ModelFile, wanted: str) -> Unfit:
    expected, got = KINDS[wanted], KINDS[found.kind]
    if found.kind == "denoiser" and wanted == "checkpoint":
        needs = " and ".join(need.names[0] for need in goes_with(found) if need.names)
        return Unfit(
            f"{name} holds only the denoiser of {found.name}, without text encoder and VAE.",
            expected,
            got,
            f"Load it with {LOADERS['denoiser']}, and add the text encoder and the VAE: {needs}.",
        )
    loader = LOADERS.get(found.kind)
    remedy = f"Load it with {loader}." if loader else "Choose another file."
    return Unfit(f"{name} is {_a(got)}; expected {_a(expected)}.", expected, got, remedy)


def _a(kind: str) -> str:
    """Its name with the article."""
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
